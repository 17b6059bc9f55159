"""Deadlines: the sweep among a million clocks, moving a hundred thousand, the rules alone."""

import random
import time
from datetime import UTC, datetime, timedelta
from typing import Final

from benchmarks.figures import Bench, Measured

CLOSED: Final = 899_000
RUNNING: Final = 100_000
DUE: Final = 1_000
CALLS: Final = 200_000
_KIND: Final = "customers.enter"


def measure(bench: Bench) -> list[Measured]:
    """How long the sweep and the move take, and how many due times a second the rules find."""
    del bench
    return [advanced(), *swept(), moved()]


def advanced() -> Measured:
    """Calls of `advance()` on business time a second, the calendar known."""
    from guanxi.deadlines.queries import get_calendar
    from guanxi.deadlines.rules.promises import Measure, advance
    from guanxi.deadlines.services.calendars import make_standard

    calendar = get_calendar(make_standard(at=datetime.now(UTC)))
    chance, first = random.Random(1), datetime(2026, 1, 1, tzinfo=UTC)
    calls = [
        (first + timedelta(seconds=chance.randrange(86_400 * 300)), chance.randrange(60, 200_000))
        for _ in range(CALLS)
    ]
    advance(calendar, Measure.BUSINESS, first, 60)
    begun = time.process_time()
    for start, amount in calls:
        advance(calendar, Measure.BUSINESS, start, amount)
    rate = CALLS / (time.process_time() - begun)
    return Measured(
        "due times on business time", rate, "/s", 100_000, {"calls": CALLS}, is_least=True
    )


def swept() -> list[Measured]:
    """One sweep with a thousand due, among few clocks and among a million."""
    from guanxi.deadlines.models import Clock
    from guanxi.deadlines.services import sweep

    at = datetime.now(UTC)
    found = []
    for closed, name in ((0, "sweep, 1 000 due among 1 000"), (CLOSED, "… among 1 000 000")):
        if closed:
            fill_closed(closed, at)
            fill_running(RUNNING, at, timedelta(days=3), "run")
        fill_running(DUE, at - timedelta(hours=2), timedelta(hours=1), f"due{closed}")
        begun = time.perf_counter()
        fired = sweep(at=at)
        seconds = time.perf_counter() - begun
        details = {"fired": fired, "clocks": Clock.objects.count()}
        found.append(Measured(name, seconds, "s", 1.0, details))
    return found


def moved() -> Measured:
    """Every running clock to a changed calendar."""
    from guanxi.deadlines.models import Calendar
    from guanxi.deadlines.services import renew_versions, reproject
    from guanxi.kernel.actor import system_actor

    calendar = Calendar.objects.get(name="标准工作日")
    Calendar.objects.filter(pk=calendar.pk).update(fri="09:00-12:00 13:30-17:00")
    renew_versions(calendar)
    begun = time.perf_counter()
    report = reproject(
        {"calendar": calendar.pk, "dry": False},
        lambda _done, _total: None,
        actor=system_actor(),
        at=datetime.now(UTC),
    )
    seconds = time.perf_counter() - begun
    details = {"changed": report.changed, "unchanged": report.unchanged}
    return Measured("move of running clocks", seconds, "s", 60.0, details)


def fill_closed(count: int, at: datetime) -> None:
    """Clocks that are done: the sweep never looks at them."""
    from django.db import connection, transaction

    from guanxi.deadlines.models import Clock
    from guanxi.kernel.db.rows import insert_rows
    from guanxi.kernel.db.statistics import renew_statistics

    facts = {"record_key": "customers.customer", "kind": _KIND, "started_at": at, "due_at": at}
    for begin in range(0, count, 50_000):
        rows = [
            Clock(object_id=1, key=f"closed{n}", phase="stopped", outcome="met", **facts)
            for n in range(begin, min(count, begin + 50_000))
        ]
        with transaction.atomic():
            insert_rows(rows)
    renew_statistics()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def fill_running(count: int, begun: datetime, length: timedelta, name: str) -> None:
    """Clocks that run, each with its ledger, two levels to come."""
    from django.db import transaction

    from guanxi.deadlines.models import Clock
    from guanxi.deadlines.rules.ledger import Kind
    from guanxi.deadlines.services import Measure, Target
    from guanxi.deadlines.services.calendars import make_standard
    from guanxi.deadlines.services.ledger import Entry, current_version, row_of, take_state
    from guanxi.kernel.actor import system_actor
    from guanxi.kernel.db.rows import insert_rows

    measure = Measure.CALENDAR if length < timedelta(days=1) else Measure.BUSINESS_DAYS
    amount = int(length.total_seconds()) if measure is Measure.CALENDAR else length.days
    version = current_version(make_standard(at=begun), at=begun)
    entry = Entry(Kind.START, begun, "start", target=Target(measure, amount), version=version)
    levels = [
        {"name": f"{percent}%", "percent": percent, "offset": None, "to": ["owner"]}
        for percent in (80, 100)
    ]
    facts = {"record_key": "customers.customer", "kind": _KIND, "started_at": begun}
    with transaction.atomic():
        clocks = [
            Clock(object_id=1, key=f"{name}{n}", levels=levels, calendar_version=version, **facts)
            for n in range(count)
        ]
        for clock in clocks:
            take_state(clock, [entry.as_rule()], at=begun)
        insert_rows(clocks)
        insert_rows([row_of(clock, entry, actor=system_actor(), at=begun) for clock in clocks])
