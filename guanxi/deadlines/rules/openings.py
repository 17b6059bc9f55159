"""All openings of a calendar as sorted instants with running sums: two searches answer anything."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from guanxi.deadlines.rules.times import DAY, EPOCH, FIRST_DAY, LAST_DAY, Impossible

_FIRST_DATE = EPOCH.date()


class Opening(NamedTuple):
    """A stretch of open time, the end left out, in microseconds since 1970."""

    start: int
    end: int


class WorkingDay(NamedTuple):
    """A date with open time: its openings and its close."""

    day: date
    openings: tuple[Opening, ...]
    close: int
    total: int


class Openings:
    """Openings from one date to another, widened whenever somebody asks beyond."""

    def __init__(
        self,
        openings_of: Callable[[date], Iterable[Opening]],
        opens_again: Callable[[date], bool],
    ) -> None:
        self._openings_of = openings_of
        self._opens_again = opens_again
        self.days: list[WorkingDay] = []
        self._first: date | None = None
        self._last = FIRST_DAY
        self._index()

    def _index(self) -> None:
        pieces = [piece for day in self.days for piece in day.openings]
        self.starts = [piece.start for piece in pieces]
        self.ends = [piece.end for piece in pieces]
        self.closes = [day.close for day in self.days]
        self.dates = [day.day for day in self.days]
        self.sums: list[int] = []
        total = 0
        for piece in pieces:
            total += piece.end - piece.start
            self.sums.append(total)
        # Two days of margin: the date at an instant depends on the zone.
        self._from = _ticks_of_day(self._first) + 2 * DAY if self._first else 0
        self._until = _ticks_of_day(self._last) - 2 * DAY if self._first else -1

    def _read(self, first: date, last: date) -> list[WorkingDay]:
        found = []
        for number in range((last - first).days):
            day = first + timedelta(days=number)
            openings = tuple(self._openings_of(day))
            if openings:
                total = sum(piece.end - piece.start for piece in openings)
                found.append(WorkingDay(day, openings, openings[-1].end, total))
        return found

    def cover(self, ticks: int) -> None:
        """Know the openings around an instant, two days before it and a year and more after."""
        if self._from <= ticks < self._until:
            return
        day = _FIRST_DATE + timedelta(days=ticks // DAY)
        if not FIRST_DAY + timedelta(days=4) < day < LAST_DAY - timedelta(days=4):
            raise Impossible(f"no calendar reaches {day}")
        if self._first is None:
            self._first = self._last = max(FIRST_DAY, day - timedelta(days=40))
        if day - timedelta(days=3) < self._first:
            first = max(FIRST_DAY, day - timedelta(days=400))
            self.days[:0] = self._read(first, self._first)
            self._first = first
        if day + timedelta(days=3) > self._last:
            self._extend(day + timedelta(days=500))
        self._index()

    def _extend(self, last: date) -> None:
        last = min(LAST_DAY, last)
        self.days += self._read(self._last, last)
        self._last = last

    def reach_further(self) -> None:
        """Know twice as many years; refuse when nothing can be open any more."""
        if self._first is None or self._last >= LAST_DAY or not self._opens_again(self._last):
            raise Impossible(f"the calendar does not open long enough before {LAST_DAY.year + 1}")
        self._extend(self._last + max(self._last - self._first, timedelta(days=366)))
        self._index()

    def passed(self, ticks: int) -> int:
        """Open time from the first opening known to an instant."""
        index = bisect_right(self.starts, ticks)
        if index == 0:
            return 0
        left = self.ends[index - 1] - ticks
        return self.sums[index - 1] - (max(0, left))

    def between(self, start: int, end: int) -> int:
        """Open time between two instants."""
        if end <= start:
            return 0
        self.cover(start)
        self.cover(end)
        return self.passed(end) - self.passed(start)

    def advance(self, start: int, amount: int) -> int:
        """The leftmost instant with so much open time since the start."""
        if amount <= 0:
            return start
        if not self._from <= start < self._until:
            self.cover(start)
        goal = self.passed(start) + amount
        while not self.sums or self.sums[-1] < goal:
            self.reach_further()
        index = bisect_left(self.sums, goal)
        return self.ends[index] - (self.sums[index] - goal)

    def first_close_after(self, ticks: int) -> int:
        """The place, among the working days, of the first that closes after an instant."""
        self.cover(ticks)
        return bisect_right(self.closes, ticks)

    def first_day_after(self, day: date, ticks: int) -> int:
        """The place of the first working day after a date, which lies near an instant."""
        self.cover(ticks)
        return bisect_right(self.dates, day)

    def day_at(self, index: int) -> WorkingDay:
        """The working day at a place, looking further when it is not known yet."""
        while index >= len(self.days):
            self.reach_further()
        return self.days[index]


def _ticks_of_day(day: date) -> int:
    return (day - _FIRST_DATE).days * DAY
