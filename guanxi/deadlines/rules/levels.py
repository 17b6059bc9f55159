"""Escalation: at which instants a clock speaks up, each level once for each promise."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from guanxi.deadlines.rules.fold import Phase, State
from guanxi.deadlines.rules.openings import WorkingDay
from guanxi.deadlines.rules.promises import (
    Due,
    Pauses,
    Reach,
    after,
    counted_day,
    due_of,
    whole_of,
)
from guanxi.deadlines.rules.times import SECOND, Impossible

_WHOLE: Final = 100


@dataclass(frozen=True)
class Level:
    """When to speak up: at a percentage of the target, or an offset from the due; and to whom."""

    name: str
    percent: int | None = None
    offset: int | None = None
    to: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.percent is None) == (self.offset is None):
            raise Impossible("a level has a percentage or an offset")
        if self.percent is not None and not 1 <= self.percent <= 1000:
            raise Impossible("a percentage lies between 1 and 1000")


@dataclass(frozen=True)
class Firing:
    """A level's instant, for one promise of the clock."""

    level: Level
    revision: int
    at: int

    @property
    def key(self) -> tuple[str, int]:
        """What must happen only once."""
        return self.level.name, self.revision


def fires_at(level: Level, due: Due, pauses: Pauses) -> int:
    """The instant of a level; one that would come before the start comes at the start."""
    reach = due.reach
    if level.offset == 0 or level.percent == _WHOLE:
        return due.ticks
    if reach.target.measure.is_in_days:
        return _fires_on_day(level, reach, pauses)
    return after_amount(reach, _amount(level, whole_of(reach) // SECOND), pauses)


def _amount(level: Level, whole: int) -> int:
    """How much of the measure has passed when the level speaks up."""
    if level.offset is not None:
        return whole + level.offset
    return whole * (level.percent or 0) // _WHOLE


def after_amount(reach: Reach, seconds: int, pauses: Pauses) -> int:
    """The instant with so many seconds counted."""
    return after(reach, seconds * SECOND, pauses) if seconds > 0 else reach.start


def _fires_on_day(level: Level, reach: Reach, pauses: Pauses) -> int:
    """A part of a working day is a part of its open time."""
    hundredths = reach.target.amount * _WHOLE + (level.offset or 0) * _WHOLE
    if level.percent is not None:
        hundredths = reach.target.amount * level.percent
    days, rest = divmod(hundredths, _WHOLE)
    if hundredths <= 0:
        return reach.start
    if rest:
        return _within(counted_day(reach, days + 1, pauses), rest)
    return counted_day(reach, days, pauses).close


def _within(day: WorkingDay, hundredths: int) -> int:
    left = day.total * hundredths // _WHOLE
    for opening in day.openings:
        if left <= opening.end - opening.start:
            return opening.start + left
        left -= opening.end - opening.start
    return day.close


def pending(
    state: State, levels: Collection[Level], fired: Collection[tuple[str, int]]
) -> list[Firing]:
    """The levels that have still to speak up, soonest first; none while the clock does not run."""
    if state.phase is not Phase.RUNNING:
        return []
    return sorted(_pending(state, levels, fired), key=lambda firing: firing.at)


def _pending(
    state: State, levels: Collection[Level], fired: Collection[tuple[str, int]]
) -> Iterator[Firing]:
    due = state.due or due_of(state.promise, state.pauses)
    for level in levels:
        if (level.name, state.revision) not in fired:
            yield Firing(level, state.revision, fires_at(level, due, state.pauses))


def ripe(
    state: State, levels: Collection[Level], fired: Collection[tuple[str, int]], now: int
) -> list[Firing]:
    """The levels whose time has come, soonest first."""
    found = [*_missed(state, levels, fired), *pending(state, levels, fired)]
    return [firing for firing in found if firing.at <= now]


def _missed(
    state: State, levels: Collection[Level], fired: Collection[tuple[str, int]]
) -> list[Firing]:
    """What a missed interval has not said yet; of several only the last one speaks."""
    if state.last_miss is None or state.phase is not Phase.RUNNING:
        return []
    revision, due = state.last_miss
    found = [
        Firing(level, revision, fires_at(level, due, state.pauses))
        for level in levels
        if (level.name, revision) not in fired
    ]
    return sorted((each for each in found if each.at <= due.ticks), key=lambda each: each.at)


def waits_until(
    state: State, levels: Collection[Level], fired: Collection[tuple[str, int]]
) -> int | None:
    """When the sweep must look at the clock again: its next level, or the due it would miss."""
    if state.phase is not Phase.RUNNING:
        return None
    moments = [each.at for each in (*_missed(state, levels, fired), *pending(state, levels, fired))]
    if state.due_at is not None and state.outcome is None:
        moments.append(state.due_at + 1)
    return min(moments, default=None)
