"""Live updates as two people at two screens have them, from the real process (A09, A16)."""

import time

import pytest

from tests.fixtures.visitor import Listener, Visitor

RUN = """
from datetime import timedelta
from django.utils import timezone
from guanxi.kernel.models import Run
from guanxi.people.models import User
at = timezone.now()
user = User.objects.get(username="sales")
run = Run.objects.create(kind="test.sleeping", state="running", actor_user_id=user.pk,
    actor_label=user.name, created_at=at, due_at=at, lease_until=at + timedelta(hours=1),
    progress_total=10)
print(run.pk)
"""
PROGRESS = """
from guanxi.kernel.models import Run
Run.objects.filter(pk="{run}").update(progress_done=7)
Run.objects.filter(pk="{run}").update(state="done", progress_done=10)
"""
LET_IN = """
from django.utils import timezone
from guanxi.kernel.actor import system_actor
from guanxi.people import services
from guanxi.people.models import User
user = User.objects.get(username="bai_lu")
services.set_password(user, "{password}", by="test", actor=system_actor(), at=timezone.now())
"""
SHUT_OUT = """
from django.utils import timezone
from guanxi.kernel.actor import system_actor
from guanxi.people import services
from guanxi.people.models import User
user = User.objects.get(username="bai_lu")
services.deactivate_user(user.pk, actor=system_actor(), at=timezone.now())
"""


@pytest.fixture
def enter(live_site):
    """Sign people in, and close what they listen to."""
    opened: list[Visitor | Listener] = []

    class Person(Visitor):
        def follow(self, topics: str, **headers: str) -> Listener:
            listener = self.listen(f"http://127.0.0.1:{live_site.port + 1}", topics, **headers)
            opened.append(listener)
            return listener

        def customers(self) -> list[int]:
            """Those that somebody owns: what lies in an open pool is there for everybody of it."""
            found = self.api("GET", "/api/v1/customers/?size=200&columns=name,owner").json()
            return [row["id"] for row in found["results"] if row["owner"]]

        def change(self, pk: int, **values: str) -> None:
            etag = self.api("GET", f"/api/v1/customers/{pk}/").headers["ETag"]
            answer = self.api("PATCH", f"/api/v1/customers/{pk}/", values, If_Match=etag)
            assert answer.status == 200, answer.text

    def sign_in(username: str, password: str = "") -> Person:
        person = Person(live_site.url)
        opened.append(person)
        return person.sign_in(username, password or live_site.password(username))

    yield sign_in
    for each in opened:
        each.close()


def test_a_change_by_one_reaches_the_other_without_its_values(enter):
    sales, head = enter("sales"), enter("head")
    mine = sales.customers()[0]
    stream = sales.follow(f"customers.customer:{mine}")
    assert stream.status == 200
    time.sleep(1)
    head.change(mine, focus="只有两个人知道的重点")
    [told] = stream.wait(1, seconds=5)
    assert told.name == "record"
    assert set(told.data) == {"topic", "kind", "subject", "user"}
    assert told.data["kind"] == "record.changed"
    assert told.data["subject"] == told.data["topic"] == f"customers.customer:{mine}"
    assert "重点" not in stream.raw.decode()


def test_what_belongs_to_a_customer_is_told_on_its_page(enter):
    sales = enter("sales")
    mine = sales.customers()[1]
    stream = sales.follow(f"customers.customer:{mine}")
    time.sleep(1)
    note = {"customer": mine, "channel": "phone", "content": "电话确认到货"}
    made = sales.api("POST", "/api/v1/interactions/", note)
    assert made.status == 201, made.text
    told = stream.wait(1, seconds=5)
    assert told[0].data["subject"] == f"customers.interaction:{made.json()['id']}"


def test_a_page_that_comes_back_goes_on_where_it_was(enter):
    sales, head = enter("sales"), enter("head")
    mine = sales.customers()[2]
    stream = sales.follow(f"customers.customer:{mine}")
    time.sleep(1)
    head.change(mine, focus="第一次")
    last = stream.wait(1, seconds=5)[0].id
    stream.close()
    head.change(mine, focus="第二次")
    head.change(mine, focus="第三次")
    again = sales.follow(f"customers.customer:{mine}", Last_Event_ID=last)
    told = again.wait(2, seconds=5)
    assert [int(t.id) for t in told] == sorted({int(t.id) for t in told})
    assert int(told[0].id) > int(last)
    time.sleep(1.2)
    assert len(again.told) == 2


