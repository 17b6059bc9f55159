"""E. Doors and sessions, as far as the tests beside the code of people do not try them."""

import time

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import make_password
from django.test import Client

from guanxi.kernel.models import AccessEntry, Event
from guanxi.people import hashers
from tests.attacks import waiting
from tests.attacks.addresses import PUBLIC, addresses, filled
from tests.concurrency.crowd import answers
from tests.fixtures.company import PASSWORD, model, stamps

LOGIN = "/accounts/login/"
CROWD = 8


# E01 ----------------------------------------------------------------------------------------------
@pytest.fixture
def crowded(company, settings, monkeypatch):
    """The small company, whose server has room for everybody at the door at once."""
    settings.PASSWORD_HASHERS = ["tests.attacks.waiting.WaitingHasher"]
    settings.SESSION_LIMIT = 50
    monkeypatch.setattr(hashers, "door", hashers.Slots(at_once=50))
    model("people.User").objects.update(password=make_password(PASSWORD))
    yield company
    waiting.gate(0)


def attempt(password, client=None, **more):
    browser = client or Client(raise_request_exception=False)
    return browser.post(LOGIN, {"login": "sales", "password": password}, **more)


def try_together(passwords, **more):
    """The statuses of so many tries, each of which began before any was counted."""
    waiting.gate(len(passwords))
    found = answers(len(passwords), lambda n: attempt(passwords[n], **more).status_code)
    waiting.gate(0)
    return found


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_e01_the_right_password_among_many_of_one_moment_opens_nothing(crowded):
    """All are past the first check before one is counted; still only five tries are given."""
    wrong = [f"wrong-one-{n}" for n in range(CROWD - 1)]
    found = try_together([*wrong, PASSWORD], REMOTE_ADDR="203.0.113.9")
    assert found[-1] == 429
    assert not model("people.UserSession").objects.exists()
    assert sum(row.failures_since_start for row in AccessAttempt.objects.all()) == len(wrong)
    assert attempt(PASSWORD, REMOTE_ADDR="203.0.113.9").status_code == 429
    assert attempt(PASSWORD, REMOTE_ADDR="198.51.100.7").status_code == 302


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_e01_of_the_tries_of_a_known_browser_none_is_lost(crowded):
    own = Client()
    assert attempt(PASSWORD, own).status_code == 302
    own.post("/accounts/logout/")
    mark = own.cookies["browser"].value

    def known():
        client = Client(raise_request_exception=False)
        client.cookies["browser"] = mark
        return client

    waiting.gate(CROWD)
    answers(CROWD, lambda n: attempt(f"wrong-one-{n}", known()))
    waiting.gate(0)
    counted = AccessAttempt.objects.filter(username__startswith="sign-in-")
    assert [row.failures_since_start for row in counted] == [CROWD]
    assert attempt(PASSWORD, known()).status_code == 429
    assert attempt(PASSWORD, REMOTE_ADDR="198.51.100.7").status_code == 302


@pytest.mark.django_db
def test_e01_a_right_password_ends_the_count_of_a_known_browser(company):
    own = Client()
    assert attempt(PASSWORD, own).status_code == 302
    for _ in range(2):
        own.post("/accounts/logout/")
        for _wrong in range(4):
            assert attempt("wrong-one-1", own).status_code == 422
        assert attempt(PASSWORD, own).status_code == 302


@pytest.mark.django_db
def test_e01_no_header_of_a_stranger_gives_another_address(company):
    """Whatever proxies may send: from an untrusted peer it is so many words."""
    names = ("X_FORWARDED_FOR", "X_REAL_IP", "FORWARDED", "TRUE_CLIENT_IP", "CF_CONNECTING_IP",
             "CLIENT_IP", "X_CLIENT_IP", "X_FORWARDED", "X_REMOTE_ADDR")  # fmt: skip
    for number in range(5):
        rotating = {f"HTTP_{name}": f"198.51.100.{number + 1}" for name in names}
        last = attempt("wrong-one-1", REMOTE_ADDR="203.0.113.9", **rotating)
    assert last.status_code == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"203.0.113.9"}


# E06 ----------------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_e06_many_signing_in_at_once_keep_no_more_sessions_than_allowed(crowded, settings):
    settings.SESSION_LIMIT = 3
    ends = answers(CROWD, lambda _n: attempt(PASSWORD).status_code)
    # 400: another one's sign-in ended this session before its own answer was out.
    assert set(ends) <= {302, 400}
    assert model("people.UserSession").objects.filter(ended_at=None).count() == 3
    assert model("sessions.Session").objects.count() == 3


# E09 ----------------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.once
@pytest.mark.django_db
def test_e09_no_other_site_can_make_a_browser_write(company):
    """Every address that writes, with the cookies alone: as a form, as JSON, JSON named text."""
    browser = Client(raise_request_exception=False)
    assert browser.post(LOGIN, {"login": "administrator", "password": PASSWORD}).status_code == 302
    browser.handler.enforce_csrf_checks = True
    before, tried = Event.objects.count(), 0
    own = company.of("administrator", "own")
    for address in addresses():
        if not address.door or address.name == "api:nowhere":
            continue
        path = filled(address, own)
        for method in set(address.door.needs) - {"GET"}:
            for body, kind in (
                (b'{"name": "x"}', "application/json"),
                (b'{"name": "x"}', "text/plain"),
                (b"name=x&version=1", "application/x-www-form-urlencoded"),
            ):
                answer = browser.generic(
                    method, path, body, content_type=kind, HTTP_ORIGIN="https://evil.example",
                    HTTP_IF_MATCH='"1"',
                )  # fmt: skip
                assert answer.status_code in {403, 404}, (method, path, kind, answer.status_code)
                tried += 1
    assert tried > 500
    assert Event.objects.count() == before
    assert not model("surfaces.Mark").objects.exists()


