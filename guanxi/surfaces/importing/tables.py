"""What a file to import is read into: headers, rows with their line numbers, and what is wrong."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

from django.utils.translation import gettext

from guanxi.kernel.text import TextError, clean_text

MAX_COLUMNS: Final = 1000
MAX_HEADER: Final = 200

Cell = str | int | float | bool | dt.datetime | dt.date | dt.time | None


class UnreadableFile(ValueError):
    """A file of which no row can be read; says why and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class RowProblem(NamedTuple):
    """What is wrong with one row or one of its cells; the other rows go on."""

    line: int
    column: int | None
    code: str
    message: str


class Row(NamedTuple):
    """One row of the file: its line, a cell for every header, and its problems."""

    line: int
    cells: list[Cell]
    problems: tuple[RowProblem, ...]


@dataclass
class Table:
    """A file opened for import; iterate `rows` once, and close it."""

    headers: tuple[str, ...]
    encoding: str
    delimiter: str
    rows: Iterator[Row]
    line_count: int
    release: Callable[[], None]
    sheet: str = ""
    notices: Sequence[str] = field(default_factory=tuple)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file and of the process that reads it."""
        self.release()


def checked_headers(cells: Sequence[Cell]) -> tuple[str, ...]:
    """The names of the columns: cleaned, each once; an unnamed column is called by its place."""
    names = [_header(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise UnreadableFile("empty", gettext("The file holds no table: no column has a name."))
    if len(names) > MAX_COLUMNS:
        raise UnreadableFile(
            "too_many_columns",
            gettext("The file has %(count)s columns; at most %(limit)s can be imported.")
            % {"count": len(names), "limit": MAX_COLUMNS},
        )
    first_place: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        if name and name in first_place:
            raise UnreadableFile(
                "duplicate_header",
                gettext("Columns %(first)s and %(second)s are both named “%(name)s”; rename one.")
                % {"first": first_place[name], "second": place, "name": name},
            )
        first_place[name] = place
    return tuple(
        name or gettext("Column %(place)s") % {"place": place}
        for place, name in enumerate(names, start=1)
    )


def _header(cell: Cell) -> str:
    if cell is None:
        return ""
    try:
        return clean_text(str(cell), max_length=MAX_HEADER)
    except TextError as error:
        raise UnreadableFile(
            "bad_header", gettext("A column name cannot be read: %(reason)s") % {"reason": error}
        ) from error


def fit_row(line: int, cells: list[Cell], width: int) -> Row:
    """Make a row as wide as the headers; a row that is not is kept, with its problem."""
    count = len(cells)
    while count > width and cells[count - 1] in ("", None):
        count -= 1
    if count == width:
        return Row(line, cells[:width], ())
    problem = RowProblem(
        line,
        None,
        "ragged",
        gettext("The row has %(count)s cells, the header %(width)s.")
        % {"count": count, "width": width},
    )
    padding: list[Cell] = [""] * (width - count)
    return Row(line, cells[:width] + padding, (problem,))
