"""Instants as whole microseconds since 1970, so that every sum of time is exact and fast."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND

#: Deadlines live between these days; what lies outside is a slip of the pen, not a promise.
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)


class Impossible(ValueError):
    """What was asked has no answer: a calendar that never opens, a time beyond all calendars."""


def ticks_of(at: datetime) -> int:
    """An instant as microseconds since 1970."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def instant_of(ticks: int, zone: tzinfo = UTC) -> datetime:
    """The instant of microseconds since 1970, told in a zone."""
    at = EPOCH + timedelta(microseconds=ticks)
    return at if zone is UTC else at.astimezone(zone)


def check_instant(at: datetime) -> datetime:
    """Refuse an instant that is nobody's deadline: without offset, or centuries away."""
    if at.tzinfo is None or at.utcoffset() is None:
        raise Impossible("an instant needs its offset from UTC")
    if not 1901 <= at.year <= 2198:
        raise Impossible("an instant lies between the years 1901 and 2198")
    return at
