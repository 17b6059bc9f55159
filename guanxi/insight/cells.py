"""From the cells of an analyst's file to days and amounts; a cell that is neither says why."""

import datetime as dt
import math
import re
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from guanxi.surfaces.importing.reading import Cell

_MOMENT = re.compile(
    r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))"
    r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)
_MONEY_SIGNS: Final = str.maketrans("", "", "¥￥$£€元, \u00a0")
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()
_SHOWN: Final = 40


class BadCell(ValueError):
    """The cell does not hold what its column is for; the message is the reason."""


def shown(cell: object) -> str:
    """A cell as an error message quotes it."""
    text = str(cell)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class Days:
    """Turns moments into days since 1970 in one time zone; remembers what it has seen."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._seen: dict[str, int] = {}

    def read(self, cell: Cell) -> int:
        """The business day of a moment; one without an offset is in the zone already."""
        if isinstance(cell, dt.datetime):
            cell = cell if cell.tzinfo is None else cell.astimezone(self._zone)
            return cell.toordinal() - _EPOCH
        if isinstance(cell, dt.date):
            return cell.toordinal() - _EPOCH
        text = "" if cell is None else str(cell).strip()
        if text not in self._seen:
            if len(self._seen) > 500_000:
                self._seen.clear()
            self._seen[text] = self._parse(text)
        return self._seen[text]

    def _parse(self, text: str) -> int:
        if not text:
            raise BadCell(gettext("the date is missing"))
        found = _MOMENT.fullmatch(text)
        if found is None:
            raise BadCell(
                gettext("“%(cell)s” is not a date like 2026-01-31") % {"cell": shown(text)}
            )
        year, *parts = found.groups()
        month, day = (parts[0], parts[1]) if parts[0] else (parts[2], parts[3])
        try:
            moment = dt.datetime(  # noqa: DTZ001  the offset follows
                int(year), int(month), int(day), int(parts[4] or 0), int(parts[5] or 0)
            )
            return self._day(moment, parts[7]) - _EPOCH
        except (ValueError, OverflowError) as error:
            raise BadCell(
                gettext("“%(cell)s” is not a day of the calendar") % {"cell": shown(text)}
            ) from error

    def _day(self, moment: dt.datetime, offset: str | None) -> int:
        if offset is None:
            return moment.toordinal()
        sign = -1 if offset[0] == "-" else 1
        digits = "0000" if offset.upper() in {"Z", "UTC"} else offset[1:].replace(":", "")
        delta = sign * dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return moment.replace(tzinfo=dt.timezone(delta)).astimezone(self._zone).toordinal()


def read_amount(cell: Cell) -> float:
    """A sum of money: thousands separators and currency signs are allowed."""
    if isinstance(cell, int | float):
        value = float(cell)
    else:
        text = "" if cell is None else str(cell).strip()
        if not text:
            raise BadCell(gettext("the amount is missing"))
        try:
            value = float(text)
        except ValueError:
            value = _without_signs(text)
    if not math.isfinite(value) or abs(value) > 1e15:
        raise BadCell(gettext("“%(cell)s” is not an amount") % {"cell": shown(cell)})
    return value


def _without_signs(text: str) -> float:
    try:
        return float(text.translate(_MONEY_SIGNS))
    except ValueError:
        raise BadCell(gettext("“%(cell)s” is not an amount") % {"cell": shown(text)}) from None


def iso(day: int) -> str:
    """A day as the files write it."""
    return dt.date.fromordinal(day + _EPOCH).isoformat()


def read_day(text: str) -> int:
    """A day given as an option."""
    return Days(ZoneInfo("UTC")).read(text)
