"""The state of a clock: a pure function of its ledger and of now, whatever order events came in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from guanxi.deadlines.rules.calendars import Calendar
from guanxi.deadlines.rules.ledger import Entry, Kind, in_order, start_of
from guanxi.deadlines.rules.openings import Opening
from guanxi.deadlines.rules.promises import (
    EVER,
    Course,
    Due,
    Measure,
    Pauses,
    Promise,
    Reach,
    Softened,
    Target,
    due_of,
    is_provisional,
    merged,
    switched,
)
from guanxi.deadlines.rules.times import DAY, Impossible

#: A clock runs on when its record is reopened within this time; later there is a new record.
REOPEN_WINDOW: Final = 7 * DAY
LONGEST_GRACE: Final = 4 * 3600
MOST_MISSES: Final = 100_000


class Phase(StrEnum):
    """Whether the clock runs."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """How it ended, or that it is already too late."""

    MET = "met"
    BREACHED = "breached"


@dataclass(frozen=True)
class DueChange:
    """A change of the promise: what was due, what is due, and the event that did it."""

    entry: Entry
    old: int
    new: int


@dataclass(frozen=True)
class State:
    """A clock at an instant; there is no due while it is paused, and none once it is cancelled."""

    phase: Phase
    outcome: Outcome | None
    due: Due | None
    breached_at: int | None
    misses: tuple[int, ...]
    last_miss: tuple[int, Due] | None
    paused_for: tuple[str, ...]
    is_excused: bool
    is_provisional: bool
    revision: int
    promise: Promise
    pauses: Pauses
    calendar: Calendar
    target: Target
    started_at: int
    paused_since: int | None
    stopped_at: int | None
    changes: tuple[DueChange, ...]
    if_resumed: Due | None

    @property
    def due_at(self) -> int | None:
        """The due instant, if there is one."""
        return self.due.ticks if self.due else None


@dataclass
class _Clock:
    """The clock as the fold turns it, event by event."""

    start: int
    interval: int
    target: Target
    promise: Promise
    course: Course
    phase: Phase = Phase.RUNNING
    open_pauses: list[str] = field(default_factory=list)
    paused_since: int = 0
    closed: list[Opening] = field(default_factory=list)
    breach: Due | None = None
    misses: list[int] = field(default_factory=list)
    last_miss: tuple[int, Due] | None = None
    stopped_at: int | None = None
    at_stop: Due | None = None
    outcome: Outcome | None = None
    is_excused: bool = False
    revision: int = 0
    changes: list[DueChange] = field(default_factory=list)
    _known: Due | None = None

    def pauses(self, now: int) -> Pauses:
        """All pauses, one that goes on ended now."""
        going_on = [Opening(self.paused_since, now)] if self.phase is Phase.PAUSED else []
        return merged(self.closed + going_on)

    def due(self, now: int) -> Due:
        """When the promise falls due; while paused, as if it were resumed now."""
        if self.phase is Phase.PAUSED:
            return due_of(self.promise, self.pauses(now))
        if self._known is None:
            self._known = due_of(self.promise, self.pauses(now))
        return self._known

    def forget_due(self) -> None:
        """Something changed that moves the due."""
        self._known = None

    def run_to(self, now: int) -> None:
        """Let time pass: what falls due before now, while the clock runs, is missed for good."""
        while self.phase is Phase.RUNNING and self.breach is None:
            due = self.due(now)
            if due.ticks >= now:
                return
            if not self.target.recurring:
                self.breach = due
                return
            self.misses.append(due.ticks)
            self.last_miss = self.revision, due
            if len(self.misses) > MOST_MISSES:
                raise Impossible(f"more than {MOST_MISSES} intervals were missed")
            self.begin_interval(due.ticks)

    def begin_interval(self, at: int) -> None:
        """The next interval of a recurring promise starts."""
        self.interval = at
        self.promise = Reach(self.target, at, self.course)
        self.revision += 1
        self.forget_due()


def _pause(clock: _Clock, entry: Entry) -> None:
    if clock.phase is Phase.RUNNING:
        clock.phase, clock.paused_since = Phase.PAUSED, entry.at
    if clock.phase is Phase.PAUSED:
        clock.open_pauses.append(entry.reason)


def _resume(clock: _Clock, entry: Entry) -> None:
    if clock.phase is not Phase.PAUSED:
        return
    if not entry.reason:
        clock.open_pauses.pop(0)
    elif entry.reason in clock.open_pauses:
        clock.open_pauses.remove(entry.reason)
    if not clock.open_pauses:
        _end_pause(clock, entry.at)


def _end_pause(clock: _Clock, at: int) -> None:
    clock.closed.append(Opening(clock.paused_since, at))
    clock.phase = Phase.RUNNING
    clock.open_pauses.clear()
    clock.forget_due()


def _stop(clock: _Clock, entry: Entry) -> None:
    if clock.phase is Phase.PAUSED:
        _end_pause(clock, entry.at)
        clock.run_to(entry.at)
    if clock.phase is not Phase.RUNNING:
        return
    clock.at_stop = clock.breach or clock.due(entry.at)
    clock.outcome = Outcome.BREACHED if clock.breach else Outcome.MET
    clock.phase, clock.stopped_at = Phase.STOPPED, entry.at


def _reopen(clock: _Clock, entry: Entry) -> None:
    stopped_at = clock.stopped_at
    if clock.phase is not Phase.STOPPED or stopped_at is None:
        return
    if entry.at - stopped_at > REOPEN_WINDOW:
        return
    clock.closed.append(Opening(stopped_at, entry.at))
    clock.phase, clock.stopped_at, clock.at_stop, clock.outcome = Phase.RUNNING, None, None, None
    clock.revision += 1
    clock.forget_due()


def _update(clock: _Clock, entry: Entry) -> None:
    if clock.target.recurring and clock.phase in {Phase.RUNNING, Phase.PAUSED}:
        clock.begin_interval(entry.at)


def _retarget(clock: _Clock, entry: Entry) -> None:
    if clock.phase not in {Phase.RUNNING, Phase.PAUSED} or clock.breach:
        return
    target = entry.target or clock.target
    course = ((EVER, entry.calendar),) if entry.calendar else clock.course
    old, pauses = clock.due(entry.at), clock.pauses(entry.at)
    new = Reach(target, clock.interval if target.recurring else clock.start, course)
    if due_of(new, pauses).ticks >= old.ticks:
        clock.promise = new
    else:
        clock.promise = Softened(clock.promise, new, grace_of(target, entry.at, course))
    clock.target, clock.course = target, course
    clock.revision += 1
    clock.forget_due()
    clock.changes.append(DueChange(entry, old.ticks, clock.due(entry.at).ticks))


def grace_of(target: Target, now: int, course: Course) -> Reach:
    """The shortest notice of a tightened promise: a quarter of the new target, at most 4 hours.

    A moment is agreed with somebody: nobody is given longer than that.
    """
    if target.measure.is_of_moment:
        return Reach(Target(Measure.CALENDAR, 1), now, course)
    if target.measure is Measure.MONTHS:
        return Reach(Target(Measure.CALENDAR, LONGEST_GRACE), now, course)
    if target.measure.is_in_days:
        standard = course[-1][1].standard_day
        seconds = target.amount * sum(end - start for start, end in standard)
        measure = Measure.BUSINESS
    else:
        seconds, measure = target.amount, target.measure
    return Reach(Target(measure, max(1, min(seconds // 4, LONGEST_GRACE))), now, course)


def _switch(clock: _Clock, entry: Entry) -> None:
    """The rest runs under another calendar, or under the same one with other days."""
    before = clock.course[-1][1]
    calendar = entry.calendar or before
    if entry.overrides is not None:
        calendar = calendar.with_overrides(entry.overrides)
    only = before if entry.kind is Kind.CALENDAR_CHANGED else None
    is_counting = clock.phase in {Phase.RUNNING, Phase.PAUSED} and not clock.breach
    old = clock.due(entry.at) if is_counting else None
    kept = tuple(part for part in clock.course if part[0] < entry.at)
    clock.course = (*kept, (entry.at, calendar))
    clock.promise = switched(clock.promise, entry.at, calendar, only)
    clock.forget_due()
    if old:
        clock.changes.append(DueChange(entry, old.ticks, clock.due(entry.at).ticks))


def _excuse(clock: _Clock, entry: Entry) -> None:
    clock.is_excused = entry.kind is Kind.EXCUSE


def _cancel(clock: _Clock, entry: Entry) -> None:
    if clock.phase is Phase.PAUSED:
        _end_pause(clock, entry.at)
    clock.phase = Phase.CANCELLED


_EFFECTS: Final = {
    Kind.PAUSE: _pause,
    Kind.RESUME: _resume,
    Kind.STOP: _stop,
    Kind.UPDATE: _update,
    Kind.REOPEN: _reopen,
    Kind.RETARGET: _retarget,
    Kind.TRANSFER: _switch,
    Kind.CALENDAR_CHANGED: _switch,
    Kind.EXCUSE: _excuse,
    Kind.CANCEL: _cancel,
}


def state_at(entries: Iterable[Entry], now: int) -> State:
    """What the ledger says about the clock at an instant."""
    everything = list(entries)
    start = start_of(everything)
    if start.target is None or start.calendar is None:
        raise Impossible("a clock starts with a target and a calendar")
    course: Course = ((EVER, start.calendar),)
    first = Reach(start.target, start.at, course)
    clock = _Clock(start.at, start.at, start.target, first, course)
    for entry in in_order(everything, now):
        effect = _EFFECTS.get(entry.kind)
        if effect is None or entry.at < start.at or clock.phase is Phase.CANCELLED:
            continue
        clock.run_to(entry.at)
        effect(clock, entry)
    clock.run_to(now)
    return _seen(clock, now)


def _seen(clock: _Clock, now: int) -> State:
    running = clock.due(now) if clock.phase in {Phase.RUNNING, Phase.PAUSED} else None
    due = clock.breach or clock.at_stop or running
    if clock.phase is Phase.CANCELLED or (clock.phase is Phase.PAUSED and not clock.breach):
        due = clock.breach
    return State(
        phase=clock.phase,
        outcome=Outcome.BREACHED if clock.breach else clock.outcome,
        due=due,
        breached_at=clock.breach.ticks if clock.breach else None,
        misses=tuple(clock.misses),
        last_miss=clock.last_miss,
        paused_for=tuple(clock.open_pauses),
        is_excused=clock.is_excused and clock.breach is not None,
        is_provisional=due is not None and is_provisional(due),
        revision=clock.revision,
        promise=clock.promise,
        pauses=clock.pauses(now),
        calendar=clock.course[-1][1],
        target=clock.target,
        started_at=clock.start,
        paused_since=clock.paused_since if clock.phase is Phase.PAUSED else None,
        stopped_at=clock.stopped_at,
        changes=tuple(clock.changes),
        if_resumed=running if clock.phase is Phase.PAUSED else None,
    )
