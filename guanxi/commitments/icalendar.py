"""Writes a calendar as other programs subscribe to it (RFC 5545); nothing here knows of Django."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

#: A line has at most so many bytes; longer ones go on after a line break and a blank (3.1).
LONGEST: Final = 75
_UNWRITTEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029]")
_MOMENT: Final = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Happening:
    """One entry of a calendar: a short while that ends when something is due."""

    uid: str
    due_at: datetime
    changed_at: datetime
    summary: str
    description: str = ""
    url: str = ""
    sequence: int = 0
    lasts: timedelta = timedelta(minutes=30)


def write_calendar(name: str, happenings: Iterable[Happening]) -> bytes:
    """The whole calendar in UTF-8, each line folded and ended as the standard asks."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Guanxi//Commitments//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        *(line for each in happenings for line in _event(each)),
        "END:VCALENDAR",
    ]
    return b"".join(fold(line) for line in lines)


def _event(each: Happening) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{each.uid}"
    yield f"DTSTAMP:{_moment(each.changed_at)}"
    yield f"LAST-MODIFIED:{_moment(each.changed_at)}"
    yield f"SEQUENCE:{each.sequence}"
    yield f"DTSTART:{_moment(each.due_at - each.lasts)}"
    yield f"DTEND:{_moment(each.due_at)}"
    yield f"SUMMARY:{escaped(each.summary)}"
    if each.description:
        yield f"DESCRIPTION:{escaped(each.description)}"
    if each.url:
        yield f"URL:{each.url}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_MOMENT)


def escaped(text: str) -> str:
    """A text as a value: what means something to the format is marked (3.3.11)."""
    plain = _UNWRITTEN.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    marked = plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return marked.replace("\n", "\\n")


def fold(line: str) -> bytes:
    """A line with its ends; no character is cut in two."""
    parts, room = [b""], LONGEST
    for character in line:
        written = character.encode()
        if len(parts[-1]) + len(written) > room:
            parts.append(b"")
            room = LONGEST - 1  # a blank begins each further part
        parts[-1] += written
    return b"\r\n ".join(parts) + b"\r\n"