# E10, E11 -----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_e10_no_header_names_who_is_asking(company):
    names = ("X_REMOTE_USER", "REMOTE_USER", "X_FORWARDED_USER", "X_USER", "X_AUTH_REQUEST_USER",
             "X_WEBAUTH_USER", "X_SSL_CLIENT_S_DN", "X_GUANXI_USER")  # fmt: skip
    headers = {f"HTTP_{name}": "administrator" for name in names} | {"REMOTE_USER": "administrator"}
    assert Client().get("/customers/", **headers).status_code == 302
    assert Client().get("/api/v1/customers/", **headers).status_code == 401
    basic = "Basic YWRtaW5pc3RyYXRvcjpSaXZlcmJhbmstTGFudGVybi00Mg=="
    assert Client().get("/api/v1/customers/", HTTP_AUTHORIZATION=basic).status_code == 401


@pytest.mark.django_db
def test_e11_a_new_database_has_nobody_and_no_page_that_makes_somebody():
    assert not model("people.User").objects.exists()
    for path in ("setup", "install", "register", "signup", "accounts/signup", "first-run", "admin",
                 "__debug__", "silk", "debug", "_profiler", "rosetta", "api-auth/login",
                 "api/v1/setup", "accounts/social/signup", "metrics", ".env", "static/../manage.py",
                 "accounts/2fa/webauthn/", "accounts/password/set"):  # fmt: skip
        for send in (Client().get, Client().post):
            assert send(f"/{path}/").status_code in {302, 401, 403, 404}, path
    assert not model("people.User").objects.exists()
    open_to_all = {a.route for a in addresses() if a.door and PUBLIC in a.door.needs.values()}
    assert {route.split("/")[0] for route in open_to_all} == {
        "accounts", "health", "metrics", "preferences",
        "calendar",  # a feed's secret address: without the secret it is 404
        "complaints",  # the customer's one answer: likewise
    }  # fmt: skip


INSIDE = ("Traceback", "canary-inside", "DEBUG", "urlconf", "guanxi.surfaces", "site-packages",
          "SECRET", "Exception")  # fmt: skip


@pytest.mark.django_db
def test_e11_what_breaks_or_is_missing_shows_nothing_of_the_inside(company, enter, monkeypatch):
    """No traceback, no settings, no table names, whatever the address."""
    from guanxi.surfaces.html import home

    def breaks(*_args, **_more):
        raise RuntimeError("canary-inside")

    sales = enter("sales")
    monkeypatch.setattr(home, "answer", breaks)
    broken = sales.get("/following/")
    shown = [
        broken,
        sales.get("/nothing/here/"),
        Client().get("/nothing/"),
        sales.put("/customers/"),
    ]
    assert broken.status_code == 500
    for answer in shown:
        text = answer.content.decode()
        for word in INSIDE:
            assert word not in text, word


# E12 ----------------------------------------------------------------------------------------------
COMMON = ("password123456", "qwertyuiop12", "abcd12345678", "iloveyou1234", "Aa123456789!",
          "1qaz2wsx3edc", "woaini1314520", "administrator1")  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("is_strict", [False, True])
def test_e12_words_of_the_lists_and_names_of_the_house_are_refused_in_both_profiles(
    company, enter, is_strict
):
    profile = "strict" if is_strict else "standard"
    model("people.Organisation").objects.update_or_create(
        pk=1, defaults={"name": "云杉科技", "password_profile": profile, **stamps()}
    )
    sales = enter("sales")
    refused = [*COMMON, "Sales-person-1", "short-1A", "云杉科技-2026-Ab!", "x" * 1025, PASSWORD]
    for word in refused:
        answer = sales.post("/me/password/", {"old": PASSWORD, "new": word, "again": word})
        assert answer.status_code in {400, 422}, word
        assert word not in answer.content.decode(), word
    user = model("people.User").objects.get(username="sales")
    assert user.check_password(PASSWORD)


@pytest.mark.django_db
@pytest.mark.parametrize("path", [LOGIN, "/accounts/reset/", "/accounts/confirm/", "/me/password/"])
def test_e12_ten_megabytes_are_refused_before_anything_is_hashed(company, enter, path):
    sales = Client() if path in {LOGIN, "/accounts/reset/"} else enter("sales")
    huge = "x" * 10_000_000
    names = {LOGIN: "password", "/accounts/reset/": "identifier", "/accounts/confirm/": "password"}
    body = f"login=sales&{names.get(path, 'old')}={huge}".encode()
    began = time.process_time()
    answer = sales.generic("POST", path, body, content_type="application/x-www-form-urlencoded")
    assert time.process_time() - began < 0.1
    assert answer.status_code in {400, 413}
    assert not AccessEntry.objects.filter(action__startswith="sign_in_failed").exists()
