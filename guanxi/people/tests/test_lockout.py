"""Guessing: locked after five tries, spread guessing too, owners never for good (E01)."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client

from guanxi.kernel.models import AccessEntry
from guanxi.people import hashers
from guanxi.people.tests import factories

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def attempt(username, password="wrong-one-99", *, ip="203.0.113.9", client=None, **more):
    return (client or Client()).post(
        LOGIN, {"login": username, "password": password}, REMOTE_ADDR=ip, **more
    )


def let_time_pass(minutes):
    for row in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=row.pk).update(
            attempt_time=row.attempt_time - timedelta(minutes=minutes)
        )


def test_five_wrong_tries_close_the_door_for_a_quarter_of_an_hour():
    factories.user("lina", "sales")
    answers = [attempt("lina").status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 429]
    locked = attempt("lina", factories.PASSWORD)
    assert locked.status_code == 429
    assert locked["Retry-After"] == "900"
    assert AccessEntry.objects.filter(action="sign_in_locked").count() == 1
    let_time_pass(16)
    assert attempt("lina", factories.PASSWORD).status_code == 302


def test_tries_during_the_lock_do_not_make_it_longer():
    factories.user("lina", "sales")
    for _ in range(5):
        attempt("lina")
    let_time_pass(14)
    for _ in range(10):
        assert attempt("lina").status_code == 429
    let_time_pass(2)
    assert attempt("lina", factories.PASSWORD).status_code == 302
    assert AccessEntry.objects.filter(action__startswith="sign_in").count() == 5


def test_spelling_the_name_otherwise_gives_no_further_tries():
    factories.user("lina", "sales")
    for typed in ("LINA", "lina ", "ｌｉｎａ", "Lina"):
        assert attempt(typed).status_code == 422
    assert attempt("lina").status_code == 429


def test_rotating_headers_give_no_further_tries():
    factories.user("lina", "sales")
    for number in range(5):
        last = attempt(
            "lina",
            HTTP_X_FORWARDED_FOR=f"198.51.100.{number}",
            HTTP_X_REAL_IP=f"198.51.100.{number}",
            HTTP_USER_AGENT=f"agent {number}",
        )
    assert last.status_code == 429


def test_unknown_names_are_locked_alike():
    answers = [attempt("nobody-here").status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 429]


def test_one_address_guessing_many_accounts_is_stopped(settings):
    settings.SPREAD_LIMIT_PER_ADDRESS = 8
    factories.user("lina", "sales")
    for number in range(8):
        attempt(f"name-{number}")
    assert attempt("lina", factories.PASSWORD).status_code == 429
    assert attempt("lina", factories.PASSWORD, ip="198.51.100.7").status_code == 302


def test_many_addresses_guessing_one_account_are_stopped(settings):
    settings.SPREAD_LIMIT_PER_ACCOUNT = 8
    factories.user("lina", "sales")
    for number in range(8):
        attempt("lina", ip=f"198.51.100.{number}")
    assert attempt("lina", factories.PASSWORD, ip="198.51.100.99").status_code == 429


def test_strangers_cannot_keep_the_last_administrator_out(settings):
    settings.SPREAD_LIMIT_PER_ACCOUNT = 8
    admin = factories.user("boss", "administrator")
    own = Client(REMOTE_ADDR="203.0.113.1")
    factories.sign_in(own, admin)
    own.post("/accounts/logout/")
    for number in range(20):
        attempt("boss", ip=f"198.51.100.{number}")
    for _ in range(6):
        attempt("boss", ip="203.0.113.1")
    assert attempt("boss", factories.PASSWORD, ip="198.51.100.200").status_code == 429
    answer = own.post(LOGIN, {"login": "boss", "password": factories.PASSWORD})
    assert answer.status_code == 302


def test_a_known_browser_has_five_tries_of_its_own():
    person = factories.user("lina", "sales")
    own = Client()
    factories.sign_in(own, person)
    own.post("/accounts/logout/")
    answers = [attempt("lina", client=own).status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 429]
    assert attempt("lina", factories.PASSWORD, client=own).status_code == 429


def test_the_mark_of_a_browser_helps_for_no_other_account():
    own = Client()
    factories.sign_in(own, factories.user("lina", "sales"))
    own.post("/accounts/logout/")
    factories.user("boss", "administrator")
    for _ in range(5):
        last = attempt("boss", client=own)
    assert last.status_code == 429
    forged = Client()
    forged.cookies["browser"] = own.cookies["browser"].value + "x"
    for _ in range(5):
        attempt("lina", ip="198.51.100.3")
    assert attempt("lina", factories.PASSWORD, ip="198.51.100.3", client=forged).status_code == 429


def test_a_right_password_forgets_the_wrong_ones():
    factories.user("lina", "sales")
    for _ in range(2):
        for _ in range(4):
            attempt("lina")
        assert attempt("lina", factories.PASSWORD).status_code == 302
    assert not AccessAttempt.objects.exists()


def test_confirming_the_password_is_no_second_place_to_guess(client):
    person = factories.user("lina", "sales")
    factories.sign_in(client, person)
    answers = [
        client.post("/accounts/confirm/", {"password": "wrong-one-99"}).status_code
        for _ in range(7)
    ]
    assert answers[:4] == [200] * 4
    assert set(answers[4:]) == {429}


@pytest.mark.parametrize("bound", ["slots", "door"])
def test_when_too_many_are_there_the_form_stays_and_nothing_is_counted(
    monkeypatch, settings, bound
):
    settings.PASSWORD_HASHERS = ["guanxi.people.hashers.BoundedArgon2PasswordHasher"]
    factories.user("lina", "sales")
    full = hashers.Slots(at_once=1, waiting=0)
    monkeypatch.setattr(hashers, bound, full)
    with full:
        for username in ("lina", "nobody-here"):
            answer = attempt(username, factories.PASSWORD)
            assert answer.status_code == 429
            assert answer["Retry-After"] == "2"
            assert f'value="{username}"' in answer.content.decode()
    assert not AccessAttempt.objects.exists()
    assert attempt("lina", factories.PASSWORD).status_code == 302
