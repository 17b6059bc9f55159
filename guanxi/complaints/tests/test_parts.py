"""The file and the remedies for programs, and what waits on the desk."""

import pytest

from guanxi.complaints import queries
from guanxi.complaints.tests.factories import Way, register

pytestmark = pytest.mark.django_db


def test_programs_read_the_file_and_the_remedies_page_by_page(office, callers, monkeypatch):
    way = Way(office, register(office))
    way.to("executing")
    caller, path = callers("complaint"), f"complaints/{way.complaint.pk}/"
    monkeypatch.setattr(queries, "PAGE", 2)
    first = caller.get(f"{path}entries/").json()
    assert [each["kind"] for each in first["results"]] == ["told", "records"]
    assert first["results"][1]["by"] == {
        "id": office.users["complaint"].pk, "label": "Person complaint",
    }  # fmt: skip
    last = caller.get(first["next"].partition("/api/v1/")[2]).json()
    assert ([each["text"] for each in last["results"]], last["next"]) == (["已告知客户"], None)
    remedies = caller.get(f"{path}remedies/").json()["results"]
    assert [(each["kind"], each["amount_minor"], each["done_at"]) for each in remedies] == [
        ("refund", 300_000, None)
    ]
    for part in ("entries/", "remedies/"):
        assert callers("sales").get(path + part).status_code == 404
        assert callers("quality").get(path + part).status_code == 404
        assert caller.get(f"{path}{part}?after=x").status_code == 400


def test_what_one_handles_waits_on_the_desk(office, enter):
    way = Way(office, register(office))
    way.to("investigating")
    assert way.complaint.number in enter("complaint").get("/").content.decode()
    assert way.complaint.number not in enter("sales").get("/").content.decode()
    [(found, due)] = queries.list_handled(office.actor("complaint"), 8)
    assert (found.pk, due is not None) == (way.complaint.pk, True)
    way.to("closed")
    assert queries.list_handled(office.actor("complaint"), 8) == []
