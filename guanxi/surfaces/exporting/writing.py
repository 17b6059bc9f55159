"""Writes tables as CSV and XLSX, row by row, so that no spreadsheet runs what a customer typed.

The only face of the XLSX library. Strings are always strings, identifiers keep their zeros,
dates and amounts are typed, and nothing about the machine is left in the document.
"""

import csv
import datetime as dt
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext

_TRIGGERS: Final = "=+-@|%\t\r\n＝＋－＠｜％"
_PLAIN_NUMBER = re.compile(r"-?\d{1,15}(\.\d+)?")
_MAX_CELL: Final = 32_000
_MAX_ROWS: Final = 1_000_000
_EXACT: Final = 10**15
_FIRST_DAY: Final = dt.date(1900, 3, 1)

Value = str | int | float | Decimal | bool | dt.date | dt.datetime | None


@dataclass(frozen=True)
class Column:
    """One column to write: its heading, what it holds, how wide it is."""

    label: str
    kind: str = "text"
    width: int = 0


@dataclass(frozen=True)
class Heading:
    """What stands above and around a sheet: its title, and who took it when."""

    title: str
    watermark: str


def neutralise(value: str) -> str:
    """A text that a spreadsheet will not take for a formula; plain negative numbers stay."""
    start = value.lstrip(" \u3000\u200b\ufeff")[:1]
    if start and start in _TRIGGERS and not _PLAIN_NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def restored(value: str) -> str:
    """What a neutralised text was before."""
    if value[:1] == "'" and neutralise(value[1:]) == value:
        return value[1:]
    return value


