"""Opening hours as people write them, and a year's notice as rows of text."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from guanxi.deadlines.rules.calendars import Day, Hours, check_day
from guanxi.deadlines.rules.statutory import DayKind, StatutoryDay, StatutoryTable, YearStatus
from guanxi.deadlines.rules.times import Impossible

_SPAN: Final = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至到]\s*(\d{1,2})[:：](\d{2})")
_BETWEEN: Final = re.compile(r"[\s,，;；、]*")
LONGEST_NAME: Final = 40


def read_hours(text: str) -> Day:
    """The openings of "09:00-12:00 13:00-18:00"; blank is closed."""
    found, at = [], _BETWEEN.match(text).end()  # type: ignore[union-attr]
    while at < len(text):
        span = _SPAN.match(text, at)
        if not span:
            raise Impossible(text[at : at + 20])
        found.append(_hours(span))
        at = _BETWEEN.match(text, span.end()).end()  # type: ignore[union-attr]
    return check_day(tuple(found))


def _hours(span: re.Match[str]) -> Hours:
    hour, minute, last_hour, last_minute = (int(part) for part in span.groups())
    if minute > 59 or last_minute > 59:
        raise Impossible(span.group())
    return hour * 3600 + minute * 60, last_hour * 3600 + last_minute * 60


def write_hours(hours: Day) -> str:
    """The openings of a day as `read_hours` takes them."""
    return " ".join(f"{_clock(start)}-{_clock(end)}" for start, end in hours)


def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}"


@dataclass(frozen=True)
class BadRow:
    """A row of a notice that cannot be taken: which, and its text."""

    number: int
    text: str


_KINDS: Final = {
    **dict.fromkeys(("holiday", "休", "假", "放假", "休息"), DayKind.HOLIDAY),
    **dict.fromkeys(("workday", "班", "上班", "调休上班", "工作日"), DayKind.WORKDAY),
}


def read_notice(text: str, year: int) -> tuple[dict[date, StatutoryDay], list[BadRow]]:
    """The dates of a year's notice from rows `date,kind,name`, and the rows that are none."""
    rows: dict[date, StatutoryDay] = {}
    bad = []
    for number, cells in _rows(text):
        day = _row(cells, year)
        if day is None or day[0] in rows:
            bad.append(BadRow(number, ",".join(cells)[:60]))
        else:
            rows[day[0]] = day[1]
    return rows, bad


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    lines = text.replace("，", ",").replace("\t", ",").lstrip("\N{BOM}").splitlines()
    for number, cells in enumerate(csv.reader(lines), 1):
        trimmed = [cell.strip() for cell in cells]
        if any(trimmed) and trimmed[0].lower() not in {"date", "日期"}:
            yield number, trimmed


def _row(cells: list[str], year: int) -> tuple[date, StatutoryDay] | None:
    kind = _KINDS.get(cells[1].lower()) if len(cells) in {2, 3, 4} else None
    try:
        day = date.fromisoformat(cells[0].replace("/", "-"))
    except ValueError:
        return None
    if kind is None or day.year != year:
        return None
    name = cells[2] if len(cells) > 2 else ""
    return (day, StatutoryDay(kind, name)) if len(name) <= LONGEST_NAME else None


def with_year(
    table: StatutoryTable, year: int, rows: dict[date, StatutoryDay], status: YearStatus
) -> StatutoryTable:
    """The table with one year's dates replaced."""
    others = {day: row for day, row in table.rows.items() if day.year != year}
    return StatutoryTable({**others, **rows}, {**table.years, year: status})


@dataclass(frozen=True)
class DayChange:
    """A date about which two tables differ."""

    day: date
    old: StatutoryDay | None
    new: StatutoryDay | None


def changed_days(old: StatutoryTable, new: StatutoryTable) -> list[DayChange]:
    """The dates that another table opens or closes; a name alone changes no deadline."""
    found = (
        DayChange(day, old.rows.get(day), new.rows.get(day))
        for day in sorted(old.rows.keys() | new.rows.keys())
    )
    return [change for change in found if _kind(change.old) is not _kind(change.new)]


def _kind(row: StatutoryDay | None) -> DayKind | None:
    return row.kind if row else None
