"""Every request has an actor, an id, a language and a time zone, and leaves none behind."""

import pytest
from django.test import Client
from django.utils import timezone, translation

from guanxi.people.models import User
from guanxi.people.tests import factories

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def test_a_stranger_reads_chinese_until_they_choose():
    client = Client()
    assert "登录" in client.get(LOGIN).content.decode()
    assert "登录" in client.get(LOGIN, headers={"Accept-Language": "en"}).content.decode()
    client.post("/preferences/", {"locale": "en"})
    answer = client.get(LOGIN)
    assert "Sign in" in answer.content.decode()
    assert answer["Content-Language"] == "en"


def test_a_person_reads_their_own_language_on_every_device():
    factories.user("lina", "sales", locale="en")
    client = Client()
    factories.sign_in(client, User.objects.get(username="lina"))
    assert client.get("/me/sessions/")["Content-Language"] == "en"
    assert translation.get_language() == "zh-hans"
    assert timezone.get_current_timezone_name() == "Asia/Shanghai"


def test_times_are_told_in_the_readers_zone():
    person = factories.user("lina", "sales", locale="en", time_zone="America/New_York")
    client = Client()
    factories.sign_in(client, person)
    answer = client.get("/me/sessions/")
    here = timezone.localtime(timezone.now(), timezone.get_default_timezone())
    there = here.astimezone(__import__("zoneinfo").ZoneInfo("America/New_York"))
    assert f"{there:%Y-%m-%d %H:}" in answer.content.decode()


def test_preferences_are_kept_and_wrong_ones_are_not(client):
    person = factories.user("lina", "sales")
    factories.sign_in(client, person)
    client.post("/preferences/", {"locale": "en", "theme": "dark", "time_zone": "Asia/Tokyo"})
    person.refresh_from_db()
    assert (person.locale, person.theme, person.time_zone) == ("en", "dark", "Asia/Tokyo")
    for wrong in ({"locale": "xx"}, {"theme": "neon"}, {"time_zone": "Mars/Base"}):
        assert client.post("/preferences/", wrong).status_code == 302
    person.refresh_from_db()
    assert (person.locale, person.theme, person.time_zone) == ("en", "dark", "Asia/Tokyo")
    assert client.get("/preferences/").status_code == 405


@pytest.mark.parametrize("referer", ["https://evil.example/", "javascript:1", "//evil.example"])
def test_choosing_a_language_leads_back_to_pages_of_ours_only(client, referer):
    answer = client.post("/preferences/", {"locale": "en"}, HTTP_REFERER=referer)
    assert answer.url == "/me/"


def test_every_answer_has_an_id_that_a_stranger_cannot_choose(client, settings):
    settings.TRUSTED_PROXIES = []
    first = client.get(LOGIN, headers={"X-Request-ID": "chosen-by-me"})
    second = client.get(LOGIN)
    assert first["X-Request-ID"] != "chosen-by-me"
    assert first["X-Request-ID"] != second["X-Request-ID"]
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert (
        client.get(LOGIN, headers={"X-Request-ID": "from-the-proxy-1"})["X-Request-ID"]
        == "from-the-proxy-1"
    )
    odd = client.get(LOGIN, headers={"X-Request-ID": "x\x1b[31m' --"})
    assert "\x1b" not in odd["X-Request-ID"]


def test_an_ordinary_request_reads_session_and_user_only(client, django_assert_num_queries):
    factories.sign_in(client, factories.user("lina", "sales"))
    client.get("/accounts/logout/")
    with django_assert_num_queries(2):
        client.get("/me/password/nothing-here")
