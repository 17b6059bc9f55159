"""What is written down of a clock, each entry once, and the columns that follow from it."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from guanxi.deadlines import clock_queries, messages, queries
from guanxi.deadlines.models import Calendar, CalendarVersion, Clock, ClockEvent
from guanxi.deadlines.rules.fold import Phase, State, state_at
from guanxi.deadlines.rules.ledger import Entry as RuleEntry
from guanxi.deadlines.rules.ledger import Kind
from guanxi.deadlines.rules.levels import waits_until
from guanxi.deadlines.rules.promises import Target
from guanxi.deadlines.rules.times import Impossible, instant_of, ticks_of
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import update_rows
from guanxi.kernel.errors import RuleViolation

#: What of a clock is a cache of its ledger.
COLUMNS: Final = (
    "phase", "outcome", "due_at", "breached_at", "is_provisional", "is_excused", "revision",
    "next_fire_at",
)  # fmt: skip
#: Fifty-two bits: what JSON keeps exactly.
_ID_DIGITS: Final = 13


@dataclass(frozen=True)
class Entry:
    """Something that happened to a clock; the same key twice is the same entry."""

    kind: Kind
    at: datetime
    key: str
    reason: str = ""
    target: Target | None = None
    version: CalendarVersion | None = None

    def as_rule(self) -> RuleEntry:
        """The entry as the rules fold it."""
        return RuleEntry(
            self.kind,
            ticks_of(self.at),
            id=self.key,
            reason=self.reason,
            target=self.target,
            calendar=clock_queries.get_version(self.version.pk) if self.version else None,
        )


def write_entry(clock: Clock, entry: Entry, *, actor: Actor, at: datetime) -> bool:
    """Put an entry into a clock's ledger, unless it is there; whether it is new.

    The caller has locked the clock, so nobody writes the same entry at this moment.
    """
    if clock.entries.filter(key=entry.key).exists():
        return False
    append_entry(clock, entry, actor=actor, at=at)
    return True


def append_entry(clock: Clock, entry: Entry, *, actor: Actor, at: datetime) -> None:
    """Put a new entry into a clock's ledger."""
    row_of(clock, entry, actor=actor, at=at).save(force_insert=True)


def row_of(clock: Clock, entry: Entry, *, actor: Actor, at: datetime) -> ClockEvent:
    """An entry as the ledger stores it."""
    return ClockEvent(
        clock_id=clock.pk,
        key=entry.key,
        kind=entry.kind,
        occurred_at=entry.at,
        reason=entry.reason[:200],
        target=asdict(entry.target) if entry.target else None,
        calendar_version_id=entry.version.pk if entry.version else None,
        actor_user_id=actor.user_id,
        actor_label=actor.label[:120],
        recorded_at=at,
    )


def refold(clock: Clock, *, at: datetime) -> State:
    """Bring the stored columns to what the ledger says."""
    fired = set(clock.alerts.values_list("level", "revision"))
    state = take_state(clock, clock_queries.get_entries(clock), fired, at=at)
    clock.save(update_fields=COLUMNS)
    return state


def take_state(
    clock: Clock,
    entries: Sequence[RuleEntry],
    fired: Collection[tuple[str, int]] = (),
    *,
    at: datetime,
) -> State:
    """Set a clock's columns to what a ledger says; the caller stores them."""
    try:
        state = state_at(entries, max(ticks_of(at), ticks_of(clock.started_at)))
    except Impossible as error:
        raise RuleViolation("never_due", messages.NEVER_DUE) from error
    for name, value in columns_of(state).items():
        setattr(clock, name, value)
    look_again(clock, state, fired)
    return state


def look_again(clock: Clock, state: State, fired: Collection[tuple[str, int]]) -> None:
    """Say when the sweep must look at a clock again."""
    levels = clock_queries.get_levels(clock)
    clock.next_fire_at = _instant(waits_until(state, levels, fired))


def keep_columns(clocks: Sequence[Clock], *also: str) -> None:
    """Store the columns of many clocks at once; the caller has locked them."""
    update_rows(clocks, {*COLUMNS, *also})


def columns_of(state: State) -> dict[str, Any]:
    """A state as the columns keep it."""
    return {
        "phase": state.phase.value,
        "outcome": state.outcome.value if state.outcome else "",
        "due_at": _instant(state.due_at),
        "breached_at": _instant(state.breached_at),
        "is_provisional": state.is_provisional,
        "is_excused": state.is_excused,
        "revision": state.revision,
    }


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
    """The version of a calendar as it is, made when there is none of the same content.

    Its id follows from what it says: one that was rolled back leaves no id that could come to
    mean something else, and processes may remember a version by its id for good.
    """
    content = clock_queries.content_of(queries.get_calendar(calendar))
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    own_id = int(hashlib.sha256(f"{calendar.pk}:{digest}".encode()).hexdigest()[:_ID_DIGITS], 16)
    found, _made = CalendarVersion.objects.get_or_create(
        calendar=calendar,
        digest=digest,
        defaults={"pk": own_id, "content": content, "made_at": at},
    )
    return found