def test_the_question_without_a_stream_gives_the_same(enter):
    sales, head = enter("sales"), enter("head")
    mine = sales.customers()[3]
    topic = f"customers.customer:{mine}"
    before = sales.get(f"/live/?topics={topic}").json()
    assert before["happened"] == []
    head.change(mine, focus="没有推送也看得到")
    after = sales.get(f"/live/?topics={topic}&after={before['after']}").json()
    assert [one["kind"] for one in after["happened"]] == ["record.changed"]
    assert after["after"] > before["after"]


def test_what_is_foreign_missing_or_crooked_looks_the_same(enter):
    sales, head = enter("sales"), enter("head")
    mine = set(sales.customers())
    foreign = next(pk for pk in head.customers() if pk not in mine)
    crooked = (
        f"customers.customer:{foreign}",
        f"customers.customer:{min(mine)},customers.customer:{foreign}",
        "customers.customer:999999999",
        "customers.customer:%",
        "customers.customer:_",
        "customers.customer:1 OR 1=1",
        "customers.customer:00000000-0000-0000-0000-000000000000",
        "customers.%:1",
        "nobody.nothing:1",
        "run:00000000-0000-0000-0000-000000000000",
        "",
    )
    seen = set()
    for topics in crooked:
        stream = sales.follow(topics)
        seen.add((stream.status, stream.raw, stream.headers.get("Content-Length")))
        asked = sales.get("/live/?topics=" + topics.replace("%", "%25").replace(" ", "+"))
        assert asked.status == 404, topics
    assert seen == {(404, b"", "0")}


def test_strangers_and_other_origins_get_nothing(enter):
    sales = enter("sales")
    topic = f"customers.customer:{sales.customers()[0]}"
    assert sales.follow(topic, Origin="http://elsewhere.example").status == 403
    assert sales.follow(topic, Origin="null").status == 403
    assert sales.follow(topic, Origin="").status == 403
    assert sales.follow(topic, Cookie="").status == 401
    assert sales.follow(topic, Cookie="guanxi=abcdefghijklmnopqrstuvwxyz012345").status == 401
    same_site = sales.follow(topic, Origin="", Sec_Fetch_Site="same-origin")
    assert same_site.status == 200


def test_a_deactivated_user_hears_no_more(enter, live_site):
    password = "Harbour-Lantern-77"
    live_site.manage("shell", "-c", LET_IN.format(password=password))
    person, head = enter("bai_lu", password), enter("head")
    mine = person.customers()[0]
    stream = person.follow(f"customers.customer:{mine}")
    assert stream.status == 200
    time.sleep(1)
    live_site.manage("shell", "-c", SHUT_OUT)
    head.change(mine, focus="已经看不到")
    stream.wait_until_over(seconds=5)
    assert stream.told == []
    assert person.follow(f"customers.customer:{mine}").status == 401


def test_a_run_tells_its_owner_how_far_it_is(enter, live_site):
    run = live_site.manage("shell", "-c", RUN).split()[-1]
    sales, head = enter("sales"), enter("head")
    assert head.follow(f"run:{run}").status == 404
    stream = sales.follow(f"run:{run}")
    first = stream.wait(1, seconds=5)[0]
    assert first.data == {"topic": f"run:{run}", "state": "running", "done": 0, "total": 10}
    live_site.manage("shell", "-c", PROGRESS.format(run=run))
    told = 2
    while (last := stream.wait(told, seconds=20)[-1]).data["state"] != "done":
        told += 1  # a slow machine is told of the steps between, too
    assert (last.name, last.data["state"], last.data["done"]) == ("run", "done", 10)


def test_one_person_cannot_hold_all_streams(enter):
    sales = enter("sales")
    topic = f"customers.customer:{sales.customers()[0]}"
    statuses = [sales.follow(topic).status for _ in range(14)]
    assert statuses.count(200) <= 12
    assert statuses[-1] == 429
