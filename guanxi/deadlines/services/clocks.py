"""Clocks: started, paused, stopped and retargeted by the domains; swept by the worker.

A domain calls these inside its own transaction. The ledger decides; the clock's columns follow.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import models, transaction

from guanxi.deadlines import clock_queries, messages, queries
from guanxi.deadlines.events import ClockSpoke
from guanxi.deadlines.models import Alert, Calendar, CalendarVersion, Clock, ClockEvent
from guanxi.deadlines.rules.fold import State, state_at
from guanxi.deadlines.rules.ledger import Kind
from guanxi.deadlines.rules.levels import Firing, Level, pending
from guanxi.deadlines.rules.promises import Target
from guanxi.deadlines.rules.times import instant_of, ticks_of
from guanxi.kernel.actor import Actor, system_actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import record

BATCH: Final = 200


@dataclass(frozen=True)
class Terms:
    """What a clock promises: how much of which time, who may pause it why, when it speaks up."""

    kind: str
    target: Target
    calendar: Calendar
    levels: tuple[Level, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Happening:
    """An entry for the ledger. `key` makes a repeated one the same: a message's id, an event's."""

    kind: Kind
    occurred_at: datetime
    key: str
    reason: str = ""
    target: Target | None = None
    calendar: Calendar | None = None


@transaction.atomic
def start_clock(
    record_key: str,
    object_id: int,
    terms: Terms,
    *,
    started_at: datetime,
    actor: Actor,
    at: datetime,
) -> Clock:
    """Start a clock on a record."""
    clock = Clock.objects.create(
        record_key=record_key,
        object_id=object_id,
        kind=terms.kind,
        levels=[vars(level) for level in terms.levels],
        reasons=list(terms.reasons),
        started_at=started_at,
        phase="running",
    )
    first = Happening(Kind.START, started_at, "start", target=terms.target, calendar=terms.calendar)
    _write(clock, first, actor, at)
    return refold(clock, at=at)


@transaction.atomic
def add_to_ledger(clock_id: int, happening: Happening, *, actor: Actor, at: datetime) -> Clock:
    """Write down what happened to a clock, early, late or twice, and fold it anew."""
    clock = Clock.objects.select_for_update().get(pk=clock_id)
    if happening.kind is Kind.PAUSE and happening.reason not in clock.reasons:
        raise RuleViolation("not_pausable", messages.NOT_PAUSABLE, "reason")
    _write(clock, happening, actor, at)
    return refold(clock, at=at)


def _write(clock: Clock, happening: Happening, actor: Actor, at: datetime) -> None:
    if clock.entries.filter(key=happening.key).exists():
        return
    version = keep_version(happening.calendar, at=at) if happening.calendar else None
    target = happening.target
    ClockEvent.objects.create(
        clock=clock,
        kind=happening.kind,
        occurred_at=happening.occurred_at,
        key=happening.key,
        reason=happening.reason,
        target=target
        and {"measure": target.measure, "amount": target.amount, "recurring": target.recurring},
        calendar_version=version,
        actor_user_id=actor.user_id,
        actor_label=actor.label,
        recorded_at=at,
    )


def keep_version(calendar: Calendar, *, at: datetime) -> CalendarVersion:
    """The version of a calendar as it is now, made when there is none of the same content."""
    content = clock_queries.content_of(queries.get_calendar(calendar))
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    found, _made = CalendarVersion.objects.get_or_create(
        calendar=calendar, digest=digest, defaults={"content": content, "made_at": at}
    )
    return found


def refold(clock: Clock, *, at: datetime) -> Clock:
    """Bring the stored columns to what the ledger says."""
    entries = clock_queries.get_entries(clock)
    state = state_at(entries, max(ticks_of(at), ticks_of(clock.started_at)))
    fired = set(clock.alerts.values_list("level", "revision"))
    _store(clock, state, pending(state, clock_queries.get_levels(clock), fired))
    return clock


def _store(clock: Clock, state: State, waiting: Collection[Firing]) -> None:
    columns: dict[str, Any] = {
        "phase": state.phase,
        "outcome": state.outcome or "",
        "due_at": _instant(state.due_at),
        "breached_at": _instant(state.breached_at),
        "is_provisional": state.is_provisional,
        "is_excused": state.is_excused,
        "revision": state.revision,
        "next_fire_at": _instant(next_look(state, waiting)),
    }
    for name, value in columns.items():
        setattr(clock, name, value)
    clock.save(update_fields=list(columns))


def next_look(state: State, waiting: Collection[Firing]) -> int | None:
    """When the sweep has something to do: the next level, or the due that would be missed."""
    moments = [firing.at for firing in waiting]
    if state.phase == "running" and state.due_at and state.outcome is None:
        moments.append(state.due_at + 1)
    return min(moments, default=None)


def _instant(ticks: int | None) -> datetime | None:
    return None if ticks is None else instant_of(ticks)


def sweep(*, at: datetime) -> int:
    """Let every clock speak up whose time has come; returns how many levels fired."""
    fired = 0
    while due := list(_due(at)):
        fired += sum(sweep_clock(pk, at=at) for pk in due)
    return fired


def _due(at: datetime) -> models.QuerySet[Clock, int]:
    waiting = Clock.objects.filter(next_fire_at__isnull=False, next_fire_at__lte=at)
    return waiting.order_by("next_fire_at", "id").values_list("pk", flat=True)[:BATCH]


@transaction.atomic
def sweep_clock(clock_id: int, *, at: datetime) -> int:
    """Look at one clock again; each level of each promise fires once, whoever looks."""
    clock = Clock.objects.select_for_update().get(pk=clock_id)
    if clock.next_fire_at is None or clock.next_fire_at > at:
        return 0
    now = ticks_of(at)
    state = state_at(clock_queries.get_entries(clock), now)
    known = set(clock.alerts.values_list("level", "revision"))
    waiting = pending(state, clock_queries.get_levels(clock), known)
    ripe = [firing for firing in waiting if firing.at <= now]
    count = sum(_fire(clock, firing, at) for firing in ripe)
    _store(clock, state, [firing for firing in waiting if firing.at > now])
    return count


def _fire(clock: Clock, firing: Firing, at: datetime) -> bool:
    _alert, is_new = Alert.objects.get_or_create(
        clock=clock,
        level=firing.level.name,
        revision=firing.revision,
        defaults={"fired_at": at},
    )
    if is_new:
        spoke = ClockSpoke(clock.record_key, clock.object_id, clock.kind, firing.level.name)
        record(spoke, subject=clock, actor=system_actor("deadlines"), at=at)
    return is_new
