"""PostgreSQL takes the rows by COPY without indexes, which are built once at the end.

All of it is one transaction: when it is cancelled, the database is as it was. The triggers that
keep events append-only stay where they are.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from guanxi.customers.demo.large.plan import SHEETS

_MEMORY: Final = "1GB"
_INDEXES: Final = """
SELECT index.relname, pg_get_indexdef(index.oid),
    (SELECT json_agg(json_build_array(attnum, attstattarget)) FROM pg_attribute
     WHERE attrelid = index.oid AND attstattarget >= 0)
FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid
WHERE indrelid = ANY(%s::regclass[])
  AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f')
ORDER BY 1"""
_CONSTRAINTS: Final = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype
FROM pg_constraint AS this WHERE conrelid = ANY(%s::regclass[]) AND (contype IN ('f', 'u')
OR contype = 'p' AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE confrelid = this.conrelid))
ORDER BY contype DESC, conname"""


@dataclass(frozen=True)
class Copying:
    """Feeds the sheets of a piece into PostgreSQL."""

    def put(self, made: dict[str, Any]) -> None:
        """The rows of a piece, sheet by sheet."""
        for label, rows in made.items():
            sheet = SHEETS[label]
            with connection.cursor() as cursor:
                copy = f'COPY "{sheet.table}" ({sheet.names}) FROM STDIN'
                with cursor.cursor.copy(copy) as into:
                    into.write(rows)


@contextmanager
def without_indexes(step: Callable[[int, int], None]) -> Iterator[Copying]:
    """Take indexes and constraints away and put them back, exactly as they were."""
    tables = [sheet.table for sheet in SHEETS.values()]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT set_config('maintenance_work_mem', %s, true)", [_MEMORY])
        cursor.execute(_CONSTRAINTS, [tables])
        constraints = cursor.fetchall()
        cursor.execute(_INDEXES, [tables])
        indexes = cursor.fetchall()
        for table, name, *_rest in constraints:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, *_rest in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    yield Copying()
    _put_back(indexes, constraints, step)
    _go_on_counting()


def _put_back(
    indexes: Sequence[Any], constraints: Sequence[Any], step: Callable[[int, int], None]
) -> None:
    total = len(indexes) + len(constraints)
    with connection.cursor() as cursor:
        for number, (name, definition, targets) in enumerate(indexes):
            step(number, total)
            cursor.execute(definition)
            for column, target in targets or ():
                cursor.execute(
                    f'ALTER INDEX "{name}" ALTER COLUMN {column:d} SET STATISTICS {target:d}'
                )
        # Unique ones first: what refers to a row needs them.
        ordered = sorted(constraints, key=lambda found: found[3] == "f")
        for number, (table, name, definition, _kind) in enumerate(ordered, start=len(indexes)):
            step(number, total)
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        step(total, total)


def _go_on_counting() -> None:
    """Ids were given by us: the sequences go on behind them."""
    with connection.cursor() as cursor:
        for sheet in SHEETS.values():
            key = sheet.model._meta.pk
            if "id" not in sheet.columns or key is None or key.column != "id":
                continue
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), "  # noqa: S608
                f'(SELECT coalesce(max(id), 1) FROM "{sheet.table}"))',
                [sheet.table],
            )
