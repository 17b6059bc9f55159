"""From a cell of a file to what a field can parse: dates of spreadsheets, amounts, lost digits."""

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.amounts import counted, in_minor
from guanxi.surfaces.exporting.writing import restored
from guanxi.surfaces.importing.mapping import Target
from guanxi.surfaces.importing.tables import Cell
from guanxi.surfaces.parsing import plain

_TEXTS: Final = {"text", "longtext", "code", "phone", "email", "url", "ref", "refs"}
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+\d{2,3}")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_EXCEL_DAY_ONE: Final = dt.datetime(1899, 12, 30)  # noqa: DTZ001  a cell has no zone
_SERIALS: Final = range(20_000, 80_000)  # 1954 to 2119
_CHINESE_CLOCK = re.compile(r"(\d{1,2})[时点](?:(\d{1,2})分?)?(?:(\d{1,2})秒)?$")
_CURRENCY_SIGNS: Final = "¥￥$£€元 "


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def raw_value(target: Target, cell: Cell, currency: str) -> Any:
    """What the field's own parser can read; refuses what a spreadsheet has destroyed."""
    kind = target.field.type
    if isinstance(cell, str):
        cell = restored(cell)
    if kind in _TEXTS:
        return _as_text(target, cell)
    if kind in {"date", "datetime"}:
        return _as_moment(cell)
    if kind == "money" and target.is_major:
        return _as_minor(target, cell, currency)
    if isinstance(cell, float):
        return Decimal(repr(cell))
    return cell


def _as_text(target: Target, cell: Cell) -> str:
    if isinstance(cell, str):
        if _SCIENTIFIC.fullmatch(cell.strip()):
            raise _digits_lost(target, cell)
        return cell
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        if abs(cell) >= 10**15:
            raise _digits_lost(target, f"{cell:.2E}")
        return repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ", "minutes")
    return cell.isoformat() if isinstance(cell, (dt.date, dt.time)) else str(cell)


def _digits_lost(target: Target, shown: str) -> RuleViolation:
    return RuleViolation(
        "scientific",
        _(
            "The spreadsheet has shortened this number to %(value)s and its digits are lost; "
            "format the column as text and enter it again."
        ),
        target.field.name,
        value=shown.strip()[:30],
    )


def _as_moment(cell: Cell) -> Any:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _from_serial(float(cell)) or str(cell)
    if not isinstance(cell, str):
        return cell
    written = plain(cell).strip()
    if _SERIAL.fullmatch(written):
        return _from_serial(float(written)) or cell
    clock = _CHINESE_CLOCK.search(written)
    if clock:
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return f"{written[: clock.start()].strip()} {hours:02}:{minutes:02}:{seconds:02}"
    return written


def _from_serial(days: float) -> dt.datetime | dt.date | None:
    """The day (and time) behind Excel's count of days."""
    if int(days) not in _SERIALS:
        return None
    moment = _EXCEL_DAY_ONE + dt.timedelta(seconds=round(days * 86400))
    return moment.date() if days.is_integer() else moment


def _as_minor(target: Target, cell: Cell, currency: str) -> Any:
    """An amount in units as minor units: 1.2万 → 1200000."""
    written = plain(str(cell)).strip().replace(",", "").strip(_CURRENCY_SIGNS)
    is_negative = written.startswith("(") and written.endswith(")")
    bare = written.strip("()").removeprefix("-").strip(_CURRENCY_SIGNS)
    try:
        minor = in_minor(counted(bare), currency)
    except InvalidOperation as error:
        raise RuleViolation("not_number", _("An amount is expected."), target.field.name) from error
    if minor != minor.to_integral_value():
        raise RuleViolation(
            "too_precise", _("The amount has too many decimal places."), target.field.name
        )
    return -int(minor) if is_negative or written.startswith("-") else int(minor)
