"""The sweep: clocks whose time has come speak up, each level of each promise once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from guanxi.deadlines import clock_queries
from guanxi.deadlines.events import ClockSpoke
from guanxi.deadlines.models import Alert, Clock
from guanxi.deadlines.rules.fold import state_at
from guanxi.deadlines.rules.levels import Firing, ripe, waits_until
from guanxi.deadlines.rules.times import ticks_of
from guanxi.deadlines.services.ledger import columns_of
from guanxi.kernel.actor import system_actor
from guanxi.kernel.events import Happening, record_many

BATCH: Final = 200
_COLUMNS: Final = (
    "phase", "outcome", "due_at", "breached_at", "is_provisional", "is_excused", "revision",
    "next_fire_at",
)  # fmt: skip


def sweep(*, at: datetime) -> int:
    """Let every clock speak up whose time has come; returns how many levels fired."""
    fired = 0
    while True:
        seen, count = sweep_some(at=at)
        fired += count
        if seen < BATCH:
            return fired


@transaction.atomic
def sweep_some(*, at: datetime) -> tuple[int, int]:
    """Take some of the clocks that are due; how many they were, how many levels fired.

    What is taken is locked until it is done; another worker takes others. One that is killed
    leaves everything as it was.
    """
    clocks = _take(at)
    now = ticks_of(at)
    entries = clock_queries.get_entries_of(clocks)
    alerts = clock_queries.get_alerts_of(clocks)
    spoken: list[tuple[Clock, Firing]] = []
    for clock in clocks:
        state = state_at(entries[clock.pk], max(now, ticks_of(clock.started_at)))
        known, levels = alerts[clock.pk], clock_queries.get_levels(clock)
        firings = ripe(state, levels, known, now)
        spoken += [(clock, firing) for firing in firings]
        known |= {firing.key for firing in firings}
        for name, value in columns_of(state, waits_until(state, levels, known)).items():
            setattr(clock, name, value)
    Clock.objects.bulk_update(clocks, _COLUMNS)
    _speak(spoken, at)
    return len(clocks), len(spoken)


def _take(at: datetime) -> list[Clock]:
    due = Clock.objects.filter(next_fire_at__isnull=False, next_fire_at__lte=at)
    if not due.exists():
        return []  # Mostly so: looking takes no lock.
    rows = due.order_by("next_fire_at", "id")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    return list(rows[:BATCH])


def _speak(spoken: Sequence[tuple[Clock, Firing]], at: datetime) -> None:
    Alert.objects.bulk_create(
        Alert(clock=clock, level=firing.level.name, revision=firing.revision, fired_at=at)
        for clock, firing in spoken
    )
    happenings = [
        Happening(
            ClockSpoke(clock.record_key, clock.object_id, clock.kind, firing.level.name), clock
        )
        for clock, firing in spoken
    ]
    record_many(happenings, actor=system_actor("deadlines"), at=at)
