"""When mails go, and how long a failed one waits: pure functions."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

MAX_ATTEMPTS: Final = 16
FIRST_DELAY: Final = timedelta(seconds=30)
LONGEST_DELAY: Final = timedelta(hours=4)


def next_digest(at: datetime, hour: int, time_zone: str) -> datetime:
    """The next time after an instant that a clock on the wall shows this hour."""
    local = at.astimezone(ZoneInfo(time_zone))
    due = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    if due.astimezone(at.tzinfo) <= at:
        due = (due + timedelta(days=1)).replace(hour=hour)
    return due.astimezone(at.tzinfo)


def delay_after(attempts: int) -> timedelta:
    """How long to wait after so many tries: all of them reach over a day."""
    return min(FIRST_DELAY * (1 << min(attempts - 1, 20)), LONGEST_DELAY)


def in_one_line(text: str) -> str:
    """A text without line breaks and other control characters, whatever a name holds (D11)."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
