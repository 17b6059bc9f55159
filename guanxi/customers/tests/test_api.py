"""Files and the timeline over the API (CUS-10, COM-1, A10, B12, B15)."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from guanxi.kernel.files import stored_path
from guanxi.kernel.models import AccessEntry, Event, StoredFile

TEXT = "合同正文：甲方乙方\n".encode()


def upload(caller, customer, *, name="合同.txt", content=TEXT, once="", **parts):
    """Send a file to a customer."""
    given = {"customer": customer, "year": "2026", "kind": "contract", **parts}
    given = {key: value for key, value in given.items() if value is not None}
    if content is not None:
        given["file"] = SimpleUploadedFile(name, content)
    body = encode_multipart(BOUNDARY, given)
    return caller.post("attachments/", body, content_type=MULTIPART_CONTENT, once=once)


def test_a_file_goes_in_and_comes_out_as_it_was(callers):
    caller, customer = callers("sales"), callers.company.belongings["sales"].customer.pk
    made = upload(caller, customer, title="年度合同", paper_location="柜 3")
    assert made.status_code == 201, made.content
    found = made.json()
    assert (found["title"], found["year"], found["kind"]) == ("年度合同", 2026, "contract")
    assert caller.get(made["Location"]).json() == found
    event = Event.objects.latest("id")
    assert (event.subject_id, event.channel, event.customer_id) == (found["id"], "api", customer)

    taken = caller.get(f"attachments/{found['id']}/download/")
    assert b"".join(taken.streaming_content) == TEXT
    assert taken["Content-Disposition"].startswith("attachment;")
    assert taken["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in taken["Content-Security-Policy"]
    entry = AccessEntry.objects.get(action="download")
    assert (entry.actor_label, entry.channel) == ("Person sales", "api")


def test_a_file_sent_twice_under_a_key_is_stored_once(callers):
    caller, customer = callers("sales"), callers.company.belongings["sales"].customer.pk
    before = StoredFile.objects.count()
    first, again = (upload(caller, customer, once="file-1") for _ in range(2))
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert StoredFile.objects.count() == before + 1
    other = upload(caller, customer, content=TEXT + b"x", once="file-1")
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"content": None}, "file"),
        ({"content": b""}, "file"),
        ({"name": "x.exe", "content": b"MZ" + b"\0" * 100}, "file"),
        ({"name": "x.pdf"}, "file"),
        ({"year": "26"}, "year"),
        ({"year": None}, "year"),
        ({"kind": "secret"}, "kind"),
        ({"customer": "x"}, "customer"),
        ({"owner": "1"}, "owner"),
    ],
)
def test_a_file_that_cannot_be_filed_leaves_nothing(callers, change, field):
    customer = callers.company.belongings["sales"].customer.pk
    before = StoredFile.objects.count()
    refused = upload(callers("sales"), **{"customer": customer, **change})
    assert refused.status_code == 400, refused.content
    assert field in {error["field"] for error in refused.json()["errors"]}
    assert StoredFile.objects.count() == before


def test_files_of_others_are_not_there(callers):
    company, stranger = callers.company, callers("stranger")
    customer = company.belongings["sales"].customer.pk
    made = upload(callers("sales"), customer).json()
    stored = StoredFile.objects.latest("created_at")
    assert stored_path(stored.pk).exists()
    missing = "0f8fad5b-d9cb-469f-a165-70867728950e"
    for pk in (made["id"], missing):
        assert stranger.get(f"attachments/{pk}/download/").status_code == 404
        assert stranger.get(f"attachments/{pk}/").status_code == 404
    store = stored_path(stored.pk).parents[2]
    before = set(store.glob("*/*/*"))
    assert upload(stranger, customer).status_code == 404
    assert set(store.glob("*/*/*")) == before
    assert callers("quality").get(f"attachments/{made['id']}/").status_code == 200
    assert callers("quality").get(f"attachments/{made['id']}/download/").status_code == 403


def test_technical_files_need_that_level(callers):
    company = callers.company
    customer = company.belongings["senior_agent"].customer.pk
    made = upload(callers("administrator"), customer, kind="technical").json()
    agent = callers("senior_agent")
    assert agent.get(f"attachments/{made['id']}/").status_code == 404
    assert agent.get(f"attachments/{made['id']}/download/").status_code == 404
    told = agent.get(f"customers/{customer}/timeline/").content.decode()
    assert made["id"] not in told


def test_the_timeline_tells_everything_newest_first(callers):
    caller, company = callers("sales"), callers.company
    customer = company.belongings["sales"].customer
    path = f"customers/{customer.pk}/"
    assert caller.patch(path, {"focus": "price"}, 1).status_code == 200
    talk = {"customer": customer.pk, "content": "来电询价"}
    assert caller.post("interactions/", talk).status_code == 201
    assert upload(caller, customer.pk).status_code == 201
    told = caller.get(f"{path}timeline/").json()["results"]
    assert [entry["subject"]["type"] for entry in told[:3]] == [
        "attachments",
        "interactions",
        "customers",
    ]
    assert told[2]["changes"][0]["new"] == "price"
    changes = caller.get(f"{path}timeline/?show=changes").json()["results"]
    assert {entry["subject"]["type"] for entry in changes} == {"customers"}
    files = caller.get(f"{path}timeline/?show=files&since=2020-01-01").json()["results"]
    assert len(files) == 1
    assert caller.get(f"{path}timeline/?until=2020-01-01").json()["results"] == []


def test_the_timeline_pages_without_loss(callers):
    caller = callers("sales")
    customer = callers.company.belongings["sales"].customer.pk
    for number in range(45):
        body = {"customer": customer, "content": f"talk {number}"}
        assert caller.post("interactions/", body).status_code == 201
    seen, url = [], f"customers/{customer}/timeline/"
    while url:
        page = caller.get(url).json()
        seen += [entry["id"] for entry in page["results"]]
        url = page["next"]
    assert len(seen) == len(set(seen)) == Event.objects.filter(customer_id=customer).count()
    assert seen == sorted(seen, reverse=True)


def test_odd_timelines_are_refused(callers):
    caller = callers("sales")
    customer = callers.company.belongings["sales"].customer.pk
    for query in (
        *("show=all", "since=yesterday", "until=2026-13-01", "x=1", "before=1", "before=a@b"),
        *("before=1@2026-01-01", "before=1@2026-01-01T00:00:00", "show=files&show=orders"),
    ):
        assert caller.get(f"customers/{customer}/timeline/?{query}").status_code == 400, query
    foreign = callers.company.of("sales", "foreign").customer.pk
    assert caller.get(f"customers/{foreign}/timeline/").status_code == 404


def test_the_timeline_hides_what_the_reader_may_not_see(callers):
    company = callers.company
    customer = company.belongings["senior_agent"].customer
    writer = callers("administrator")
    path = f"customers/{customer.pk}/"
    changed = {"phone": "13900001234", "notes": "canary-notes", "focus": "price"}
    assert writer.patch(path, changed, 1).status_code == 200
    paid = {"customer": customer.pk, "paid_on": "2026-03-01", "amount_minor": 7_654_321}
    assert writer.post("payments/", paid).status_code == 201
    order = {
        "customer": customer.pk,
        "placed_at": "2026-03-01T00:00:00Z",
        "amount_minor": 8_765_432,
    }
    assert writer.post("orders/", order).status_code == 201
    told = json.dumps(callers("senior_agent").get(f"{path}timeline/").json())
    assert '"new": "price"' in told
    for canary in ("13900001234", "canary-notes", "7654321", "8765432"):
        assert canary not in told
