"""Which days a page of the calendar shows; days are dates of the reader's zone, never instants."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

VIEWS: Final = ("month", "week", "day", "agenda")
AGENDA_DAYS: Final = 30
#: Nobody plans beyond, and no page of the calendar ends outside the calendar itself (J07).
FIRST: Final = date(1970, 1, 1)
LAST: Final = date(2199, 12, 31)


class Span(NamedTuple):
    """The days of a page, and a day of the page before and of the one after."""

    days: Sequence[date]
    before: date
    after: date


def span_of(view: str, day: date) -> Span:
    """The page of a view on which a day lies: whole weeks from Monday on, or thirty days."""
    day = min(max(day, FIRST), LAST)
    if view == "day":
        return Span([day], day - timedelta(1), day + timedelta(1))
    if view == "week":
        return Span(_from(_monday(day), 7), day - timedelta(7), day + timedelta(7))
    if view == "agenda":
        step = timedelta(AGENDA_DAYS)
        return Span(_from(day, AGENDA_DAYS), day - step, day + step)
    first = day.replace(day=1)
    after = (first + timedelta(31)).replace(day=1)
    start = _monday(first)
    weeks = -(-(after - start).days // 7)
    return Span(_from(start, weeks * 7), (first - timedelta(1)).replace(day=1), after)


def _monday(day: date) -> date:
    return day - timedelta(day.weekday())


def _from(first: date, count: int) -> list[date]:
    return [first + timedelta(n) for n in range(count)]
