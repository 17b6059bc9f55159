"""Working calendars: a zone, weekly opening hours, own exceptions, the statutory table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from guanxi.deadlines.rules.openings import Opening, Openings
from guanxi.deadlines.rules.statutory import DayKind, StatutoryTable
from guanxi.deadlines.rules.times import Impossible, instant_of, ticks_of

MIDNIGHT = 86_400

#: One opening of a day: seconds since local midnight, the end left out; 86 400 is 24:00.
Hours = tuple[int, int]
Day = tuple[Hours, ...]


class Why(StrEnum):
    """What made a day open or closed."""

    WEEKLY = "weekly"
    OVERRIDE = "override"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"


@dataclass(frozen=True)
class DayPlan:
    """The opening hours of a date, and what made them so."""

    hours: Day
    why: Why
    name: str = ""


def check_day(hours: Day) -> Day:
    """Put the openings of a day in order; refuse empty, backward and overlapping ones."""
    for start, end in hours:
        if not 0 <= start < end <= MIDNIGHT:
            raise Impossible("an opening ends after it starts, between 00:00 and 24:00")
    ordered = tuple(sorted(hours))
    if any(next_start < end for (_, end), (next_start, _) in pairwise(ordered)):
        raise Impossible("the openings of a day overlap")
    return ordered


@dataclass(frozen=True)
class Calendar:
    """When work is done: own exception before statutory table before weekly pattern."""

    zone: ZoneInfo
    weekly: tuple[Day, ...]
    overrides: Mapping[date, Day] = field(default_factory=dict)
    statutory: StatutoryTable | None = None

    def __post_init__(self) -> None:
        if len(self.weekly) != 7:
            raise Impossible("a week has seven days")
        for hours in (*self.weekly, *self.overrides.values()):
            if check_day(hours) != hours:
                raise Impossible("the openings of a day are in order")

    @property
    def standard_day(self) -> Day:
        """The hours of an ordinary working day: Monday's, which a make-up day takes."""
        return self.weekly[0]

    def plan(self, day: date) -> DayPlan:
        """The hours of a date and their reason."""
        if day in self.overrides:
            return DayPlan(self.overrides[day], Why.OVERRIDE)
        row = self.statutory.rows.get(day) if self.statutory else None
        if row is None:
            return DayPlan(self.weekly[day.weekday()], Why.WEEKLY)
        if row.kind is DayKind.HOLIDAY:
            return DayPlan((), Why.HOLIDAY, row.name)
        return DayPlan(self.standard_day, Why.MAKE_UP, row.name)

    def is_provisional(self, day: date) -> bool:
        """Whether the day's hours rest on a year whose notice is not published."""
        table = self.statutory
        return table is not None and day not in self.overrides and not table.is_official(day.year)

    def with_overrides(self, overrides: Mapping[date, Day]) -> "Calendar":
        """The calendar with further own exceptions."""
        merged = {**self.overrides, **overrides}
        return Calendar(self.zone, self.weekly, merged, self.statutory)

    def date_of(self, ticks: int) -> date:
        """The date that the wall clock shows at an instant."""
        return instant_of(ticks, self.zone).date()

    def instant(self, day: date, second: int) -> int:
        """The first instant when the wall clock of a day shows this time or a later one.

        So an hour that daylight saving repeats is its first pass, and a time that it
        leaves out is the moment of the jump: openings never overlap and never run backward.
        """
        if second == MIDNIGHT:
            day, second = day + timedelta(days=1), 0
        clock = time(second // 3600, second // 60 % 60, second % 60)
        naive = datetime.combine(day, clock)
        at = naive.replace(tzinfo=self.zone).astimezone(UTC)
        if at.astimezone(self.zone).replace(tzinfo=None) == naive:
            return ticks_of(at)
        return self._jump_before(at)

    def _jump_before(self, at: datetime) -> int:
        """The jump of the wall clock in the two days before an instant."""
        low, high = ticks_of(at) // 1_000_000 - 2 * MIDNIGHT, ticks_of(at) // 1_000_000
        after = self._offset(high)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._offset(middle) == after else (middle, high)
        return high * 1_000_000

    def _offset(self, second: int) -> timedelta | None:
        return instant_of(second * 1_000_000, self.zone).utcoffset()

    def openings_of(self, day: date) -> Iterator[Opening]:
        """The openings of a date as instants; those that the wall clock leaves out are missing."""
        for start, end in self.plan(day).hours:
            opening = Opening(self.instant(day, start), self.instant(day, end))
            if opening.start < opening.end:
                yield opening

    @cached_property
    def openings(self) -> Openings:
        """The calendar's openings in a form that is quick to ask, made once as far as needed."""
        return Openings(self.openings_of, self._opens_again)

    def _opens_again(self, day: date) -> bool:
        """Whether anything can be open after a date: else nobody searches to the end of time."""
        return any(self.weekly) or any(d >= day and h for d, h in self.overrides.items())
