"""Sessions: idle and absolute limits, how many at once, ended by their owner or by force (E06)."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import Client

from guanxi.kernel.errors import Denied
from guanxi.kernel.models import Event
from guanxi.kernel.outages import READ_ONLY, outage_of
from guanxi.people import services
from guanxi.people.middleware import BACKGROUND_HEADER, SEEN_AT, SIGNED_IN_AT
from guanxi.people.models import UserSession
from guanxi.people.tests import factories

pytestmark = pytest.mark.django_db


def is_in(client):
    """Ask a page that answers differently to strangers."""
    return client.get("/me/sessions/").status_code == 200


def shift(client, name, by):
    session = client.session
    session[name] = session[name] - int(by.total_seconds())
    session.save()


def test_an_unused_session_ends_after_half_an_hour(client):
    factories.sign_in(client, factories.user("", "sales"))
    shift(client, SEEN_AT, timedelta(minutes=29))
    assert is_in(client)
    shift(client, SEEN_AT, timedelta(minutes=31))
    assert not is_in(client)
    assert UserSession.objects.get().end_reason == "idle"
    assert not Session.objects.exists()


def test_using_a_session_keeps_it_open(client):
    factories.sign_in(client, factories.user("", "sales"))
    for _ in range(3):
        shift(client, SEEN_AT, timedelta(minutes=20))
        assert is_in(client)


def test_a_page_that_polls_does_not_keep_a_session_open(client):
    factories.sign_in(client, factories.user("", "sales"))
    shift(client, SEEN_AT, timedelta(minutes=20))
    client.get("/me/sessions/", headers={BACKGROUND_HEADER: "1"})
    shift(client, SEEN_AT, timedelta(minutes=20))
    assert not is_in(client)


def test_a_session_lasts_twelve_hours_however_busy(client):
    factories.sign_in(client, factories.user("", "sales"))
    shift(client, SIGNED_IN_AT, timedelta(hours=12))
    assert not is_in(client)
    assert UserSession.objects.get().end_reason == "expired"


def test_use_is_written_down_once_a_minute(client):
    factories.sign_in(client, factories.user("", "sales"))
    before = UserSession.objects.get().last_seen_at
    assert is_in(client)
    assert UserSession.objects.get().last_seen_at == before
    shift(client, SEEN_AT, timedelta(seconds=61))
    assert is_in(client)
    assert UserSession.objects.get().last_seen_at > before


def test_the_oldest_session_gives_way_to_the_sixth(settings):
    settings.SESSION_LIMIT = 3
    person = factories.user("", "sales")
    browsers = [Client() for _ in range(4)]
    for browser in browsers:
        factories.sign_in(browser, person)
    assert [is_in(browser) for browser in browsers] == [False, True, True, True]
    assert UserSession.objects.get(end_reason="replaced").session_key


def test_people_end_their_own_sessions_and_no_others(client):
    person, stranger = factories.user("", "sales"), factories.user("", "sales")
    away, foreign = Client(), Client()
    factories.sign_in(client, person)
    factories.sign_in(away, person)
    factories.sign_in(foreign, stranger)
    theirs = UserSession.objects.get(user=stranger)
    assert client.post(f"/me/sessions/{theirs.pk}/end/").status_code == 404
    assert client.post("/me/sessions/999999/end/").status_code == 404
    mine = UserSession.objects.filter(user=person).latest("pk")
    assert client.post(f"/me/sessions/{mine.pk}/end/").status_code == 302
    assert not is_in(away)
    assert is_in(client)
    assert is_in(foreign)


def test_ending_all_others_keeps_this_one(client):
    person = factories.user("", "sales")
    others = [Client(), Client()]
    for browser in (client, *others):
        factories.sign_in(browser, person)
    assert client.post("/me/sessions/end/").status_code == 302
    assert is_in(client)
    assert not any(is_in(browser) for browser in others)
    assert Event.objects.get(kind="people.user.sessions_ended").data["count"] == 2


def test_an_administrator_throws_somebody_out(client):
    person = factories.user("", "sales")
    factories.sign_in(client, person)
    with pytest.raises(Denied):
        services.end_sessions(
            person.pk, actor=factories.actor(factories.user("", "head")), at=factories.now()
        )
    security = factories.actor(factories.user("", "security_admin"))
    assert services.end_sessions(person.pk, actor=security, at=factories.now()) == 1
    assert not is_in(client)
    event = Event.objects.get(kind="people.user.sessions_ended")
    assert event.data == {"reason": "forced", "count": 1}
    assert event.actor_user_id == security.user_id


def test_a_stolen_cookie_without_clocks_opens_nothing(client):
    person = factories.user("", "sales")
    client.force_login(person, backend="guanxi.people.backends.AccountBackend")
    assert not is_in(client)


def test_an_ended_session_is_not_written_back(client):
    person = factories.user("", "sales")
    factories.sign_in(client, person)
    stale = client.session
    assert stale[SEEN_AT]
    services.end_sessions(person.pk, actor=factories.SYSTEM, at=factories.now())
    stale["x"] = 1
    with pytest.raises(UpdateError):
        stale.save()
    assert not Session.objects.exists()


def test_a_session_ended_in_the_middle_of_a_request_is_over(client):
    factories.sign_in(client, factories.user("", "sales"))
    shift(client, SEEN_AT, timedelta(seconds=61))

    def end_first(execute, sql, *rest):
        if sql.startswith('UPDATE "people_usersession"'):
            Session.objects.all().delete()
        return execute(sql, *rest)

    with connection.execute_wrapper(end_first):
        assert not is_in(client)
    assert not Session.objects.exists()


@pytest.fixture
def read_only():
    """A database that can be read only, until the test is over."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA query_only = ON")
        else:
            cursor.execute("SET LOCAL transaction_read_only = ON")
        yield
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA query_only = OFF")
        transaction.set_rollback(True)


def test_h09_an_outage_is_not_taken_for_an_ended_session(client, request):
    factories.sign_in(client, factories.user("", "sales"))
    session = client.session
    request.getfixturevalue("read_only")
    session["x"] = 1
    with pytest.raises(Exception) as failed:
        session.save()
    assert outage_of(failed.value) is READ_ONLY


def test_sessions_left_to_themselves_are_ended_by_the_next_sign_in(client):
    person, other = factories.user("", "sales"), factories.user("", "sales")
    factories.sign_in(Client(), person)
    left = UserSession.objects.get()
    long_ago = factories.now() - timedelta(minutes=31)
    UserSession.objects.filter(pk=left.pk).update(last_seen_at=long_ago)
    factories.sign_in(client, other)
    left.refresh_from_db()
    assert left.end_reason == "idle"
    assert Session.objects.count() == 1


def test_the_list_shows_only_sessions_that_still_open_something(client):
    person = factories.user("", "sales")
    factories.sign_in(Client(), person)
    long_ago = factories.now() - timedelta(minutes=31)
    factories.sign_in(client, person)
    first = UserSession.objects.order_by("pk").first()
    UserSession.objects.filter(pk=first.pk).update(last_seen_at=long_ago)
    assert [row["is_here"] for row in client.get("/me/sessions/").context["sessions"]] == [True]


def test_the_cookie_lasts_no_longer_than_the_session(client):
    factories.sign_in(client, factories.user("", "sales"))
    assert client.cookies["guanxi"]["max-age"] == 12 * 60 * 60
