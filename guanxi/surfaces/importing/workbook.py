"""Reads XLSX and XLS as a stream, from a child process whose memory and time are limited (D08)."""

import datetime as dt
import functools
import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final

from django.utils.translation import gettext

from guanxi.surfaces.importing.tables import (
    Cell,
    Row,
    RowProblem,
    Table,
    UnreadableFile,
    checked_headers,
    fit_row,
)

_CHILD: Final = Path(__file__).with_name("workbook_child.py")
_HEADER_SEARCH: Final = 12
_EXACT: Final = 10**15

Line = tuple[int, list[Cell], list[tuple[int, str]]]


def open_workbook(path: Path) -> Table:
    """Open the first visible sheet; its header is the first row that looks like one."""
    child = subprocess.Popen(
        [sys.executable, "-I", str(_CHILD), str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env={},
        text=True,
        encoding="ascii",
    )
    try:
        about = _about(child)
        lines = _lines(child)
        first = [line for _, line in zip(range(_HEADER_SEARCH), lines, strict=False)]
        place = _header_place(first)
        headers = checked_headers(first[place][1])
        rows = _rows(chain(first[place + 1 :], lines), len(headers))
        release = functools.partial(_stop, child)
        notices = _notices(about)
        return Table(headers, "xlsx", "", rows, about["height"], release, about["sheet"], notices)
    except BaseException:
        _stop(child)
        raise


def _output(child: subprocess.Popen[str]) -> IO[str]:
    assert child.stdout is not None  # noqa: S101  it was asked for
    return child.stdout


def _about(child: subprocess.Popen[str]) -> dict[str, Any]:
    line = _output(child).readline()
    if not line:
        raise _died(child)
    about: dict[str, Any] = json.loads(line)
    if "refused" in about:
        raise UnreadableFile(about["refused"], _refusal(about["refused"]))
    return about


def _refusal(code: str) -> str:
    words = {
        "bomb": gettext("The workbook unpacks to far more than it should."),
        "doctype": gettext("The workbook contains a document type definition; that is refused."),
        "password": gettext("The workbook is protected by a password; save it without one."),
        "memory": gettext("The workbook needs too much memory; save the sheet as CSV."),
        "no_sheet": gettext("The workbook has no visible sheet."),
    }
    return words.get(code) or gettext("The workbook is damaged or is no workbook.")


def _died(child: subprocess.Popen[str]) -> UnreadableFile:
    """The child ended without a word: it met one of its limits, or the file broke the reader."""
    code = "memory" if child.wait(timeout=10) < 0 else "damaged"
    return UnreadableFile(code, _refusal(code))


def _lines(child: subprocess.Popen[str]) -> Iterator[Line]:
    for text in _output(child):
        parsed = json.loads(text)
        if isinstance(parsed, dict):
            raise UnreadableFile(parsed["refused"], _refusal(parsed["refused"]))
        number, cells, marks = parsed
        yield number, [_typed(cell) if isinstance(cell, dict) else cell for cell in cells], marks
    if child.wait(timeout=10):
        raise _died(child)


def _typed(cell: dict[str, str]) -> Cell:
    if "d" in cell:
        return dt.date.fromisoformat(cell["d"])
    if "t" in cell:
        return dt.datetime.fromisoformat(cell["t"])
    return dt.time.fromisoformat(cell["h"])


def _filled(cells: list[Cell]) -> int:
    return sum(1 for cell in cells if cell not in ("", None))


def _header_place(first: list[Line]) -> int:
    """Which row is the header: titles and notes above a table fill one or two cells only."""
    widest = max((_filled(cells) for _, cells, _ in first), default=0)
    if not widest:
        raise UnreadableFile("empty", gettext("The sheet is empty."))
    return next(i for i, (_, cells, _) in enumerate(first) if _filled(cells) * 2 > widest)


def _rows(lines: Iterator[Line], width: int) -> Iterator[Row]:
    for number, cells, marks in lines:
        if not _filled(cells) and not marks:
            continue
        row = fit_row(number, cells, width)
        problems = [*_marked(number, marks, width), *_rounded(number, row.cells)]
        yield row._replace(problems=(*row.problems, *problems)) if problems else row


def _marked(line: int, marks: list[tuple[int, str]], width: int) -> Iterator[RowProblem]:
    for column, code in marks:
        if 0 <= column < width:
            yield RowProblem(line, column, code, _cell_words(code))


def _cell_words(code: str) -> str:
    words = {
        "error_cell": gettext("The cell holds a spreadsheet error instead of a value."),
        "formula_empty": gettext("The cell holds a formula without a value; paste it as a value."),
        "merged": gettext("The cell is merged with another; unmerge the cells and fill each."),
    }
    return words[code]


def _rounded(line: int, cells: list[Cell]) -> Iterator[RowProblem]:
    for column, cell in enumerate(cells):
        if isinstance(cell, float) and abs(cell) >= _EXACT:
            message = gettext(
                "The spreadsheet keeps 15 digits only and has rounded this number; "
                "format the column as text and enter it again."
            )
            yield RowProblem(line, column, "rounded", message)


def _notices(about: dict[str, Any]) -> list[str]:
    notices = []
    if about["formulas"]:
        text = gettext("%(count)s cells hold formulas; their last values are read.")
        notices.append(text % {"count": about["formulas"]})
    if about["other_sheets"]:
        text = gettext("Only the first visible sheet, “%(sheet)s”, is read.")
        notices.append(text % {"sheet": about["sheet"]})
    return notices


def _stop(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.wait()
    _output(child).close()
