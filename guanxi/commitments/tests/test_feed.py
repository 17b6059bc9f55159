"""The secret link to one's calendar: read-only, revocable, and no more than the owner may see."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from guanxi.commitments import feeds, services
from guanxi.commitments.models import CalendarFeed
from guanxi.commitments.services.feeds import hash_key, make_feed
from guanxi.commitments.tests.factories import promise, todo
from guanxi.customers.tests.factories import last_event
from guanxi.kernel.errors import Unconfirmed
from guanxi.kernel.models import Event
from tests.fixtures.company import model

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits():
    feeds.readers.forget()
    feeds.guessers.forget()


@pytest.fixture
def sales(company):
    return company.actor("sales", authenticated_at=timezone.now())


@pytest.fixture
def link(sales):
    return f"/calendar/feed/{make_feed(actor=sales, at=timezone.now())}.ics"


def soon(actor, **values):
    return todo(actor, due_at=timezone.now() + timedelta(days=1), **values)


def test_the_link_shows_what_is_open_of_its_owner_and_nothing_else(company, sales, link):
    soon(sales, title="核对送货地址")
    done = soon(sales, title="done already")
    services.complete_commitment(done.pk, actor=sales, at=timezone.now())
    soon(company.actor("colleague"), title="of a colleague")
    answer = Client().get(link)
    text = answer.content.decode()
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "SUMMARY:核对送货地址" in text
    assert "done already" not in text
    assert "of a colleague" not in text
    assert CalendarFeed.objects.get().read_at is not None
    assert answer.cookies == {}


def test_a_customer_out_of_sight_is_not_named(company, sales, link):
    customer = company.of("sales", "own").customer
    day = timezone.now() + timedelta(days=1)
    promise(sales, customer, due_at=day)
    assert customer.name in Client().get(link).content.decode()
    other = company.users["stranger"]
    type(customer).objects.filter(pk=customer.pk).update(owner=other, department=None, team=None)
    text = Client().get(link).content.decode()
    assert "SUMMARY:" in text
    assert customer.name not in text


def test_no_contact_data_is_in_it(company, sales, link):
    given = company.of("sales", "own")
    promise(sales, given.customer, due_at=timezone.now() + timedelta(days=1))
    text = Client().get(link).content.decode()
    for secret in (given.customer.phone, given.customer.email, given.contact.name):
        assert secret
        assert secret not in text


def test_it_ends_with_the_account_at_the_next_request(company, link):
    assert Client().get(link).status_code == 200
    users = model("people.User").objects.filter(username="sales")
    users.update(is_active=False)
    assert Client().get(link).status_code == 404


def test_it_ends_when_the_right_is_taken_away(company, link):
    user = company.users["sales"]
    user.roles.clear()
    model("people.User").objects.filter(pk=user.pk).update(access_stamp=user.access_stamp + 1)
    assert Client().get(link).status_code == 404


def test_a_new_link_ends_the_old_one_and_revoking_ends_both(company, enter, sales, link):
    client = enter("sales")
    newer = client.post("/calendar/feed/").content.decode()
    assert Client().get(link).status_code == 404
    key = newer.split(".ics")[0].rpartition("/calendar/feed/")[2]
    assert Client().get(f"/calendar/feed/{key}.ics").status_code == 200
    assert key not in client.get("/calendar/feed/").content.decode()
    assert client.post("/calendar/feed/revoke/").status_code == 302
    assert Client().get(f"/calendar/feed/{key}.ics").status_code == 404
    assert last_event().kind == "commitments.feed_revoked"


def test_only_its_hash_is_kept_and_no_event_holds_it(sales):
    key = make_feed(actor=sales, at=timezone.now())
    assert CalendarFeed.objects.get().token_hash == hash_key(key)
    for row in [*Event.objects.values(), *CalendarFeed.objects.values()]:
        assert key not in str(row)
    assert len(key) >= 43  # 256 bits


def test_making_one_asks_for_the_password_anew(company):
    stale = company.actor("sales", authenticated_at=timezone.now() - timedelta(hours=1))
    with pytest.raises(Unconfirmed):
        make_feed(actor=stale, at=timezone.now())


def test_it_is_only_read(link):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(Client(), method)(link).status_code == 405


def test_who_guesses_and_who_asks_too_often_are_told_when_to_come_again(link):
    answers = [Client().get(f"/calendar/feed/guess{n}.ics").status_code for n in range(25)]
    assert set(answers[:20]) == {404}
    assert answers[-1] == 429
    feeds.guessers.forget()
    found = [Client().get(link) for _n in range(14)]
    assert [a.status_code for a in found[:12]] == [200] * 12
    assert found[-1].status_code == 429
    assert int(found[-1].headers["Retry-After"]) > 0
