"""Refusals as problem documents: one shape, the reader's language, nothing of the inside."""

import json

import pytest
from django.db import OperationalError
from django.utils import translation
from rest_framework import exceptions as drf

from guanxi.kernel import errors
from guanxi.surfaces import limits
from guanxi.surfaces.api.errors import TITLES, as_problem
from guanxi.surfaces.api.guide import PROBLEMS
from guanxi.surfaces.limits import RateLimit, Slots
from guanxi.surfaces.services import KeyReused
from tests.fixtures.company import PASSWORD

CASES = [
    (errors.RuleViolation("x", "no", "name"), 400, "x"),
    (errors.BadRequest("x", "no %(what)s", what="way"), 400, "x"),
    (errors.NotFound(), 404, "not_found"),
    (errors.Denied("customers.view"), 403, "denied"),
    (errors.Unconfirmed(), 403, "unconfirmed"),
    (errors.StaleVersion(4), 409, "stale"),
    (errors.VersionMissing(), 428, "version_missing"),
    (errors.TooMany(7), 429, "too_many"),
    (KeyReused(), 422, "key_reused"),
    (drf.NotAuthenticated(), 401, "unauthenticated"),
    (drf.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
    (drf.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
    (OperationalError("could not connect to canary-host"), 503, "unavailable"),
    (ValueError("canary-inside"), 500, "internal"),
]


@pytest.mark.once
@pytest.mark.parametrize(("error", "status", "code"), CASES)
def test_every_refusal_has_its_status_and_code(error, status, code):
    problem = as_problem(error)
    assert (problem.status, problem.code) == (status, code)
    body = problem.body()
    assert body["status"] == status
    assert body["title"] == str(TITLES[status])
    assert body["type"].endswith(f"#problem-{code}")
    assert "canary" not in json.dumps(body)


@pytest.mark.once
def test_waiting_is_said_in_seconds():
    assert as_problem(errors.TooMany(7)).headers == {"Retry-After": "7"}
    assert as_problem(OperationalError()).headers == {"Retry-After": "5"}


@pytest.mark.once
def test_the_guide_explains_the_codes_that_programs_meet():
    explained = {(code, status) for code, status, _ in PROBLEMS}
    named = {(code, status) for _, status, code in CASES if code not in {"x", "internal"}}
    assert named - explained == set()


@pytest.mark.once
def test_several_faults_are_told_together():
    found = errors.RuleViolations(
        [errors.RuleViolation("a", "first", "name"), errors.RuleViolation("b", "second")]
    )
    body = as_problem(found).body()
    assert [(e["field"], e["code"]) for e in body["errors"]] == [("name", "a"), (None, "b")]
    assert body["detail"] == "first second"


@pytest.mark.once
def test_titles_are_chinese_for_chinese_readers():
    with translation.override("zh-hans"):
        titles = [str(title) for title in TITLES.values()]
    assert [title for title in titles if title.isascii()] == []


def test_the_language_is_the_programs_or_the_persons(callers):
    caller = callers("administrator")
    english = caller.get("customers/?size=0").json()["detail"]
    caller.headers["Accept-Language"] = "zh-CN,zh;q=0.9"
    chinese = caller.get("customers/?size=0")
    assert chinese["Content-Language"] == "zh-hans"
    del caller.headers["Accept-Language"]
    assert caller.get("customers/?size=0").json() == chinese.json()
    assert english != chinese.json()["detail"]
    callers.company.users["administrator"].locale = "en"
    callers.company.users["administrator"].save(update_fields=["locale"])
    assert caller.get("customers/?size=0").json()["detail"] == english


def test_what_breaks_inside_is_told_as_nothing_but_a_number(callers, monkeypatch, caplog):
    def breaks(*_args, **_more):
        raise RuntimeError("canary-inside")

    monkeypatch.setattr(limits.callers, "take", breaks)
    answer = callers("administrator").get("customers/")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.json()["request_id"] == answer["X-Request-ID"]
    assert b"canary" not in answer.content
    assert answer.json()["request_id"] in caplog.text


# Limits -------------------------------------------------------------------------------------------
@pytest.mark.once
def test_a_bucket_lets_a_burst_through_and_fills_again():
    limit = RateLimit(per_minute=60, burst=3)
    for _ in range(3):
        limit.take("a", now=100.0)
    with pytest.raises(errors.TooMany) as refused:
        limit.take("a", now=100.0)
    assert refused.value.retry_after == 1
    limit.take("b", now=100.0)
    limit.take("a", now=101.0)
    with pytest.raises(errors.TooMany):
        limit.take("a", now=101.5)
    for _ in range(3):
        limit.take("a", now=200.0)
    with pytest.raises(errors.TooMany):
        limit.take("a", now=200.0)


@pytest.mark.once
def test_callers_beyond_memory_are_forgotten_oldest_first(monkeypatch):
    monkeypatch.setattr(limits, "REMEMBERED", 2)
    limit = RateLimit(per_minute=1, burst=1)
    for caller in ("a", "b", "c"):
        limit.take(caller, now=1.0)
    limit.take("a", now=1.0)
    with pytest.raises(errors.TooMany):
        limit.take("c", now=1.0)


@pytest.mark.once
def test_slots_are_per_caller_and_given_back():
    slots = Slots(each=2, retry_after=3)
    with slots.hold("a"), slots.hold("a"), slots.hold("b"):
        with pytest.raises(errors.TooMany) as refused, slots.hold("a"):
            pass
        assert refused.value.retry_after == 3
    with slots.hold("a"):
        pass
    assert slots._taken == {}


def test_a_program_that_asks_too_often_waits_and_others_do_not(callers, monkeypatch):
    monkeypatch.setattr(limits, "callers", RateLimit(per_minute=60, burst=2))
    greedy, other = callers("sales"), callers("sales")
    codes = [greedy.get("me/").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    refused = greedy.get("me/")
    assert refused["Retry-After"] == "1"
    assert refused.json()["code"] == "too_many"
    assert other.get("me/").status_code == 200


def test_strangers_are_limited_by_address_and_do_not_lock_others_out(
    callers, stranger, monkeypatch
):
    monkeypatch.setattr(limits, "strangers", RateLimit(per_minute=60, burst=2))
    answers = [stranger.get("customers/").status_code for _ in range(3)]
    assert answers == [401, 401, 429]
    guess = {"Authorization": "Bearer gx_" + "a" * 43}
    assert stranger.send("GET", "customers/", headers=guess).status_code == 429
    assert callers("sales").get("customers/").status_code == 200
    elsewhere = stranger.send("GET", "customers/", REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 401


def test_exact_counts_run_two_at_a_time_for_a_person(callers):
    caller, user = callers("sales"), callers.company.users["sales"].pk
    with limits.heavy_reads.hold(user), limits.heavy_reads.hold(user):
        refused = caller.get("customers/?count=exact")
        assert (refused.status_code, refused["Retry-After"]) == (429, "2")
        assert caller.get("customers/").status_code == 200
        assert callers("head").get("customers/?count=exact").status_code == 200
    assert caller.get("customers/?count=exact").status_code == 200


def test_a_guide_and_a_page_for_every_type_are_readable(company, client):
    client.post("/accounts/login/", {"login": "administrator", "password": PASSWORD})
    guide = client.get("/api/v1/docs/")
    assert guide.status_code == 200
    text = guide.content.decode()
    for code, _status, _words in PROBLEMS:
        assert f'id="problem-{code}"' in text
    assert "http://testserver/api/v1/customers/" in text
    for plural in ("customers", "users", "custom-fields", "events", "attachments"):
        page = client.get(f"/api/v1/docs/{plural}/")
        assert page.status_code == 200
        assert f"/api/v1/{plural}/" in page.content.decode()
    assert client.get("/api/v1/docs/nothing/").status_code == 404
