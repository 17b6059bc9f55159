"""Many rows into one table with few statements, at a fraction of the cost of `bulk_create`.

Imports write millions of values; preparing each through the query compiler is most of the work.
Here a value that the database takes as it is goes straight in. Rows may be made while they are
sent: PostgreSQL takes them in meanwhile (COPY).
"""

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import chain, islice
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models

M = TypeVar("M", bound=models.Model)
Row = Sequence[Any]
MOST_PARAMETERS = 30_000
#: From so many rows on it pays to take their numbers first and to send them as a stream.
MANY = 50
_PLAIN_COLUMNS = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)
_PLAIN_VALUES = frozenset({str, int, bool})
_REPEATED = frozenset({dt.datetime, dt.date})
_REMEMBERED = 1000


def insert_rows(
    instances: Sequence[M], *, conflict: Sequence[str] = (), update: Sequence[str] = ()
) -> None:
    """Insert instances of one model and set their ids; where `conflict` is met, `update`."""
    if not instances:
        return
    model = type(instances[0])
    database = connections[DEFAULT_DB_ALIAS]
    if len(instances) >= MANY and not conflict and database.in_atomic_block:
        if instances[0].pk is None:
            for instance, pk in zip(instances, take_ids(model, len(instances)), strict=True):
                instance.pk = pk
        table = _Table(model, database, has_id=True)
        insert_values(model, [f.name for f in table.fields], map(table.row, instances))
    else:
        _insert_few(instances, conflict, update)
    for instance in instances:
        state = instance._state  # noqa: SLF001  Django's public mark of a stored instance
        state.adding, state.db = False, DEFAULT_DB_ALIAS


def update_rows(instances: Sequence[models.Model], names: Collection[str]) -> None:
    """Write these fields of rows that the caller has locked: one statement, prepared once."""
    if not instances:
        return
    database = connections[DEFAULT_DB_ALIAS]
    meta, quote = type(instances[0])._meta, database.ops.quote_name
    fields = [field for field in meta.concrete_fields if field.name in names]
    writers = [_writer(field, database) for field in fields]
    changes = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    table, key = quote(meta.db_table), quote(str(meta.pk.column))
    statement = f"UPDATE {table} SET {changes} WHERE {key} = %s"  # noqa: S608  our own columns
    rows = [[*(write(instance) for write in writers), instance.pk] for instance in instances]
    with database.cursor() as cursor:
        cursor.executemany(statement, rows)


