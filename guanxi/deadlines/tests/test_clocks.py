"""Clocks kept in the database: the ledger decides, the columns follow, a level fires once."""

from datetime import UTC, datetime, timedelta

import pytest

from guanxi.deadlines import queries
from guanxi.deadlines.clock_queries import explain_clock, get_state
from guanxi.deadlines.models import Alert, Clock, ClockEvent
from guanxi.deadlines.rules.ledger import Kind
from guanxi.deadlines.rules.levels import Level
from guanxi.deadlines.rules.promises import Measure, Target
from guanxi.deadlines.rules.times import SECOND
from guanxi.deadlines.services.clocks import (
    Happening,
    Terms,
    add_to_ledger,
    start_clock,
    sweep,
)
from guanxi.deadlines.tests.test_calendars import office
from guanxi.kernel.actor import system_actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.models import Event

pytestmark = pytest.mark.django_db
SYSTEM = system_actor()
START = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
LEVELS = (Level("warn", percent=50), Level("due", percent=100))


def later(**span):
    return START + timedelta(**span)


def started():
    terms = Terms("response", Target(Measure.BUSINESS, 3600), office(), LEVELS, ("customer",))
    return start_clock("customers.customer", 1, terms, started_at=START, actor=SYSTEM, at=START)


def happens(clock, kind, at, key="", **facts):
    happening = Happening(kind, at, key or f"{kind}{at}", **facts)
    return add_to_ledger(clock.pk, happening, actor=SYSTEM, at=later(hours=5))


def test_a_clock_knows_its_due_and_when_to_be_looked_at():
    clock = started()
    assert (clock.phase, clock.due_at) == ("running", later(hours=1))
    assert clock.next_fire_at == later(minutes=30)


def test_what_arrives_late_or_twice_gives_the_same_state():
    clock = started()
    happens(clock, Kind.STOP, later(minutes=80))
    happens(clock, Kind.RESUME, later(minutes=30))
    for _ in range(2):
        clock = happens(clock, Kind.PAUSE, later(minutes=10), reason="customer")
    assert ClockEvent.objects.count() == 4
    assert (clock.phase, clock.outcome, clock.due_at) == ("stopped", "met", later(minutes=80))
    assert clock.next_fire_at is None


def test_only_the_reasons_of_the_policy_pause():
    with pytest.raises(RuleViolation) as refused:
        happens(started(), Kind.PAUSE, later(minutes=10), reason="lunch")
    assert refused.value.code == "not_pausable"


def test_each_level_fires_once_and_a_breach_is_told_at_its_due_time():
    clock = started()
    assert sweep(at=later(minutes=29)) == 0
    assert [sweep(at=later(minutes=30)) for _ in range(2)] == [1, 0]
    assert [sweep(at=later(minutes=95)) for _ in range(2)] == [1, 0]
    clock = Clock.objects.get(pk=clock.pk)
    assert (clock.outcome, clock.breached_at) == ("breached", later(hours=1))
    assert clock.next_fire_at is None
    assert Alert.objects.count() == Event.objects.filter(kind="deadlines.spoke").count() == 2


def test_reading_computes_though_nobody_swept():
    clock = started()
    state = get_state(clock, later(hours=2))
    assert state.outcome == "breached"
    assert clock.outcome == ""
    assert explain_clock(clock, later(hours=2)).total == 3600 * SECOND


def test_a_changed_calendar_does_not_change_what_a_clock_began_with():
    clock = started()
    office_now = clock.entries.get().calendar_version.calendar
    type(office_now).objects.update(wed="")
    office_now.refresh_from_db()
    assert not queries.get_calendar(office_now).weekly[2]
    assert get_state(clock, START).due_at == get_state(started_again(clock), START).due_at


def started_again(clock):
    return Clock.objects.get(pk=clock.pk)
