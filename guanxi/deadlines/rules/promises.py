"""When a promise falls due: so much of a measure since a start, pauses left out."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from guanxi.deadlines.rules.calendars import Calendar
from guanxi.deadlines.rules.dates import day_ahead, last_of_month, months_after
from guanxi.deadlines.rules.openings import Opening, WorkingDay
from guanxi.deadlines.rules.times import LAST_DAY, SECOND, Impossible, instant_of, ticks_of

EVER: Final = -(10**18)
_LAST: Final = ticks_of(datetime.fromisoformat(f"{LAST_DAY}T00:00:00+00:00"))


class Measure(StrEnum):
    """What a deadline counts."""

    CALENDAR = "calendar"
    BUSINESS = "business"
    BUSINESS_DAYS = "business_days"
    MONTHS = "months"
    NEXT_MONTH = "next_month"
    AHEAD = "ahead"
    MOMENT = "moment"

    @property
    def is_in_days(self) -> bool:
        """Whether it counts whole working days from the start on."""
        return self in {Measure.BUSINESS_DAYS, Measure.NEXT_MONTH}

    @property
    def is_of_moment(self) -> bool:
        """Whether it hangs on a moment to come, so that no pause moves it."""
        return self in {Measure.AHEAD, Measure.MOMENT}


@dataclass(frozen=True)
class Target:
    """How much time a promise allows: seconds, or working days; again and again when recurring.

    MONTHS are months of the wall calendar, NEXT_MONTH is the so manieth working day of the month
    after the start's, AHEAD so many working days before `moment`, MOMENT is that moment itself.
    """

    measure: Measure
    amount: int
    recurring: bool = False
    moment: int | None = None

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise Impossible("a target is at least one second or one working day")


#: Stretches of time that do not count, in order and apart from each other.
Pauses = tuple[Opening, ...]
#: Which calendar is in force from when on; the first from ever.
Course = tuple[tuple[int, Calendar], ...]


def merged(pauses: list[Opening]) -> Pauses:
    """Overlapping pauses made one, so that they count once."""
    found: list[Opening] = []
    for pause in sorted(pauses):
        if found and pause.start <= found[-1].end:
            found[-1] = Opening(found[-1].start, max(found[-1].end, pause.end))
        elif pause.start < pause.end:
            found.append(pause)
    return tuple(found)


@dataclass(frozen=True)
class Reach:
    """The leftmost instant when so much has been counted since a start."""

    target: Target
    start: int
    course: Course

    def switched(self, at: int, calendar: Calendar, only: Calendar | None) -> "Reach":
        """The same promise, its rest under another calendar, if the present one is meant."""
        if only is not None and only != self.calendar:
            return self
        kept = tuple(part for part in self.course if part[0] < at)
        return replace(self, course=(*kept, (at, calendar)))

    @property
    def calendar(self) -> Calendar:
        """The calendar in force last."""
        return self.course[-1][1]


@dataclass(frozen=True)
class Softened:
    """A tightened promise: the former one, or the new one, not without grace, if that is sooner."""

    former: "Promise"
    new: Reach
    grace: Reach


Promise = Reach | Softened


@dataclass(frozen=True)
class Due:
    """An instant, and the plain promise that makes it so."""

    ticks: int
    reach: Reach


def due_of(promise: Promise, pauses: Pauses) -> Due:
    """When the promise falls due, as far as these pauses are all."""
    if isinstance(promise, Reach):
        return Due(reach_due(promise, pauses), promise)
    former = due_of(promise.former, pauses)
    new, grace = due_of(promise.new, pauses), due_of(promise.grace, pauses)
    later = grace if grace.ticks > new.ticks else new
    return former if former.ticks < later.ticks else later


def switched(promise: Promise, at: int, calendar: Calendar, only: Calendar | None) -> Promise:
    """The promise with its rest under another calendar; `only` names the one that is replaced."""
    if isinstance(promise, Reach):
        return promise.switched(at, calendar, only)
    return Softened(
        switched(promise.former, at, calendar, only),
        promise.new.switched(at, calendar, only),
        promise.grace.switched(at, calendar, only),
    )


def reach_due(reach: Reach, pauses: Pauses) -> int:
    """When a plain promise falls due."""
    measure = reach.target.measure
    if measure.is_in_days:
        return counted_day(reach, reach.target.amount, pauses).close
    if measure.is_of_moment:
        return moment_due(reach)
    return after(reach, whole_of(reach), pauses)


def moment_due(reach: Reach) -> int:
    """When a promise falls due that hangs on a moment."""
    moment = reach.target.moment
    if moment is None:
        raise Impossible("a promise that hangs on a moment needs it")
    if reach.target.measure is Measure.MOMENT:
        return moment
    return day_ahead(reach.calendar, moment, reach.target.amount).close


def whole_of(reach: Reach) -> int:
    """How much has to pass: microseconds of the measure, or working days."""
    target = reach.target
    if target.measure.is_in_days:
        return target.amount
    if target.measure.is_of_moment:
        return max(0, moment_due(reach) - reach.start)
    if target.measure is Measure.MONTHS:
        calendar = calendar_at(reach.course, reach.start)
        return months_after(calendar, reach.start, target.amount) - reach.start
    return target.amount * SECOND


def after(reach: Reach, amount: int, pauses: Pauses) -> int:
    """The leftmost instant with this much time counted; working days count their open time."""
    for start, end, calendar in stretches(reach, pauses):
        if end is None:
            return _advance(reach.target.measure, calendar, start, amount)
        available = _between(reach.target.measure, calendar, start, end)
        if available >= amount:
            return _advance(reach.target.measure, calendar, start, amount)
        amount -= available
    raise AssertionError("the last stretch has no end")


def counted(reach: Reach, until: int, pauses: Pauses) -> int:
    """How much has been counted up to an instant: microseconds, or working days."""
    if reach.target.measure.is_in_days:
        return sum(1 for day, counts in judged_days(reach, pauses, until) if counts)
    return sum(
        _between(reach.target.measure, calendar, start, until if end is None else min(end, until))
        for start, end, calendar in stretches(reach, pauses)
        if start < until
    )


def stretches(reach: Reach, pauses: Pauses) -> Iterator[tuple[int, int | None, Calendar]]:
    """The stretches since the start in which the clock runs under one calendar, the last open."""
    at = reach.start
    cuts = sorted({cut for pause in pauses for cut in pause} | {part[0] for part in reach.course})
    for cut in cuts:
        if cut > at:
            if not is_paused(pauses, at):
                yield at, cut, calendar_at(reach.course, at)
            at = cut
    yield at, None, calendar_at(reach.course, at)


def is_paused(pauses: Pauses, at: int) -> bool:
    """Whether an instant lies in a pause."""
    index = bisect_left(pauses, (at + 1,)) - 1
    return index >= 0 and at < pauses[index].end


def calendar_at(course: Course, at: int) -> Calendar:
    """The calendar in force at an instant."""
    return next(calendar for since, calendar in reversed(course) if since <= at)


def judged_days(
    reach: Reach, pauses: Pauses, until: int | None = None
) -> Iterator[tuple[WorkingDay, bool]]:
    """The working days after the start day, each with whether it counts, up to an instant."""
    ends = [since for since, _ in reach.course[1:]]
    judged = None
    for (since, calendar), end in zip(reach.course, [*ends, None], strict=True):
        if end is not None and end <= reach.start:
            continue
        limit = until if end is None else end if until is None else min(end, until)
        first = uncounted_until(reach, calendar)
        for day in days_closing(calendar, max(since, reach.start), limit):
            if day.day > first and (judged is None or day.day > judged):
                judged = day.day
                yield day, not is_mostly_paused(day, pauses)


def uncounted_until(reach: Reach, calendar: Calendar) -> date:
    """The day after which working days count: that of the start, or the last of its month."""
    day = calendar.date_of(reach.start)
    return last_of_month(day) if reach.target.measure is Measure.NEXT_MONTH else day


def days_closing(calendar: Calendar, since: int, until: int | None) -> Iterator[WorkingDay]:
    """The working days that close after an instant, up to and with another, or for ever."""
    openings = calendar.openings
    at = since
    while True:
        if until is not None:
            openings.cover(until)
        index = openings.first_close_after(at)
        if until is not None and index >= len(openings.days):
            return
        day = openings.day_at(index)
        if until is not None and day.close > until:
            return
        yield day
        at = day.close


def counted_day(reach: Reach, number: int, pauses: Pauses) -> WorkingDay:
    """The working day that makes the count."""
    if not pauses and len(reach.course) == 1:
        first = reach.calendar.openings.first_day_after(
            uncounted_until(reach, reach.calendar), reach.start
        )
        return reach.calendar.openings.day_at(first + number - 1)
    last_cut = max(
        [cut for pause in pauses for cut in pause]
        + [since for since, _ in reach.course if since != EVER],
        default=reach.start,
    )
    done = 0
    for day, counts in judged_days(reach, pauses):
        done += counts
        if done == number:
            return day
        if counts and day.close > last_cut:
            openings = reach.calendar.openings
            return openings.day_at(openings.first_close_after(day.close) - 1 + number - done)
    raise AssertionError("working days do not end")


def is_mostly_paused(day: WorkingDay, pauses: Pauses) -> bool:
    """Whether half or more of a day's working time was paused."""
    paused = sum(
        max(0, min(piece.end, pause.end) - max(piece.start, pause.start))
        for pause in pauses
        if pause.end > day.openings[0].start and pause.start < day.close
        for piece in day.openings
    )
    return paused * 2 >= day.total


