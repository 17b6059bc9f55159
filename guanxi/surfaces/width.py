"""What SQLite does not weigh, and PostgreSQL does by itself.

How little of a sorted list is wanted: for a scope of many departments it would fetch every row of
it and sort them all for one page. Where the scope is wide, it is made to walk the list in its order
and to look at each row. And which of several conditions leaves the fewest rows: it takes one where
thousands meet it though another one is met by five.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isqrt
from threading import Lock
from time import monotonic
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, F, Func, Model, Q, QuerySet

from guanxi.kernel.actor import Actor

SMALL: Final = 50_000
"""With fewer rows than this any way is quick."""
FEW: Final = 1000
"""So few rows are looked up by their ids, whatever else is asked."""
_PAGE: Final = 51
_SECONDS: Final = 60.0
_REMEMBERED: Final = 4096


class Aside(Func):
    """A condition that leads to no index: SQLite asks it of the rows that it has come to.

    It speaks of the row itself, too. If it spoke of a joined table alone, SQLite would read all of
    that table first for a filter of what meets it.
    """

    template = "+(%(expressions)s > 0)"
    arg_joiner = " AND "
    output_field = BooleanField()

    def __init__(self, condition: Q) -> None:
        super().__init__(condition, F("pk"))


@dataclass
class _Widths:
    """What was found out lately: how large the tables are, whose scope is wide."""

    known: OrderedDict[Any, tuple[float, bool]] = field(default_factory=OrderedDict)
    tables: dict[str, tuple[float, int]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def rows_of(self, table: str) -> int:
        """About how many rows a table has: its highest row number, asked for now and then."""
        at, rows = self.tables.get(table, (float("-inf"), 0))
        if monotonic() - at > _SECONDS:
            connection.ensure_connection()
            found = connection.connection.execute(f'SELECT max(rowid) FROM "{table}"')  # noqa: S608
            rows = int(found.fetchone()[0] or 0)
            self.tables[table] = (monotonic(), rows)
        return rows

    def recall(self, key: Any) -> bool | None:
        """What was found out about a scope not long ago."""
        at, is_wide = self.known.get(key, (float("-inf"), False))
        return is_wide if monotonic() - at < _SECONDS else None

    def keep(self, key: Any, *, is_wide: bool) -> None:
        """Remember it for a while."""
        with self.lock:
            self.known[key] = (monotonic(), is_wide)
            while len(self.known) > _REMEMBERED:
                self.known.popitem(last=False)


_widths: Final = _Widths()


def rows_of(table: str) -> int:
    """About how many rows an SQLite table has."""
    return _widths.rows_of(table)


def forget() -> None:
    """Find everything out anew."""
    _widths.known.clear()
    _widths.tables.clear()


def is_wide(actor: Actor, permission: str, scoped: QuerySet[Any]) -> bool:
    """Whether so many rows are in scope that walking a sorted list meets a page of them sooner."""
    if connection.vendor != "sqlite":
        return False
    rows = _widths.rows_of(scoped.model._meta.db_table)
    if rows < SMALL:
        return False
    place = (actor.user_id, actor.department_id, actor.team_ids, actor.branch_ids)
    key = (scoped.model._meta.label, permission, place, actor.reach(permission))
    found = _widths.recall(key)
    if found is None:
        # Where both ways cost the same: so many rows fetched here, so many passed over there.
        most = isqrt(_PAGE * rows)
        found = scoped.order_by().values("pk")[:most].count() >= most
        _widths.keep(key, is_wide=found)
    return found


def few_that_meet(model: type[Model], conditions: Iterable[Q]) -> list[int] | None:
    """The rows that meet one of these, where an index says that they are few; else None."""
    if connection.vendor != "sqlite" or _widths.rows_of(model._meta.db_table) < SMALL:
        return None
    for each in conditions:
        rows = model._base_manager.filter(each).order_by().values_list("pk", flat=True)
        some = rows[: FEW + 1]
        if not _is_in_an_index(some):
            continue  # Whoever has no index over it would read the whole table to find them.
        found = list(some)
        if len(found) <= FEW:
            return found
    return None


def _is_in_an_index(rows: QuerySet[Any]) -> bool:
    """Whether an index alone answers a question, entered where the answer begins."""
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return True  # There is nothing to ask for.
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        plan = cursor.fetchone()[3]
    return plan.startswith("SEARCH ") and " COVERING INDEX " in plan
