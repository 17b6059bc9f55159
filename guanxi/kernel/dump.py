"""Every row of every table in one canonical form, the same on SQLite and PostgreSQL.

Backup, restore, the move between databases, and the tests that compare two states use it. A
table's digest does not depend on the order of its rows, so no collation can change it.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

CHUNK: Final = 2000
_MODULUS: Final = 1 << 256
#: Not carried to another place: who is signed in, who is editing, who is alive, what was cached.
PASSING: Final = frozenset(
    {"django_session", "kernel_heartbeat", "kernel_backup", "surfaces_presence"}
)
Migrations = list[tuple[str, str]]


@dataclass
class Table:
    """One table of one version of the product, with how many rows passed and what they were."""

    model: type[models.Model]
    count: int = 0
    sum: int = 0
    fields: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fields = list(self.model._meta.local_concrete_fields)

    @property
    def name(self) -> str:
        """The table's name in the database."""
        return str(self.model._meta.db_table)

    @property
    def columns(self) -> list[str]:
        """The columns in the order in which rows are written."""
        return [str(f.column) for f in self.fields]

    @property
    def digest(self) -> str:
        """What the rows that have passed were, whatever their order."""
        return f"{self.sum:064x}"

    def note(self, line: bytes) -> None:
        """Count a row in."""
        self.count += 1
        self.sum = (self.sum + int.from_bytes(hashlib.sha256(line).digest())) % _MODULUS


def applied_migrations(database: BaseDatabaseWrapper) -> Migrations:
    """The steps that have made a database what it is."""
    return sorted(MigrationExecutor(database).loader.applied_migrations)


def tables_at(
    database: BaseDatabaseWrapper, migrations: Migrations, *, without: Collection[str] = ()
) -> list[Table]:
    """The tables of the version that these steps make, each after those that it refers to."""
    loader = MigrationExecutor(database).loader
    known = [(app, name) for app, name in migrations if (app, name) in loader.disk_migrations]
    state = loader.project_state(known)
    found = [m for m in state.apps.get_models(include_auto_created=True) if m._meta.managed]
    return [Table(m) for m in _in_order(found) if m._meta.db_table not in without]


def _in_order(found: Sequence[type[models.Model]]) -> list[type[models.Model]]:
    """Referred tables first, as far as they do not refer to each other."""
    waiting = {m._meta.label_lower: m for m in sorted(found, key=lambda m: m._meta.label_lower)}
    done: dict[str, type[models.Model]] = {}

    def visit(label: str, path: tuple[str, ...]) -> None:
        if label in done or label in path or label not in waiting:
            return
        for each in waiting[label]._meta.local_concrete_fields:
            if each.remote_field and each.related_model:
                visit(each.related_model._meta.label_lower, (*path, label))
        done[label] = waiting[label]

    for label in waiting:
        visit(label, ())
    return list(done.values())


# Out ----------------------------------------------------------------------------------------------
def read_rows(table: Table, alias: str) -> Iterator[bytes]:
    """Every row of a table as a line; the table counts them."""
    names = [f.attname for f in table.fields]
    rows = table.model._base_manager.using(alias).order_by("pk").values_list(*names)
    for row in rows.iterator(chunk_size=CHUNK):
        line = to_line(row)
        table.note(line)
        yield line


def to_line(row: Sequence[Any]) -> bytes:
    """A row as canonical JSON."""
    text = json.dumps(
        row, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
    )
    return text.encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode()
    raise TypeError(f"{type(value).__name__} has no canonical form")


def read_sequences(tables: Iterable[Table], database: BaseDatabaseWrapper) -> dict[str, int]:
    """The last number that each table has given out, which may be that of a row long gone."""
    found: dict[str, int] = {}
    with database.cursor() as cursor:
        for table in tables:
            if not isinstance(table.model._meta.pk, models.AutoField | models.BigAutoField):
                continue
            if database.vendor == "sqlite":
                cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
            else:
                cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [f'"{table.name}"'])
                name = cursor.fetchone()[0]
                cursor.execute(f"SELECT last_value FROM {name} WHERE is_called")  # noqa: S608
            row = cursor.fetchone()
            if row and row[0]:
                found[table.name] = int(row[0])
    return found


# In -----------------------------------------------------------------------------------------------
def write_rows(table: Table, lines: Iterable[bytes], database: BaseDatabaseWrapper) -> None:
    """Put lines into an empty table in the fastest way that the database has; count them."""
    converters = [_converter(f, database) for f in table.fields]
    rows = _converted(table, lines, converters)
    quote = database.ops.quote_name
    columns = ", ".join(map(quote, table.columns))
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            statement = f"COPY {quote(table.name)} ({columns}) FROM STDIN"
            with cursor.cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(table.columns))
        statement = f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({marks})"  # noqa: S608
        while batch := list(islice(rows, CHUNK)):
            cursor.executemany(statement, batch)


def _converted(
    table: Table, lines: Iterable[bytes], converters: Sequence[Callable[[Any], Any]]
) -> Iterator[list[Any]]:
    for line in lines:
        table.note(line)
        values = json.loads(line)
        yield [convert(value) for convert, value in zip(converters, values, strict=True)]


def _converter(column: Any, database: BaseDatabaseWrapper) -> Callable[[Any], Any]:
    """What turns a JSON value into what the database takes for this column."""
    while column.remote_field:
        column = column.target_field
    if isinstance(column, models.CharField | models.TextField | models.IntegerField):
        return lambda value: value
    if isinstance(column, models.BooleanField | models.FloatField):
        return lambda value: value
    is_json = isinstance(column, models.JSONField)

    def convert(value: Any) -> Any:
        if value is None:
            return None
        typed = value if is_json else column.to_python(value)
        return column.get_db_prep_save(typed, database)

    return convert


def empty(tables: Iterable[Table], database: BaseDatabaseWrapper) -> None:
    """Remove what migrations put into a new database, so that the rows of another can come in."""
    with database.cursor() as cursor:
        for table in reversed(list(tables)):
            cursor.execute(f"DELETE FROM {database.ops.quote_name(table.name)}")  # noqa: S608


def write_sequences(
    tables: Iterable[Table], numbers: dict[str, int], database: BaseDatabaseWrapper
) -> None:
    """Let each table go on counting where the other one stood."""
    with database.cursor() as cursor:
        for table in tables:
            last = numbers.get(table.name)
            if last is None:
                continue
            if database.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table.name])
                cursor.execute("INSERT INTO sqlite_sequence VALUES (%s, %s)", [table.name, last])
            else:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
                    [f'"{table.name}"', last],
                )


# Comparing ----------------------------------------------------------------------------------------
def fingerprint(
    database: BaseDatabaseWrapper, *, without: Collection[str] = PASSING
) -> dict[str, tuple[int, str]]:
    """How many rows each table has and what they are: equal when two states are."""
    found = {}
    for table in tables_at(database, applied_migrations(database), without=without):
        for _line in read_rows(table, database.alias):
            continue
        found[table.name] = (table.count, table.digest)
    return found


def digest_of(found: Mapping[str, tuple[int, str]]) -> str:
    """One word for a whole fingerprint."""
    return hashlib.sha256(to_line(sorted(found.items()))).hexdigest()
