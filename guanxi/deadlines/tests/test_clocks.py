"""Clocks kept in the database: the ledger decides, the columns follow, a level fires once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from guanxi.deadlines import declarations, queries, services
from guanxi.deadlines.clock_queries import explain_clock, get_state
from guanxi.deadlines.models import Alert, Clock, ClockEvent
from guanxi.deadlines.rules.times import SECOND
from guanxi.deadlines.services import Happened, Level, Measure, Promise, Target
from guanxi.deadlines.services.sweep import PUT_OFF, due_clocks
from guanxi.deadlines.tests.test_calendars import made, office
from guanxi.kernel.actor import system_actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.models import Event
from guanxi.people.models import Department

pytestmark = pytest.mark.django_db
SYSTEM = system_actor()
START = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
LEVELS = (Level("warn", percent=50), Level("due", percent=100))
KIND = "tests.answer"
WHO = {"actor": SYSTEM}

if KIND not in {kind.name for kind in declarations.clock_kinds()}:
    declarations.declare_clock(
        declarations.ClockKind(
            KIND, "people.department", "Answer", department=lambda department: department.pk
        )
    )


@pytest.fixture
def subject():
    office()
    return Department.objects.create(name="客服部", created_at=START, updated_at=START)


def later(**span):
    return START + timedelta(**span)


def promise(measure=Measure.BUSINESS, amount=3600, *, recurring=False):
    return Promise(Target(measure, amount, recurring), levels=LEVELS, reasons=("customer", "head"))


def started(subject, **options):
    options = {"promise": promise(), "at": START} | options
    return services.start_clock(subject, KIND, **WHO, **options)


def stored(clock):
    return Clock.objects.get(pk=clock.pk)


def test_a_clock_knows_its_due_and_when_to_be_looked_at(subject):
    clock = started(subject)
    assert (clock.phase, clock.due_at) == ("running", later(hours=1))
    assert clock.next_fire_at == later(minutes=30)
    assert (clock.subject_label, clock.department_id) == ("客服部", subject.pk)


def test_started_twice_it_is_one_and_another_key_is_another(subject):
    first, again, other = started(subject), started(subject), started(subject, key="2")
    assert first.pk == again.pk != other.pk
    assert ClockEvent.objects.count() == 2


def test_without_a_promise_nothing_starts_and_what_is_not_there_does_nothing(subject):
    assert started(subject, promise=None) is None
    assert services.stop_clock(subject, KIND, **WHO, at=later(hours=1)) is None


def test_asking_twice_changes_nothing_more(subject):
    clock = started(subject)
    for minute in (10, 11):
        services.pause_clock(subject, KIND, reason="customer", **WHO, at=later(minutes=minute))
    assert stored(clock).due_at is None
    for minute in (20, 21):
        services.resume_clock(subject, KIND, **WHO, at=later(minutes=minute))
    assert stored(clock).due_at == later(minutes=70)
    for minute in (30, 31):
        services.stop_clock(subject, KIND, **WHO, at=later(minutes=minute))
    assert [row.kind for row in clock.entries.order_by("id")] == [
        "start", "pause", "resume", "stop",
    ]  # fmt: skip
    assert (stored(clock).phase, stored(clock).outcome) == ("stopped", "met")
    assert stored(clock).next_fire_at is None


def test_a_pause_ends_when_its_last_reason_ends(subject):
    clock = started(subject)
    services.pause_clock(subject, KIND, reason="customer", **WHO, at=later(minutes=10))
    services.pause_clock(subject, KIND, reason="head", **WHO, at=later(minutes=15))
    services.resume_clock(subject, KIND, reason="customer", **WHO, at=later(minutes=20))
    assert stored(clock).phase == "paused"
    services.resume_clock(subject, KIND, reason="head", **WHO, at=later(minutes=30))
    assert stored(clock).due_at == later(minutes=80)


def test_only_the_reasons_of_the_promise_pause(subject):
    started(subject)
    with pytest.raises(RuleViolation) as refused:
        services.pause_clock(subject, KIND, reason="lunch", **WHO, at=later(minutes=10))
    assert refused.value.code == "not_pausable"


def test_what_is_told_late_or_twice_takes_its_place(subject):
    clock = started(subject)
    services.stop_clock(subject, KIND, **WHO, at=later(minutes=90))
    assert stored(clock).outcome == "breached"
    for _ in range(2):
        reply = Happened(later(minutes=50), "message:7")
        services.stop_clock(subject, KIND, **WHO, at=later(minutes=95), happened=reply)
    assert (stored(clock).outcome, stored(clock).breached_at) == ("met", None)
    assert ClockEvent.objects.count() == 3


def test_an_answer_that_never_arrived_did_not_stop_the_clock(subject):
    clock = started(subject)
    services.stop_clock(subject, KIND, **WHO, at=later(minutes=20))
    services.fail_delivery(subject, KIND, **WHO, at=later(minutes=40))
    assert (stored(clock).phase, stored(clock).due_at) == ("running", later(hours=1))


def test_reopened_within_seven_days_it_runs_on_and_not_later(subject):
    clock = started(subject, promise=promise(Measure.CALENDAR))
    services.stop_clock(subject, KIND, **WHO, at=later(minutes=20))
    with pytest.raises(RuleViolation) as refused:
        services.reopen_clock(subject, KIND, **WHO, at=later(days=8))
    assert refused.value.code == "too_late_to_reopen"
    services.reopen_clock(subject, KIND, **WHO, at=later(days=6))
    assert stored(clock).due_at == later(days=6, minutes=40)


def test_a_tighter_promise_leaves_grace_and_takes_its_levels(subject):
    clock = started(subject, promise=promise(Measure.CALENDAR, 24 * 3600))
    tight = Promise(Target(Measure.CALENDAR, 3600), levels=LEVELS[1:])
    for _ in range(2):
        services.retarget_clock(subject, KIND, promise=tight, **WHO, at=later(hours=5))
    assert stored(clock).due_at == stored(clock).next_fire_at == later(hours=5, minutes=15)
    assert (stored(clock).revision, len(stored(clock).levels)) == (1, 1)


def test_another_teams_calendar_counts_only_the_rest(subject):
    clock = started(subject, promise=promise(amount=4 * 3600))  # 10:00 in China: two hours today
    late = made("calendar", name="下午", **dict.fromkeys(queries.WEEK[:5], "15:00-18:00"))
    services.transfer_clock(subject, KIND, calendar=late, **WHO, at=later(hours=2))
    assert stored(clock).due_at == later(hours=7)


def test_a_recurring_promise_is_due_again_after_each_word(subject):
    clock = started(subject, promise=promise(Measure.CALENDAR, 1800, recurring=True))
    services.update_clock(subject, KIND, **WHO, at=later(minutes=20))
    assert stored(clock).due_at == later(minutes=50)
    assert services.sweep(at=later(minutes=51)) == 2
    assert get_state(clock, later(minutes=51)).misses
    assert stored(clock).due_at == later(minutes=80)
    assert services.sweep(at=later(minutes=51)) == 0


def test_an_excused_breach_is_told_apart_and_cancelled_clocks_are_silent(subject):
    clock = started(subject)
    services.excuse_clock(subject, KIND, reason="停电", **WHO, at=later(minutes=10))
    assert clock.entries.count() == 1
    services.excuse_clock(subject, KIND, reason="停电", **WHO, at=later(minutes=70))
    assert (stored(clock).outcome, stored(clock).is_excused) == ("breached", True)
    assert services.cancel_clocks(subject, **WHO, at=later(minutes=80)) == 1
    assert services.cancel_clocks(subject, **WHO, at=later(minutes=80)) == 0
    assert (stored(clock).phase, services.sweep(at=later(days=1))) == ("cancelled", 0)


def test_each_level_fires_once_and_a_breach_is_told_at_its_due_time(subject):
    clock = started(subject)
    assert services.sweep(at=later(minutes=29)) == 0
    assert [services.sweep(at=later(minutes=30)) for _ in range(2)] == [1, 0]
    assert [services.sweep(at=later(minutes=95)) for _ in range(2)] == [1, 0]
    clock = stored(clock)
    assert (clock.outcome, clock.breached_at) == ("breached", later(hours=1))
    assert clock.next_fire_at is None
    assert Alert.objects.count() == Event.objects.filter(kind="deadlines.spoke").count() == 2


def test_reading_computes_though_nobody_swept(subject):
    clock = started(subject)
    assert get_state(clock, later(hours=2)).outcome == "breached"
    assert clock.outcome == ""
    assert explain_clock(clock, later(hours=2)).total == 3600 * SECOND


def test_a_clock_keeps_the_calendar_that_it_began_with(subject):
    first = started(subject)
    days = office_day()
    second = started(subject, key="2")
    assert stored(first).due_at == later(hours=1)
    assert second.due_at != first.due_at
    assert days.calendar.versions.count() == 2


def office_day():
    calendar = Clock.objects.get().entries.get().calendar_version.calendar
    return made("calendarday", calendar=calendar.pk, day="2026-03-11", hours="")


@pytest.mark.parametrize("change", ["UPDATE {} SET reason = 'x'", "DELETE FROM {}"])
def test_the_ledger_is_append_only(subject, change):
    started(subject)
    table = ClockEvent._meta.db_table
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table))
    assert ClockEvent.objects.count() == 1


def test_the_sweep_reads_the_partial_index_alone(subject):
    started(subject)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # Of one row the whole table is read, rightly.
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    plan = due_clocks(later(hours=1)).explain()
    assert "clock_next_fire" in plan
    assert "SCAN deadlines_clock\n" not in plan + "\n"


def test_a_breach_is_of_the_exact_instant_and_told_once_three_days_later(subject):  # J05
    clock, in_time = started(subject), started(subject, key="2")
    due = later(hours=1)
    services.stop_clock(subject, KIND, key="2", **WHO, at=due)
    assert stored(in_time).outcome == "met"
    assert get_state(clock, due).outcome is None
    assert get_state(clock, due + timedelta(microseconds=1)).outcome == "breached"
    assert [services.sweep(at=due + timedelta(days=3)) for _ in range(2)] == [2, 0]
    assert (stored(clock).breached_at, clock.alerts.count()) == (due, 2)


def test_a_calendar_that_never_opens_is_refused_in_words(subject):
    closed = made("calendar", name="没有工时")
    never = replace(promise(), calendar=closed)
    with pytest.raises(RuleViolation) as refused:
        started(subject, promise=never)
    assert refused.value.code == "never_due"
    started(subject)
    with pytest.raises(RuleViolation):
        services.transfer_clock(subject, KIND, calendar=closed, **WHO, at=later(minutes=5))


def test_half_an_hour_without_a_worker_changes_no_date(subject):
    clock = started(subject)
    assert services.sweep(at=later(minutes=90)) == 2
    assert stored(clock).breached_at == later(hours=1)
    assert [alert.fired_at for alert in clock.alerts.all()] == [later(minutes=90)] * 2


def test_a_clock_that_jumps_ahead_and_back_tells_nothing_twice(subject):
    clock = started(subject)
    for hours in (25, -1, 25, 2):  # H13
        services.sweep(at=later(hours=hours))
    assert clock.alerts.count() == 2


def test_a_clock_that_cannot_be_read_holds_up_no_other(subject, caplog):
    """It is put off and told in the log; the queue flows (H15)."""
    poison, sound = started(subject), started(subject, key="2")
    Clock.objects.filter(pk=poison.pk).update(levels=[{"percent": 50}])
    at = later(hours=2)
    assert [services.sweep(at=at) for _ in range(2)] == [2, 0]
    assert (sound.alerts.count(), poison.alerts.count()) == (2, 0)
    assert stored(poison).next_fire_at == at + PUT_OFF
    assert f"the clock {poison.pk} cannot be read" in caplog.text
    Clock.objects.filter(pk=poison.pk).update(levels=sound.levels)
    assert services.sweep(at=at + PUT_OFF) == 2
    assert stored(poison).breached_at == later(hours=1)
