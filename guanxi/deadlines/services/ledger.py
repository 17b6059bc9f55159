"""What is written down of a clock, each entry once, and the columns that follow from it."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from guanxi.deadlines import clock_queries, queries
from guanxi.deadlines.models import Calendar, CalendarVersion, Clock, ClockEvent
from guanxi.deadlines.rules.fold import Phase, State, state_at
from guanxi.deadlines.rules.ledger import Kind
from guanxi.deadlines.rules.levels import waits_until
from guanxi.deadlines.rules.promises import Target
from guanxi.deadlines.rules.times import instant_of, ticks_of
from guanxi.kernel.actor import Actor


@dataclass(frozen=True)
class Entry:
    """Something that happened to a clock; the same key twice is the same entry."""

    kind: Kind
    at: datetime
    key: str
    reason: str = ""
    target: Target | None = None
    version: CalendarVersion | None = None


def write_entry(clock: Clock, entry: Entry, *, actor: Actor, at: datetime) -> bool:
    """Put an entry into a clock's ledger, unless it is there; whether it is new."""
    _row, is_new = ClockEvent.objects.get_or_create(
        clock=clock,
        key=entry.key,
        defaults={
            "kind": entry.kind,
            "occurred_at": entry.at,
            "reason": entry.reason[:200],
            "target": asdict(entry.target) if entry.target else None,
            "calendar_version": entry.version,
            "actor_user_id": actor.user_id,
            "actor_label": actor.label[:120],
            "recorded_at": at,
        },
    )
    return is_new


def refold(clock: Clock, *, at: datetime) -> State:
    """Bring the stored columns to what the ledger says."""
    now = max(ticks_of(at), ticks_of(clock.started_at))
    state = state_at(clock_queries.get_entries(clock), now)
    fired = set(clock.alerts.values_list("level", "revision"))
    store_state(clock, state, waits_until(state, clock_queries.get_levels(clock), fired))
    return state


def columns_of(state: State, next_look: int | None) -> dict[str, Any]:
    """A state as the columns keep it."""
    return {
        "phase": state.phase.value,
        "outcome": state.outcome.value if state.outcome else "",
        "due_at": _instant(state.due_at),
        "breached_at": _instant(state.breached_at),
        "is_provisional": state.is_provisional,
        "is_excused": state.is_excused,
        "revision": state.revision,
        "next_fire_at": _instant(next_look),
    }


def store_state(clock: Clock, state: State, next_look: int | None) -> None:
    """Keep a state in the columns of its clock."""
    columns = columns_of(state, next_look)
    for name, value in columns.items():
        setattr(clock, name, value)
    clock.save(update_fields=list(columns))


def _instant(ticks: int | None) -> datetime | None:
    return None if ticks is None else instant_of(ticks)


def is_live(state: State) -> bool:
    """Whether anything can still happen to the promise."""
    return state.phase in {Phase.RUNNING, Phase.PAUSED}


# Versions of calendars ----------------------------------------------------------------------------
@transaction.atomic
def current_version(calendar: Calendar, *, at: datetime) -> CalendarVersion:
    """The version that clocks started now are pinned to: the calendar as it is."""
    if calendar.current is None:
        calendar.current = keep_version(calendar, at=at)
        Calendar.objects.filter(pk=calendar.pk).update(current=calendar.current)
    return calendar.current


def keep_version(calendar: Calendar, *, at: datetime) -> CalendarVersion:
    """The version of a calendar as it is, made when there is none of the same content."""
    content = clock_queries.content_of(queries.get_calendar(calendar))
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    found, _made = CalendarVersion.objects.get_or_create(
        calendar=calendar, digest=digest, defaults={"content": content, "made_at": at}
    )
    return found
