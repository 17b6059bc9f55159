"""Reads CSV and its relatives as a stream: any encoding, any usual delimiter, plain or gzipped."""

import csv
import gzip
import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from django.utils.translation import gettext

from guanxi.surfaces.importing.encodings import Survey, survey
from guanxi.surfaces.importing.tables import (
    Cell,
    Row,
    RowProblem,
    Table,
    UnreadableFile,
    checked_headers,
    fit_row,
)

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS: Final = (",", "\t", ";", "|", "，", "；")
_NOTHING: Final = "".join(DELIMITERS) + ' "'
MAX_CELL: Final = 1_000_000
MAX_UNPACKED: Final = 2 << 30
MAX_RATIO: Final = 200
_RATIO_FROM: Final = 50 << 20
_SAMPLE_LINES: Final = 60
_SAMPLE_CHARACTERS: Final = 400_000


class _Unpacked(io.RawIOBase):
    """A gzip stream that stops before it fills the machine."""

    def __init__(self, path: Path) -> None:
        self._packed_size = max(path.stat().st_size, 1)
        self._stream = gzip.open(path)  # noqa: SIM115  closed with this stream
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._stream.read(len(buffer))
        except (OSError, EOFError) as error:
            raise UnreadableFile(
                "damaged", gettext("The compressed file is damaged or incomplete.")
            ) from error
        self._read += len(data)
        ratio = self._read / self._packed_size
        if self._read > MAX_UNPACKED or (self._read > _RATIO_FROM and ratio > MAX_RATIO):
            raise UnreadableFile(
                "bomb", gettext("The compressed file unpacks to far more than it should.")
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def open_delimited(path: Path, *, is_gzip: bool) -> Table:
    """Open a CSV or TSV file; reads it once to know its encoding, then row by row."""
    with _bytes(path, is_gzip=is_gzip) as stream:
        found = survey(stream)
    lines = _Lines(path, found, is_gzip=is_gzip)
    try:
        delimiter, skipped = _delimiter(lines.peek())
        lines.skip(skipped)
        csv.field_size_limit(MAX_CELL)
        reader = csv.reader(lines.rest(), delimiter=delimiter)
        headers = _first_row(reader)
        rows = _rows(reader, len(headers), skipped, found)
        return Table(headers, found.encoding, delimiter, rows, found.line_count, lines.close)
    except BaseException:
        lines.close()
        raise


def _bytes(path: Path, *, is_gzip: bool) -> BinaryIO:
    if is_gzip:
        return cast("BinaryIO", io.BufferedReader(_Unpacked(path), 1 << 20))
    return path.open("rb")


class _Lines:
    """The physical lines of a file, of which the first few may be looked at beforehand."""

    def __init__(self, path: Path, found: Survey, *, is_gzip: bool) -> None:
        self._text = io.TextIOWrapper(
            _bytes(path, is_gzip=is_gzip), found.encoding, errors="replace", newline=""
        )
        self._ahead: list[str] = []
        self._lines: Iterator[str] = self._text

    def peek(self) -> list[str]:
        """The first lines, without taking them."""
        size = 0
        for line in itertools.islice(self._text, _SAMPLE_LINES):
            self._ahead.append(line)
            size += len(line)
            if size > _SAMPLE_CHARACTERS:
                break
        if self._ahead:
            self._ahead[0] = self._ahead[0].removeprefix("\ufeff")
        self._lines = itertools.chain(self._ahead, self._text)
        return self._ahead

    def skip(self, count: int) -> None:
        """Leave out lines at the head."""
        for _ in itertools.islice(self._lines, count):
            pass

    def rest(self) -> Iterator[str]:
        """The lines that have not been taken."""
        return self._lines

    def close(self) -> None:
        """Let go of the file."""
        self._text.close()


def _delimiter(sample: list[str]) -> tuple[str, int]:
    """The delimiter, and how many lines at the head are not data (Excel's `sep=`)."""
    first = sample[0].strip().lower() if sample else ""
    if first.startswith("sep=") and len(first) == len("sep=") + 1:
        return sample[0].strip()[-1], 1
    return max(DELIMITERS, key=lambda each: _fitness(sample, each)), 0


def _fitness(sample: list[str], delimiter: str) -> tuple[bool, float, int]:
    """How well a delimiter cuts the sample: into several columns, evenly, into many."""
    try:
        cut = csv.reader(sample, delimiter=delimiter)
        rows = [row for row in cut if any(cell.strip(_NOTHING) for cell in row)]
    except csv.Error:
        return False, 0.0, 0
    if not rows:
        return False, 0.0, 0
    if len(rows) > 1 and len(sample) >= _SAMPLE_LINES:
        rows.pop()  # The sample may have cut it.
    width = len(rows[0])
    even = sum(len(row) == width for row in rows) / len(rows)
    return width > 1, round(even, 1), width


def _first_row(reader: Iterator[list[str]]) -> tuple[str, ...]:
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                return checked_headers(cells)
    except csv.Error as error:
        raise UnreadableFile(
            "cell_too_long", gettext("The header row holds a cell that is too long.")
        ) from error
    raise UnreadableFile("empty", gettext("The file is empty."))


def _rows(reader: "Reader", width: int, skipped: int, found: Survey) -> Iterator[Row]:
    needs_a_look = found.has_nul or not found.is_clean
    while True:
        line = reader.line_num + skipped + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(line, [""] * width, (_too_long(line),))
            continue
        if not any(cells):
            continue
        if len(cells) == width and not needs_a_look:
            yield Row(line, cells, ())  # type: ignore[arg-type]
        else:
            yield _looked_at(line, cells, width)


def _looked_at(line: int, cells: list[str], width: int) -> Row:
    row = fit_row(line, cast("list[Cell]", cells), width)
    problems = [
        problem
        for column, cell in enumerate(row.cells)
        if isinstance(cell, str) and (problem := _bad_bytes(line, column, cell))
    ]
    return row._replace(problems=(*row.problems, *problems)) if problems else row


def _bad_bytes(line: int, column: int, cell: str) -> RowProblem | None:
    if "\0" in cell:
        return RowProblem(line, column, "nul", gettext("The cell holds a zero byte."))
    if "\ufffd" in cell:
        message = gettext("The cell holds bytes that are no text in this file's encoding.")
        return RowProblem(line, column, "undecodable", message)
    return None


def _too_long(line: int) -> RowProblem:
    message = gettext(
        "A cell is longer than %(limit)s characters, or a quotation mark is not closed."
    )
    return RowProblem(line, None, "cell_too_long", message % {"limit": MAX_CELL})