def _between(measure: Measure, calendar: Calendar, start: int, end: int) -> int:
    if measure is Measure.BUSINESS:
        return calendar.openings.between(start, end)
    return end - start


def _advance(measure: Measure, calendar: Calendar, start: int, amount: int) -> int:
    if measure is Measure.BUSINESS:
        return calendar.openings.advance(start, amount)
    if start + amount > _LAST:
        raise Impossible(f"the target is not reached before {LAST_DAY.year + 1}")
    return start + amount


def advance(calendar: Calendar, measure: Measure, start: datetime, amount: int) -> datetime:
    """The leftmost instant, this many seconds or working days of the measure after the start."""
    if measure.is_in_days:
        reach = Reach(Target(measure, amount), ticks_of(start), ((EVER, calendar),))
        return instant_of(reach_due(reach, ()))
    return instant_of(_advance(measure, calendar, ticks_of(start), amount * SECOND))


def is_provisional(due: Due) -> bool:
    """Whether the due time rests on a year whose notice is not published."""
    reach = due.reach
    if reach.target.measure is Measure.AHEAD:
        return _rests_on_provisional(reach.calendar, due.ticks, reach.target.moment or due.ticks)
    if reach.target.measure not in {Measure.BUSINESS, Measure.BUSINESS_DAYS, Measure.NEXT_MONTH}:
        return False
    ends = [since for since, _ in reach.course[1:]]
    for (since, calendar), end in zip(reach.course, [*ends, due.ticks], strict=True):
        first, last = max(since, reach.start), min(end, due.ticks)
        if first < last and _rests_on_provisional(calendar, first, last - 1):
            return True
    return False


def _rests_on_provisional(calendar: Calendar, first: int, last: int) -> bool:
    if calendar.statutory is None:
        return False
    from_day, to_day = calendar.date_of(first), calendar.date_of(last)
    return any(
        calendar.is_provisional(day)
        for year in range(from_day.year, to_day.year + 1)
        if not calendar.statutory.is_official(year)
        for day in dates(max(from_day, date(year, 1, 1)), min(to_day, date(year, 12, 31)))
    )


def dates(first: date, last: date) -> Iterator[date]:
    """The dates from one to another, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
