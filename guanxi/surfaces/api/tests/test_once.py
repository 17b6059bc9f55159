"""The same request sent again has one effect and one answer, also twenty times at once (G02)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from guanxi.surfaces.api.tests.shapes import CHANGES, existing, new_values
from tests.fixtures.company import model


def keys():
    return model("kernel.IdempotencyKey").objects


@pytest.mark.parametrize("plural", ["customers", "orders", "interactions", "tags", "departments"])
def test_a_repeated_post_makes_one_record_and_gives_the_same_answer(callers, plural):
    caller, body = callers("administrator"), new_values(callers.company, plural)
    first = caller.post(f"{plural}/", body, once="key-1")
    before = model("kernel.Event").objects.count()
    again = caller.post(f"{plural}/", dict(reversed(body.items())), once="key-1")
    assert (first.status_code, first["Idempotency-Replayed"]) == (201, "false")
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert again.json() == first.json()
    assert again.content == first.content
    for header in ("Location", "ETag"):
        assert again[header] == first[header]
    assert model("kernel.Event").objects.count() == before
    other = caller.post(f"{plural}/", body, once="key-2")
    assert other.status_code in {201, 400}


def test_every_other_kind_of_write_is_repeated_as_well(callers):
    caller, customer = callers("administrator"), callers.company.belongings["sales"].customer.pk
    path, to = f"customers/{customer}/", callers.company.users["colleague"].pk
    for number, (method, tail, body) in enumerate(
        [
            ("PATCH", "", {"tier": "core"}),
            ("POST", "transfer/", {"to_user": to, "reason": "leave"}),
            ("POST", "archive/", None),
            ("POST", "restore/", None),
            ("DELETE", "", None),
        ],
        start=1,
    ):
        sent = [
            caller.send(method, path + tail, body, version=number, once=f"key-{number}")
            for _ in range(2)
        ]
        assert [a.status_code for a in sent] == [200, 200], sent[0].content
        assert sent[0].content == sent[1].content
        assert sent[1]["ETag"] == f'"{number + 1}"'


def test_the_key_with_another_request_is_refused(callers):
    caller = callers("administrator")
    company, body = callers.company, {"name": "云岭机械"}
    customer = company.belongings["sales"].customer.pk
    assert caller.post("customers/", body, once="key").status_code == 201
    for method, path, other, version in (
        ("POST", "customers/", {"name": "云岭"}, None),
        ("POST", "customers/?x=1", body, None),
        ("POST", "tags/", {"name": "云岭机械"}, None),
        ("PATCH", f"customers/{customer}/", body, 1),
        ("POST", "customers/", body, 1),
    ):
        answer = caller.send(method, path, other, version=version, once="key")
        assert (answer.status_code, answer.json()["code"]) == (422, "key_reused"), path
    assert callers("administrator").post("customers/", body, once="key").status_code == 422
    assert callers("sales").post("customers/", body, once="key").status_code == 201


def test_a_refused_request_leaves_no_key(callers):
    caller = callers("administrator")
    assert caller.post("customers/", {"name": ""}, once="key").status_code == 400
    assert keys().count() == 0
    assert caller.post("customers/", {"name": "x"}, once="key").status_code == 201
    path = f"customers/{existing(callers.company, 'customers')}/"
    assert caller.patch(path, {"name": "y"}, 7, once="stale").status_code == 409
    assert caller.patch(path, {"name": "y"}, 1, once="stale").status_code == 200


def test_a_key_is_kept_for_a_day(callers):
    caller, now = callers("administrator"), timezone.now()
    ages = {"day": timedelta(hours=24, seconds=5), "hours": timedelta(hours=23, minutes=59)}
    for key, age in ages.items():
        assert caller.post("tags/", {"name": key}, once=key).status_code == 201
        keys().filter(key=key).update(created_at=now - age)
    answers = {key: caller.post("tags/", {"name": key}, once=key) for key in ages}
    assert answers["hours"]["Idempotency-Replayed"] == "true"
    assert answers["day"].status_code == 400
    assert set(keys().values_list("key", flat=True)) == {"hours"}


def test_what_is_kept_holds_no_request(callers):
    body = {"to_user": 1, "reason": "canary-in-the-body"}
    customer = callers.company.belongings["sales"].customer
    body["to_user"] = callers.company.users["colleague"].pk
    path = f"customers/{customer.pk}/transfer/"
    assert callers("head").post(path, body, version=1, once="key").status_code == 200
    kept = keys().get()
    assert "canary-in-the-body" not in str([kept.request_hash, kept.body, kept.headers])


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_have_one_effect(callers):
    company = callers.company
    programs = [callers("administrator")]
    programs += [type(programs[0])() for _ in range(19)]
    for program in programs[1:]:
        program.headers = dict(programs[0].headers)
    gate = threading.Barrier(len(programs))

    def send(program):
        gate.wait()
        try:
            return program.post("orders/", new_values(company, "orders"), once="race")
        finally:
            connection.close()

    before = model("customers.Order").objects.count()
    with ThreadPoolExecutor(len(programs)) as pool:
        answers = list(pool.map(send, programs))
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert sorted(a["Idempotency-Replayed"] for a in answers).count("false") == 1
    assert model("customers.Order").objects.count() == before + 1
    assert model("kernel.Event").objects.filter(subject_type="customers.order").count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_twenty_changes_to_one_version_one_is_taken(callers):
    caller = callers("administrator")
    path = f"customers/{existing(callers.company, 'customers')}/"
    field, mine, _theirs = CHANGES["customers"]
    gate = threading.Barrier(20)

    def send(number):
        program = type(caller)()
        program.headers = dict(caller.headers)
        gate.wait()
        try:
            return program.patch(path, {field: f"{mine} {number}"}, 1)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))
    assert sorted(a.status_code for a in answers) == [200] + [409] * 19
    assert caller.get(path).json()["version"] == 2
