"""The bell, its page and the API: one's own only, with one's own rights (A06, A16, A18)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guanxi.notifications.models import Notification
from guanxi.notifications.queries import count_unread
from guanxi.notifications.record import BELL
from guanxi.notifications.tests.conftest import ASKED, DUE
from guanxi.notifications.tests.test_notify import LATER, tell
from guanxi.surfaces.live_topics import Topic, may_follow, read_standings, read_topics
from tests.fixtures.company import AT, model

pytestmark = pytest.mark.django_db


def topic(company, name):
    return Topic(BELL, str(company.users[name].pk))


def test_a_page_shows_how_much_waits(company, enter):
    client = enter("sales")
    assert (
        '<span class="bell-count" data-bell></span>' in client.get("/shortcuts/").content.decode()
    )
    tell(company, "sales", key="a")
    tell(company, "sales", key="b", not_before=timezone.now() + timedelta(days=1))
    page = client.get("/shortcuts/").content.decode()
    assert '<span class="bell-count" data-bell>1</span>' in page
    assert f'data-follow="bell:{company.users["sales"].pk}"' in page
    for number in range(120):
        tell(company, "sales", key=f"many {number}")
    with CaptureQueriesContext(connection) as queries:
        assert count_unread(company.actor("sales"), LATER) == 100
    assert "LIMIT 100" in queries.captured_queries[-1]["sql"]
    assert (
        '<span class="bell-count" data-bell>99+</span>'
        in client.get("/shortcuts/").content.decode()
    )


def test_one_follows_ones_own_bell_only(company):
    mine, other = topic(company, "sales"), topic(company, "head")
    assert read_topics(str(mine)) == (mine,)
    assert may_follow(company.actor("sales"), [mine])
    assert not may_follow(company.actor("sales"), [other])
    tell(company, "sales")
    found = {str(o.topics): o.data for o in read_standings([mine, other], LATER)}
    assert found == {
        str(frozenset({str(mine)})): {"count": "1"},
        str(frozenset({str(other)})): {"count": ""},
    }


def test_the_page_tells_in_the_readers_language_and_leads_there(company, enter):
    customer = company.of("sales", "own").customer
    tell(company, "sales", kind=DUE, params={"due_at": "2026-03-11T04:00:00+00:00"})
    client = enter("sales")
    page = client.get("/notifications/").content.decode()
    assert f"{customer.name} is due at 2026-03-11 周三 12:00" in page
    assert client.get("/notifications/read/").status_code == 405
    row = Notification.objects.get()
    went = client.post(f"/notifications/{row.pk}/read/", {"open": "1"})
    assert (went.status_code, went["Location"]) == (302, f"/customers/{customer.pk}/")
    assert "data-bell></span>" in client.get("/notifications/").content.decode()
    assert enter("head").post(f"/notifications/{row.pk}/read/").status_code == 404


def test_out_of_scope_there_is_no_name_and_no_link(company, enter):
    foreign = company.of("sales", "foreign").customer
    tell(company, "sales", subject=foreign)
    client = enter("sales")
    page = client.get("/notifications/").content.decode()
    assert foreign.name not in page
    assert f"/customers/{foreign.pk}/" not in page
    assert "Person head asks about 客户" in page
    row = Notification.objects.get()
    assert client.post(f"/notifications/{row.pk}/read/", {"open": "1"})["Location"] == (
        "/notifications/"
    )


def test_a_hidden_subject_is_named_to_nobody(company, enter):
    """HR opens no customer at all: not even by being told of one."""
    tell(company, "hr", subject=company.of("hr", "own").customer)
    assert "Customer of hr" not in enter("hr").get("/notifications/").content.decode()


def test_the_page_goes_on_to_what_is_older(company, enter):
    for number in range(60):
        tell(company, "sales", key=f"k{number}", at=AT + timedelta(minutes=number))
    client = enter("sales")
    client.post("/notifications/read/")
    first = client.get("/notifications/").content.decode()
    assert first.count('class="sub"') == 50
    mark = first.split("?before=")[1].split('"')[0]
    assert client.get(f"/notifications/?before={mark}").content.decode().count('class="sub"') == 10
    assert client.get("/notifications/?before=x").status_code == 200
    assert enter("head").get(f"/notifications/?before={mark}").status_code == 404


def test_what_a_name_holds_stays_on_its_line(company, enter):
    customer = company.of("sales", "own").customer
    model("customers.Customer").objects.filter(pk=customer.pk).update(name="A\r\nBcc: x\x1b[2J<b>")
    tell(company, "sales")
    page = enter("sales").get("/notifications/").content.decode()
    assert "A Bcc: x [2J&lt;b&gt;" in page


def test_the_api_lists_reads_and_reads_all(callers, company):
    for key in ("a", "b", "c"):
        tell(company, "sales", "head", key=key)
    caller = callers("sales")
    told = caller.get("notifications/").json()
    assert (told["new"], len(told["results"]), told["next"]) == (3, 3, None)
    assert told["results"][0]["title"] == "Person head asks about Customer of sales"
    one = told["results"][0]["id"]
    assert caller.post(f"notifications/{one}/read/").json()["is_new"] is False
    assert [r["id"] == one for r in caller.get("notifications/?new=true").json()["results"]] == [
        False, False,
    ]  # fmt: skip
    after = caller.get("notifications/", after=one).json()["results"]
    assert one not in {r["id"] for r in after}
    assert callers("head").post(f"notifications/{one}/read/").status_code == 404
    assert callers("sales", {"*": "read"}).post("notifications/read/").status_code == 403
    assert caller.post("notifications/read/").json() == {"read": 2}
    assert caller.get("notifications/?new=x").status_code == 400
    assert caller.get("notifications/?after=x").status_code == 400


def test_kinds_are_declared_once():
    from guanxi.notifications.declarations import Kind, declare_kind, kinds

    assert ASKED in kinds()
    with pytest.raises(ValueError, match="declared twice"):
        declare_kind(Kind(ASKED, label="x", title="x"))
