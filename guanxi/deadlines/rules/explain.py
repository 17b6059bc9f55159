"""Why a clock is due when it is: the stretches of time whose counted part adds up to the target."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from guanxi.deadlines.rules.calendars import Calendar, Why
from guanxi.deadlines.rules.dates import day_ahead
from guanxi.deadlines.rules.fold import Phase, State
from guanxi.deadlines.rules.promises import (
    Measure,
    Pauses,
    Reach,
    calendar_at,
    dates,
    judged_days,
    uncounted_until,
)
from guanxi.deadlines.rules.times import Impossible

#: A page or an answer that lists more says nothing any more.
MOST_PARTS: Final = 5_000


class PartKind(StrEnum):
    """What a stretch of time was."""

    RUNNING = "running"
    OPEN = "open"
    OVERRIDE = "override"
    MAKE_UP = "make_up"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    PAUSED = "paused"


@dataclass(frozen=True)
class Part:
    """A stretch of time, what it was, and how much of it counts: microseconds or whole days."""

    start: int
    end: int
    kind: PartKind
    counted: int = 0
    name: str = ""


@dataclass(frozen=True)
class Explanation:
    """The parts from the start of a promise to its end; `total` is the sum of what counts."""

    reach: Reach
    parts: tuple[Part, ...]
    total: int
    is_complete: bool


_OPEN: Final = {
    Why.WEEKLY: PartKind.OPEN,
    Why.OVERRIDE: PartKind.OVERRIDE,
    Why.MAKE_UP: PartKind.MAKE_UP,
}


def explain(state: State, now: int) -> Explanation:
    """The intervals of a clock up to its due; up to now when it is paused or has none."""
    due = state.due or state.if_resumed
    reach = due.reach if due else _plain(state)
    is_complete = due is not None and (state.phase is not Phase.PAUSED or due.ticks <= now)
    end = due.ticks if due and is_complete else now
    parts = _day_parts(reach, state.pauses, end)
    if reach.target.measure is Measure.AHEAD:
        parts = _parts_ahead(reach)
    elif not reach.target.measure.is_in_days:
        parts = _time_parts(reach, state.pauses, end)
    found = tuple(_bounded(parts))
    return Explanation(reach, found, sum(part.counted for part in found), is_complete)


def _plain(state: State) -> Reach:
    promise = state.promise
    return promise if isinstance(promise, Reach) else promise.new


def _bounded(parts: Iterator[Part]) -> Iterator[Part]:
    for number, part in enumerate(parts):
        if number >= MOST_PARTS:
            raise Impossible(f"more than {MOST_PARTS} stretches of time")
        yield part


def _time_parts(reach: Reach, pauses: Pauses, end: int) -> Iterator[Part]:
    """Open, closed and paused time; time as such when the measure is elapsed time."""
    cuts = {cut for pause in pauses for cut in pause} | {since for since, _ in reach.course}
    edges = [reach.start, *sorted(cut for cut in cuts if reach.start < cut < end), end]
    for start, stop in pairwise(edges):
        if any(pause.start <= start < pause.end for pause in pauses):
            yield Part(start, stop, PartKind.PAUSED)
        elif reach.target.measure is Measure.BUSINESS:
            yield from _calendar_parts(calendar_at(reach.course, start), start, stop)
        elif start < stop:
            yield Part(start, stop, PartKind.RUNNING, stop - start)


def _calendar_parts(calendar: Calendar, start: int, end: int) -> Iterator[Part]:
    at = start
    for day in dates(calendar.date_of(start), calendar.date_of(end)):
        plan = calendar.plan(day)
        midnight = min(end, calendar.instant(day, 86_400))
        for opening in calendar.openings_of(day):
            if opening.end <= at or opening.start >= end:
                continue
            if opening.start > at:
                yield Part(at, opening.start, PartKind.CLOSED)
            first, last = max(at, opening.start), min(end, opening.end)
            yield Part(first, last, _OPEN[plan.why], last - first, plan.name)
            at = last
        if at < midnight:
            kind = PartKind.HOLIDAY if plan.why is Why.HOLIDAY else PartKind.CLOSED
            yield Part(at, midnight, kind, 0, plan.name)
            at = midnight


def _parts_ahead(reach: Reach) -> Iterator[Part]:
    """A part for each date from the due day on to the moment that it is counted back from."""
    calendar, moment = reach.calendar, reach.target.moment or reach.start
    first = day_ahead(calendar, moment, reach.target.amount).day
    for day in dates(first, calendar.date_of(moment) - timedelta(days=1)):
        plan, openings = calendar.plan(day), tuple(calendar.openings_of(day))
        if openings:
            yield Part(openings[0].start, openings[-1].end, _OPEN[plan.why], 1, plan.name)
            continue
        kind = PartKind.HOLIDAY if plan.why is Why.HOLIDAY else PartKind.CLOSED
        start, end = calendar.instant(day, 0), calendar.instant(day, 86_400)
        yield Part(start, end, kind, 0, plan.name)


def _day_parts(reach: Reach, pauses: Pauses, end: int) -> Iterator[Part]:
    """A part for each date after the start day: a working day counts one."""
    judged = {day.day: (day, counts) for day, counts in judged_days(reach, pauses, end)}
    calendar = calendar_at(reach.course, reach.start)
    first_day = uncounted_until(reach, calendar)
    yield Part(reach.start, calendar.instant(first_day, 86_400), PartKind.CLOSED)
    calendar = calendar_at(reach.course, end)
    for day in dates(first_day + timedelta(days=1), calendar.date_of(end - 1)):
        start = calendar.instant(day, 0)
        plan = calendar_at(reach.course, start).plan(day)
        if day in judged:
            working, counts = judged[day]
            kind = _OPEN.get(plan.why, PartKind.OPEN) if counts else PartKind.PAUSED
            yield Part(working.openings[0].start, working.close, kind, int(counts), plan.name)
        elif start < (end_of_day := calendar.instant(day, 86_400)):
            kind = PartKind.HOLIDAY if plan.why is Why.HOLIDAY else PartKind.CLOSED
            yield Part(start, end_of_day, kind, 0, plan.name)