def _insert_few(instances: Sequence[M], conflict: Sequence[str], update: Sequence[str]) -> None:
    database = connections[DEFAULT_DB_ALIAS]
    table = _Table(type(instances[0]), database, has_id=instances[0].pk is not None)
    tail = _conflict(table, conflict, update)
    rows = iter(instances)
    size = max(1, MOST_PARAMETERS // len(table.fields))
    with database.cursor() as cursor:
        while batch := list(islice(rows, size)):
            parameters = [value for instance in batch for value in table.row(instance)]
            sql = table.statement(len(batch))
            if table.has_id or conflict:
                cursor.execute(sql + tail, parameters)
                continue
            cursor.execute(f"{sql} RETURNING {table.id_column}", parameters)
            for instance, (pk,) in zip(batch, cursor.fetchall(), strict=True):
                instance.pk = pk


def insert_values(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows of values that the database takes as they are: no instances.

    Few as one statement; many as a stream, in which PostgreSQL takes in what is made already
    while the rest is still being made.
    """
    waiting = iter(rows)
    first = list(islice(waiting, MANY))
    if not first:
        return
    database = connections[DEFAULT_DB_ALIAS]
    quote = database.ops.quote_name
    columns = ", ".join(quote(str(model._meta.get_field(name).column)) for name in names)  # type: ignore[union-attr]
    table = quote(model._meta.db_table)
    row = f"({', '.join(['%s'] * len(names))})"
    into = f"INSERT INTO {table} ({columns}) VALUES "  # noqa: S608  names of our own columns
    with database.cursor() as cursor:
        if len(first) < MANY:
            values = [value for each in first for value in each]
            cursor.execute(into + ", ".join([row] * len(first)), values)
        elif database.vendor == "postgresql":
            with database.wrap_database_errors, _copy(cursor, table, columns) as copy:
                for each in chain(first, waiting):
                    copy.write_row(each)
        else:
            cursor.executemany(into + row, [*first, *waiting])


def _copy(cursor: Any, table: str, columns: str) -> Any:
    """PostgreSQL's stream of rows; the cursor underneath knows how."""
    return cursor.cursor.copy(f"COPY {table} ({columns}) FROM STDIN")


def take_ids(model: type[models.Model], count: int) -> list[int]:
    """So many numbers for new rows, which nobody else gets; inside the caller's transaction."""
    database = connections[DEFAULT_DB_ALIAS]
    meta = model._meta
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(named::regclass) FROM generate_series(1, %s), "
                "(SELECT pg_get_serial_sequence(%s, %s) AS named OFFSET 0) AS series",
                [count, database.ops.quote_name(meta.db_table), meta.pk.column],
            )
            return [pk for (pk,) in cursor.fetchall()]
        # The write lock is ours: what is the last number now is it still when the rows are in.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [meta.db_table])
        (last,) = cursor.fetchone() or (0,)
        return list(range(last + 1, last + 1 + count))


def as_json(value: Any) -> str:
    """A value as JSON columns take it."""
    return json.dumps(value)


def as_instant(value: dt.datetime) -> Any:
    """An instant as columns take it, said once for all rows of a batch."""
    return connections[DEFAULT_DB_ALIAS].ops.adapt_datetimefield_value(value)


class _Table:
    """A model's columns and how their values are written."""

    def __init__(self, model: type[models.Model], database: Any, *, has_id: bool) -> None:
        self.quote = database.ops.quote_name
        self.meta, self.has_id = model._meta, has_id
        self.fields: list[Any] = [
            f for f in self.meta.local_concrete_fields if has_id or not f.primary_key
        ]
        self.writers = [_writer(field, database) for field in self.fields]
        self.id_column = self.quote(str(self.meta.pk.column))

    def statement(self, count: int) -> str:
        """The INSERT for so many rows, without its tail."""
        quote = self.quote
        columns = ", ".join(quote(field.column) for field in self.fields)
        row = f"({', '.join(['%s'] * len(self.fields))})"
        values = ", ".join([row] * count)
        return f"INSERT INTO {quote(self.meta.db_table)} ({columns}) VALUES {values}"  # noqa: S608

    def row(self, instance: models.Model) -> list[Any]:
        """The values of an instance as the database wants them."""
        return [write(instance) for write in self.writers]


def _writer(field: Any, database: Any) -> Callable[[models.Model], Any]:
    """A function that takes a column's value from an instance as the database wants it."""
    name = field.attname
    if isinstance(field, models.ForeignKey):
        field = field.target_field
    is_plain = isinstance(field, _PLAIN_COLUMNS)
    known: dict[Any, Any] = {}  # The same instant stands in every row of a batch.

    def write(instance: models.Model) -> Any:
        value = instance.__dict__[name]
        kind = type(value)
        if value is None or (is_plain and kind in _PLAIN_VALUES):
            return value
        if kind not in _REPEATED:
            return field.get_db_prep_save(value, database)
        if value not in known:
            if len(known) > _REMEMBERED:
                known.clear()
            known[value] = field.get_db_prep_save(value, database)
        return known[value]

    return write


def _conflict(table: _Table, conflict: Sequence[str], update: Sequence[str]) -> str:
    if not conflict:
        return ""
    quote = table.quote
    column = {field.name: quote(field.column) for field in table.fields}
    targets = ", ".join(column[name] for name in conflict)
    changes = ", ".join(f"{column[name]} = EXCLUDED.{column[name]}" for name in update)
    return f" ON CONFLICT ({targets}) DO UPDATE SET {changes}"