# CSV ----------------------------------------------------------------------------------------------
def write_csv(path: Path, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> int:
    """Write a CSV that Excel opens with the right characters; returns the number of rows."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([neutralise(column.label) for column in columns])
        for row in rows:
            writer.writerow([_as_text(value) for value in row])
            count += 1
        stream.flush()
        os.fsync(stream.fileno())
    return count


def _as_text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, str):
        return neutralise(value)
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S" if value.second else "%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


# XLSX ---------------------------------------------------------------------------------------------
def new_workbook(path: Path, *, is_streamed: bool = False) -> Any:
    """A workbook in which text stays text and that tells nothing about its maker."""
    import xlsxwriter  # a web process writes none

    book = xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": is_streamed,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
            "tmpdir": str(path.parent),
        },
    )
    book.set_properties({"author": "", "title": "", "company": "", "comments": ""})
    return book


def write_xlsx(
    path: Path, columns: Sequence[Column], rows: Iterable[Sequence[Value]], *, heading: Heading
) -> int:
    """Write a workbook in constant memory; a sheet that is full is followed by another."""
    book = new_workbook(path, is_streamed=True)
    try:
        return _Sheets(book, columns, heading).write(rows)
    finally:
        book.close()
        with path.open("rb") as stream:
            os.fsync(stream.fileno())


class _Sheets:
    """The sheets of one workbook, each with the same title, heading and looks."""

    def __init__(self, book: Any, columns: Sequence[Column], heading: Heading) -> None:
        self.book, self.columns, self.heading = book, columns, heading
        font = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
        self.plain = book.add_format(font)
        self.title = book.add_format(font | {"font_size": 14, "bold": True})
        self.note = book.add_format(font | {"font_size": 9, "font_color": "#6B7280"})
        self.head = book.add_format(
            font | {"bold": True, "bg_color": "#E6F0EE", "bottom": 1, "bottom_color": "#0F766E"}
        )
        formats = {
            "text": "@",
            "integer": "0",
            "decimal": "#,##0.######",
            "money": "#,##0.00",
            "date": "yyyy-mm-dd",
            "datetime": "yyyy-mm-dd hh:mm",
        }
        self.formats = {
            kind: book.add_format(font | {"num_format": shape}) for kind, shape in formats.items()
        }
        self.places = 0

    def write(self, rows: Iterable[Sequence[Value]]) -> int:
        """Write every row; returns their number."""
        sheet, line, count = self._open(), self.places, 0
        for row in rows:
            if line - self.places >= _MAX_ROWS:
                sheet, line = self._open(), self.places
            for place, value in enumerate(row):
                self._cell(sheet, line, place, value)
            line += 1
            count += 1
        return count

    def _open(self) -> Any:
        number = len(self.book.worksheets()) + 1
        name = re.sub(r"[\[\]:*?/\\']", "_", self.heading.title)[:24] or "1"
        sheet = self.book.add_worksheet(name if number == 1 else f"{name} {number}")
        for place, column in enumerate(self.columns):
            sheet.set_column(place, place, column.width or _width(column), self.plain)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{_in_footer(self.heading.watermark)}&R&P / &N")
        line = 0
        if len(self.columns) > 1:
            sheet.set_row(0, 26)
            sheet.write_string(0, 0, self.heading.title, self.title)
            sheet.write_string(1, 0, self.heading.watermark, self.note)
            line = 2
        for place, column in enumerate(self.columns):
            sheet.write_string(line, place, column.label, self.head)
        sheet.freeze_panes(line + 1, 1)
        sheet.repeat_rows(line)
        self.places = line + 1
        return sheet

    def _cell(self, sheet: Any, line: int, place: int, value: Value) -> None:
        if value is None or value == "":
            return
        writer = next(write for kind, write in _WRITERS if isinstance(value, kind))
        writer(self, sheet, (line, place), value)

    def _write_text(self, sheet: Any, at: tuple[int, int], value: Any) -> None:
        sheet.write_string(*at, _fitting(str(value)), self.formats["text"])

    def _write_boolean(self, sheet: Any, at: tuple[int, int], value: bool) -> None:
        sheet.write_string(*at, gettext("Yes") if value else gettext("No"), self.plain)

    def _write_number(self, sheet: Any, at: tuple[int, int], value: float | Decimal) -> None:
        if not -_EXACT < value < _EXACT:
            self._write_text(sheet, at, value)
            return
        kind = self.columns[at[1]].kind
        shape = kind if kind in {"integer", "money"} else "decimal"
        sheet.write_number(*at, value, self.formats[shape])

    def _write_moment(self, sheet: Any, at: tuple[int, int], value: dt.datetime) -> None:
        local = value.replace(tzinfo=None)
        if local.date() < _FIRST_DAY:
            self._write_text(sheet, at, _as_text(local))
            return
        sheet.write_datetime(*at, local, self.formats["datetime"])

    def _write_day(self, sheet: Any, at: tuple[int, int], value: dt.date) -> None:
        if value < _FIRST_DAY:
            self._write_text(sheet, at, value.isoformat())
            return
        sheet.write_datetime(*at, value, self.formats["date"])


_Writer = Callable[[_Sheets, Any, tuple[int, int], Any], None]
_WRITERS: Final[tuple[tuple[type | tuple[type, ...], _Writer], ...]] = (
    (bool, _Sheets._write_boolean),  # noqa: SLF001  the table belongs to the class
    (str, _Sheets._write_text),  # noqa: SLF001
    (dt.datetime, _Sheets._write_moment),  # noqa: SLF001
    (dt.date, _Sheets._write_day),  # noqa: SLF001
    ((int, float, Decimal), _Sheets._write_number),  # noqa: SLF001
)


def _fitting(value: str) -> str:
    """A cell holds 32 767 UTF-16 units; what is longer says that it goes on elsewhere."""
    if len(value) * 2 <= _MAX_CELL or len(value.encode("utf-16-le")) // 2 <= _MAX_CELL:
        return value
    cut = value.encode("utf-16-le")[: _MAX_CELL * 2].decode("utf-16-le", "ignore")
    return cut + gettext(" … (the whole text is in the system)")


def _width(column: Column) -> int:
    typical = {"date": 12, "datetime": 17, "money": 14, "integer": 10, "boolean": 8, "longtext": 40}
    heading = sum(2 if c > "\u2e80" else 1 for c in column.label) + 2
    return max(heading, typical.get(column.kind, 18))


def _in_footer(text: str) -> str:
    return text.replace("&", "&&")[:200]
