"""The worker's own file of facts in DuckDB: bounded in memory, made anew when in doubt."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import duckdb
import numpy as np
from numpy.typing import NDArray

SQL: Final = Path(__file__).parent / "sql"
MEMORY: Final = "384MB"
"""What DuckDB itself may hold: with NumPy and the results a process stays under 512 MB."""
THREADS: Final = 2
Columns = dict[str, NDArray[Any]]


class Held(Exception):
    """Another process has the file open."""


class Warehouse:
    """One open file of facts. Only one process at a time holds it."""

    def __init__(self, path: Path | None, zone: str, *, threads: int = THREADS) -> None:
        """Open the file, or tables in memory alone; a file that is no database is begun anew."""
        self.path, self.zone, self.threads = path, zone, threads
        try:
            self._open()
        except duckdb.Error as error:
            if "lock" in str(error):
                raise Held from error
            self.forget()

    def _open(self) -> None:
        options: dict[str, Any] = {
            "memory_limit": MEMORY,
            "threads": self.threads,
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            options["temp_directory"] = str(self.path.with_suffix(".tmp"))
        self.connection = duckdb.connect(str(self.path or ":memory:"), config=options)
        self.connection.execute(f"SET TimeZone = '{self.zone}'")
        self.connection.execute(read("schema"))

    def forget(self) -> None:
        """Begin an empty file: everything in it can be read again from the operational database."""
        with suppress(AttributeError):
            self.connection.close()
        if self.path is not None:
            for path in (self.path, self.path.with_name(f"{self.path.name}.wal")):
                path.unlink(missing_ok=True)
        self._open()

    def __enter__(self) -> Self:
        """Use it as a context: it is let go of at the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file, so that another process can open it."""
        self.connection.close()

    # Reading --------------------------------------------------------------------------------------
    def columns(self, name: str, **values: Any) -> Columns:
        """The result of a named query, a column each; a missing number is NaN."""
        found = self.connection.execute(read(name), values).fetchnumpy()
        return {key: _filled(column) for key, column in found.items()}

    def table(self, name: str) -> Columns:
        """A kept table as columns."""
        found = self.connection.execute(f"SELECT * FROM {name}").fetchnumpy()  # noqa: S608
        return {key: _filled(column) for key, column in found.items()}

    def keep(self, table: str, name: str, **values: Any) -> None:
        """Keep the result of a named query as a table of this session."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {read(name)}", values)

    def one(self, sql: str, values: Mapping[str, Any] | None = None) -> tuple[Any, ...]:
        """The only row of a query."""
        found: tuple[Any, ...] = self.connection.execute(sql, values or {}).fetchone() or ()
        return found


def read(name: str) -> str:
    """A query by the name of its file."""
    return (SQL / f"{name}.sql").read_text("utf-8")


def _filled(column: Any) -> NDArray[Any]:
    """A column of the result: where rows are missing, as numbers with NaN in their place."""
    if isinstance(column, np.ma.MaskedArray):
        return np.ma.filled(column.astype(np.float64), np.nan)
    return np.asarray(column)


def window(as_of: date, months: int) -> dict[str, date]:
    """The days that queries ask for: the window's first, the first of its later half, its last."""
    return {
        "as_of": as_of,
        "since": months_before(as_of, months),
        "half": months_before(as_of, months / 2),
    }


def months_before(day: date, months: float) -> date:
    """The day after the one that lay so many months earlier; half a month is fifteen days."""
    whole = int(months)
    place = day.year * 12 + day.month - 1 - whole
    first = date(place // 12, place % 12 + 1, 1)
    following = date((place + 1) // 12, (place + 1) % 12 + 1, 1)
    last = (following - first).days
    is_end = (date.fromordinal(day.toordinal() + 1)).day == 1
    found = first.replace(day=last if is_end else min(day.day, last))
    return date.fromordinal(found.toordinal() + 1 - (15 if months > whole else 0))
