"""Tables that are filled by the million: which columns differ per row, and how a row is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from django.apps import apps
from django.db import models

Values = tuple[Any, ...]
_BLANK: Final = r"\N"


@dataclass(frozen=True)
class Sheet:
    """One table and the columns that are given per row; the others take the model's default."""

    label: str
    columns: tuple[str, ...]

    @property
    def model(self) -> type[models.Model]:
        """The model behind the table."""
        if "." in self.label:
            return apps.get_model(self.label)
        app, name, field = self.label.split("/")
        relation: Any = apps.get_model(app, name)._meta.get_field(field)
        through: type[models.Model] = relation.remote_field.through
        return through

    @property
    def table(self) -> str:
        """The table's name."""
        return self.model._meta.db_table

    @cached_property
    def usual(self) -> dict[str, str]:
        """The columns that are the same in every row, as the database reads them."""
        fields = self.model._meta.local_concrete_fields
        found = {
            str(f.column): _written(f.get_default()) for f in fields if f.column not in self.given
        }
        return {column: value for column, value in found.items() if value is not None}

    @cached_property
    def given(self) -> frozenset[str]:
        """The columns that differ, as a set; a misspelt one is a mistake."""
        known = {f.column for f in self.model._meta.local_concrete_fields}
        unknown = set(self.columns) - known
        if unknown:
            raise ValueError(f"{self.label} has no column {sorted(unknown)}")
        return frozenset(self.columns)

    @property
    def names(self) -> str:
        """The columns in the order in which they are written."""
        return ", ".join(f'"{name}"' for name in (*self.columns, *self.usual))

    def copied(self, rows: Iterable[Values]) -> bytes:
        """Rows as PostgreSQL's COPY reads them; texts come escaped by `Pen`."""
        tail = "".join(f"\t{value}" for value in self.usual.values())
        line = "\t".join(["%s"] * len(self.columns)) + tail.replace("%", "%%") + "\n"
        return "".join([line % row for row in rows]).encode()

    def insertion(self) -> str:
        """The statement that SQLite repeats for every row."""
        places = ["?"] * len(self.columns) + [f"'{v}'" for v in self.usual.values()]
        return f'INSERT INTO "{self.table}" ({self.names}) VALUES ({", ".join(places)})'  # noqa: S608


def _written(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    return str(value)


@dataclass(frozen=True)
class Pen:
    """How one database wants texts, blanks and instants."""

    is_copied: bool

    @property
    def blank(self) -> str | None:
        """No value."""
        return _BLANK if self.is_copied else None

    def text(self, value: str) -> str:
        """A text that may hold breaks or backslashes."""
        if not self.is_copied:
            return value
        return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")

    def texts(self, values: Sequence[str]) -> tuple[str, ...]:
        """The same for many."""
        return tuple(self.text(value) for value in values)

    def maybe(self, value: Any) -> Any:
        """A value, or none."""
        return self.blank if value is None else value


EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Calendar:
    """Instants as seconds since 2000 and days by number, written without asking `datetime`."""

    def __init__(self, days: int) -> None:
        first = EPOCH.date()
        self.days = tuple(str(first + timedelta(days=n)) for n in range(days))

    def instant(self, seconds: int) -> str:
        """An instant as both databases read it, in UTC."""
        day, rest = divmod(seconds, 86_400)
        minutes, second = divmod(rest, 60)
        hour, minute = divmod(minutes, 60)
        return f"{self.days[day]} {hour:02d}:{minute:02d}:{second:02d}"

    def iso(self, seconds: int) -> str:
        """The same as events keep it."""
        return self.instant(seconds).replace(" ", "T") + "Z"


def seconds_of(at: datetime) -> int:
    """Seconds since 2000."""
    return int((at - EPOCH).total_seconds())


def day_of(day: date) -> int:
    """Days since 2000."""
    return (day - EPOCH.date()).days
