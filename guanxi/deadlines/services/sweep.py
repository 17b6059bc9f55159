"""The sweep: clocks whose time has come speak up, each level of each promise once."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from guanxi.deadlines import clock_queries
from guanxi.deadlines.events import ClockSpoke
from guanxi.deadlines.models import Alert, Clock
from guanxi.deadlines.rules.levels import Firing, ripe
from guanxi.deadlines.rules.times import ticks_of
from guanxi.deadlines.services.ledger import keep_columns, look_again, take_state
from guanxi.kernel.actor import system_actor
from guanxi.kernel.events import Happening, record_many

BATCH: Final = 200
#: How long a clock that cannot be read is left alone.
PUT_OFF: Final = timedelta(hours=1)
log = logging.getLogger(__name__)


def sweep(*, at: datetime) -> int:
    """Let every clock speak up whose time has come; returns how many levels fired."""
    fired = 0
    while True:
        try:
            seen, count = sweep_some(at=at)
        except DatabaseError:
            raise
        except Exception:
            log.exception("a batch of clocks could not be swept")
            seen, count = _sweep_alone(at)
        fired += count
        if seen < BATCH:
            return fired


def _sweep_alone(at: datetime) -> tuple[int, int]:
    """Each of a batch by itself: one that cannot be read is put off and holds up no other (H15)."""
    ids, fired = list(due_clocks(at).values_list("pk", flat=True)[:BATCH]), 0
    for pk in ids:
        try:
            fired += sweep_some(at=at, pk=pk)[1]
        except DatabaseError:
            raise
        except Exception:
            log.exception("the clock %s cannot be read", pk)
            Clock.objects.filter(pk=pk).update(next_fire_at=at + PUT_OFF)
    return len(ids), fired


@transaction.atomic
def sweep_some(*, at: datetime, pk: int | None = None) -> tuple[int, int]:
    """Take some of the clocks that are due, or this one; how many, how many levels fired.

    What is taken is locked until it is done; another worker takes others. One that is killed
    leaves everything as it was.
    """
    clocks = _take(at, pk)
    now = ticks_of(at)
    entries = clock_queries.get_entries_of(clocks)
    alerts = clock_queries.get_alerts_of(clocks)
    spoken: list[tuple[Clock, Firing]] = []
    for clock in clocks:
        known = alerts[clock.pk]
        state = take_state(clock, entries[clock.pk], known, at=at)
        firings = ripe(state, clock_queries.get_levels(clock), known, now)
        spoken += [(clock, firing) for firing in firings]
        known |= {firing.key for firing in firings}
        look_again(clock, state, known)
    keep_columns(clocks)
    _speak(spoken, at)
    return len(clocks), len(spoken)


def due_clocks(at: datetime) -> QuerySet[Clock]:
    """The clocks whose time has come; a partial index knows them, however many are closed."""
    due = Clock.objects.filter(next_fire_at__isnull=False, next_fire_at__lte=at)
    return due.order_by("next_fire_at", "id")


def _take(at: datetime, pk: int | None) -> list[Clock]:
    rows = due_clocks(at) if pk is None else due_clocks(at).filter(pk=pk)
    if not rows.exists():
        return []  # Mostly so: looking takes no lock.
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
            ClockSpoke(
                clock.record_key, clock.object_id, clock.kind, firing.level.name, firing.revision
            ),
            clock,
        )
        for clock, firing in spoken
    ]
    record_many(happenings, actor=system_actor(gettext_noop("deadlines")), at=at)
