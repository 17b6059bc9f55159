"""Opens an analyst's table (CSV, gzipped CSV, workbook) through the product's one reader."""

import csv
import gzip
import io
import math
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.utils.translation import gettext
from numpy.typing import NDArray

from guanxi.insight.cells import shown
from guanxi.insight.problems import Unusable
from guanxi.surfaces.importing.encodings import survey
from guanxi.surfaces.importing.reading import Table, UnreadableFile, open_table

_LARGEST_MATRIX = 10 << 20


def open_file(path: Path) -> Table:
    """Open a table for reading row by row, or say in one line why it cannot be."""
    try:
        return open_table(path, path.name)
    except UnreadableFile as error:
        raise Unusable(path, str(error), line=1) from error
    except OSError as error:
        raise Unusable(path, error.strerror or str(error)) from error


class Matrix:
    """A table of numbers with the names of its rows and columns; empty cells are NaN."""

    def __init__(
        self, path: Path, numbers: NDArray[np.float64], rows: list[str], columns: list[str]
    ) -> None:
        self.path, self.numbers, self.rows, self.columns = path, numbers, rows, columns
        self.first_line, self.first_column = 1, 1

    def place(self, row: int, column: int) -> tuple[int, str]:
        """The line of a row and the name or number of a column, as an error names them."""
        name = self.columns[column] if self.columns else str(column + self.first_column)
        return row + self.first_line, name


def read_matrix(path: Path) -> Matrix:
    """Read numbers and fractions such as 1/3; a header row and a column of names are optional."""
    lines = [(n, row) for n, row in _lines(path) if any(cell.strip() for cell in row)]
    if not lines:
        raise Unusable(path, gettext("the file is empty"), line=1)
    has_header = _is_header(lines)
    body = lines[1:] if has_header else lines
    if not body:
        raise Unusable(path, gettext("there is no row under the header"), line=lines[0][0])
    has_names = any(not _is_number(row[0]) for _, row in body if row) or (
        has_header and not lines[0][1][0].strip() and len(lines[0][1]) == len(body[0][1])
    )
    first = 1 if has_names else 0
    header = [cell.strip() for cell in lines[0][1]] if has_header else []
    width = len(body[0][1]) - first
    if has_header and len(header) > width:
        header = header[len(header) - width :]
    shape = _Shape(width, header, first)
    numbers = np.array([_numbers(path, n, row[first:], shape) for n, row in body])
    rows = [row[0].strip() for _, row in body] if has_names else []
    matrix = Matrix(path, numbers, rows, header)
    matrix.first_line, matrix.first_column = body[0][0], first + 1
    return matrix


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    try:
        content = path.read_bytes()
        if content.startswith(b"\x1f\x8b"):
            content = gzip.decompress(content)
        encoding = survey(io.BytesIO(content)).encoding
        text = content.decode(encoding, errors="replace").removeprefix("\ufeff")
    except UnreadableFile as error:
        raise Unusable(path, str(error), line=1) from error
    except (OSError, EOFError, zlib.error) as error:
        raise Unusable(path, getattr(error, "strerror", None) or str(error)) from error
    if len(content) > _LARGEST_MATRIX:
        raise Unusable(path, gettext("the matrix is too large"))
    delimiter = max(",\t;，；", key=text.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [(reader.line_num, row) for row in reader]


def _is_header(lines: list[tuple[int, list[str]]]) -> bool:
    """Names in the first row: some cell beyond the first that is no number."""
    first = lines[0][1]
    return any(cell.strip() and not _is_number(cell) for cell in first[1:]) or (
        len(first) == 1 and not _is_number(first[0])
    )


def _is_number(cell: str) -> bool:
    try:
        _number(cell)
    except (ValueError, ZeroDivisionError):
        return False
    return True


def _number(cell: str) -> float:
    text = cell.strip().translate(str.maketrans("／：:", "///"))
    if not text:
        return float("nan")
    above, _, below = text.partition("/")
    value = float(above) / (float(below or 0) if "/" in text else 1.0)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


@dataclass(frozen=True)
class _Shape:
    """How wide the rows of a matrix are, and what its columns are called."""

    width: int
    header: list[str]
    first: int

    def name(self, place: int) -> str:
        """A column as an error names it."""
        return self.header[place] if self.header else str(place + 1 + self.first)


def _numbers(path: Path, line: int, cells: list[str], shape: _Shape) -> list[float]:
    while len(cells) > shape.width and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) > shape.width:
        reason = gettext("the row has %(count)s cells, the first one %(width)s")
        raise Unusable(path, reason % {"count": len(cells), "width": shape.width}, line=line)
    found = []
    for place, cell in enumerate(cells):
        try:
            found.append(_number(cell))
        except (ValueError, ZeroDivisionError):
            reason = gettext("“%(cell)s” is not a number") % {"cell": shown(cell)}
            raise Unusable(path, reason, line=line, column=shape.name(place)) from None
    return found + [float("nan")] * (shape.width - len(found))
