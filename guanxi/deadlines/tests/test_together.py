"""Deadlines that were over before they were told: together the same as one after the other."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.deadlines import services
from guanxi.deadlines.models import Clock
from guanxi.deadlines.tests.test_calendars import made
from guanxi.kernel.actor import system_actor
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record
from guanxi.surfaces.services.views import ViewSpec, create_view

pytestmark = pytest.mark.django_db
SYSTEM = system_actor()
AT = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
ENTER = "customers.enter"
NOT_SAME = {"id", "object_id", "subject_label"}


def customers(count, tier):
    kind = get_record_type("customers.customer")
    return [
        create_record(kind, {"name": f"{tier}客户{n}", "tier": tier}, actor=SYSTEM, at=AT)
        for n in range(count)
    ]


def told(clock):
    """A clock with its ledger, without what names the record."""
    columns = {f.attname: getattr(clock, f.attname) for f in clock._meta.concrete_fields}
    entries = clock.entries.order_by("id").values(
        "kind", "occurred_at", "key", "reason", "target", "calendar_version", "actor_user_id",
        "actor_label", "recorded_at",
    )  # fmt: skip
    return {n: v for n, v in columns.items() if n not in NOT_SAME}, list(entries)


@pytest.fixture
def policies(company):
    core = {"field": "tier", "op": "is", "value": "core"}
    view = create_view(
        get_record_type("customers.customer"),
        ViewSpec("核心", condition=core, visibility="shared"),
        actor=company.actor("administrator"), at=AT,
    )  # fmt: skip
    common = {"kind": ENTER, "levels": "100% owner"}
    made("policy", name="核心", audience=str(view.pk), unit="hours", amount=2, position=1, **common)
    made("policy", name="其余", unit="working_hours", amount=4, position=2, **common)


@pytest.mark.parametrize("hours", [1, 3, 30])
def test_many_at_once_are_what_each_alone_would_be(policies, hours):
    begun = AT - timedelta(hours=hours)
    for tier in ("core", "ordinary"):
        alone, *together = customers(3, tier)
        happened = services.Happened(begun)
        services.start_clock(alone, ENTER, happened=happened, actor=SYSTEM, at=AT)
        services.stop_clock(alone, ENTER, actor=SYSTEM, at=AT)
        ended = [services.Ended(customer, begun, AT) for customer in together]
        assert services.note_ended(ended, ENTER, actor=SYSTEM) == 2
        assert services.note_ended(ended, ENTER, actor=SYSTEM) == 0
        one = told(Clock.objects.get(object_id=alone.pk))
        for customer in together:
            assert told(Clock.objects.get(object_id=customer.pk)) == one
    late = {"core": hours > 2, "ordinary": hours > 10}
    for tier, is_late in late.items():
        clock = Clock.objects.filter(subject_label__startswith=tier).first()
        assert bool(clock.breached_at) is is_late


def test_the_statements_do_not_grow_with_the_records(policies):
    few, many = customers(2, "core"), customers(40, "core")
    counts = []
    for some in (few, many):
        ended = [services.Ended(customer, AT - timedelta(hours=1), AT) for customer in some]
        with CaptureQueriesContext(connection) as asked:
            services.note_ended(ended, ENTER, actor=SYSTEM)
        counts.append(len(asked))
    assert counts[1] <= counts[0]


def test_without_a_policy_nothing_is_kept(company):
    ended = [services.Ended(customer, AT, AT) for customer in customers(2, "core")]
    assert services.note_ended(ended, ENTER, actor=SYSTEM) == 0
    assert not Clock.objects.exists()
