"""Dates that a promise can hang on: so many months on, the month after, days before a moment."""

from bisect import bisect_left
from calendar import monthrange
from datetime import date, timedelta
from operator import attrgetter

from guanxi.deadlines.rules.calendars import Calendar
from guanxi.deadlines.rules.openings import WorkingDay
from guanxi.deadlines.rules.times import DAY, LAST_DAY, Impossible, instant_of


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_after(calendar: Calendar, start: int, months: int) -> int:
    """The time of day of an instant, so many months later on the calendar's wall."""
    begun = instant_of(start, calendar.zone)
    if begun.year * 12 + begun.month + months > LAST_DAY.year * 12:
        raise Impossible(f"the target is not reached before {LAST_DAY.year + 1}")
    second = begun.hour * 3600 + begun.minute * 60 + begun.second
    return calendar.instant(add_months(begun.date(), months), second) + begun.microsecond


def last_of_month(day: date) -> date:
    """The last day of the month in which a day lies."""
    return add_months(day.replace(day=1), 1) - timedelta(days=1)


def day_ahead(calendar: Calendar, moment: int, number: int) -> WorkingDay:
    """The working day so many before the date of a moment, which is not counted itself."""
    openings, limit, known = calendar.openings, calendar.date_of(moment), moment
    while True:
        openings.cover(known)
        place = bisect_left(openings.days, limit, key=attrgetter("day")) - number
        if place >= 0:
            return openings.days[place]
        known -= 300 * DAY
