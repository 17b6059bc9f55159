"""Brings the facts of the operational database into the warehouse: what changed since last time.

Rows are read in steps by their number, so that no long transaction is held. What the watermark
misses (a write that left the time of change as it was) shows when both sides are added up: then
everything is read anew.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db import connection
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    Func,
    Max,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from guanxi.customers.choices import OrderStatus
from guanxi.customers.models import Interaction, Order
from guanxi.segments.engine.warehouse import Warehouse

STEP: Final = 50_000
OVERLAP: Final = timedelta(hours=1)
"""Transactions may commit later than they read the clock; to read a row twice does no harm."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
Note = Callable[[int], None]


class Seconds(Func):
    """An instant as seconds since 1970, as a whole number."""

    output_field = BigIntegerField()
    template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """SQLite keeps instants as texts."""
        template = "CAST(strftime('%%%%s', %(expressions)s) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **extra)


@dataclass(frozen=True)
class Source:
    """A table of facts: where its rows come from and which columns they have."""

    table: str
    rows: QuerySet[Any]
    moment: str
    amount: Any
    currency: Any
    is_live: Q

    def values(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The columns of the facts, in the order of the table."""
        live = Case(When(self.is_live, then=Value(1)), default=Value(0))
        return rows.values_list(
            "pk", "customer_id", Seconds(F(self.moment)), self.amount, self.currency, live
        )


def sources() -> tuple[Source, ...]:
    """What is brought over."""
    is_sold = Q(archived_at=None) & ~Q(status=OrderStatus.CANCELLED)
    orders = Order.objects.order_by()
    talks = Interaction.objects.order_by()
    return (
        Source("orders", orders, "placed_at", F("amount_minor"), F("currency"), is_sold),
        Source("talks", talks, "occurred_at", Value(0), Value(""), Q(archived_at=None)),
    )


def refresh(warehouse: Warehouse, note: Note = lambda _done: None) -> int:
    """Bring the warehouse up to date; how many rows were read."""
    done = 0
    for source in sources():
        done += _take(warehouse, source, _mark(warehouse, source), note, done)
        if not _agrees(warehouse, source):
            done += _take(warehouse, source, None, note, done)
    return done


def _mark(warehouse: Warehouse, source: Source) -> datetime | None:
    """When the newest row that the warehouse has was last changed."""
    sql = "SELECT seen FROM marks WHERE source = $source"
    found = warehouse.one(sql, {"source": source.table})
    return _EPOCH + timedelta(microseconds=found[0]) if found else None


def _take(
    warehouse: Warehouse, source: Source, since: datetime | None, note: Note, done: int
) -> int:
    """Read what changed since the mark, or everything; all of it counts, or nothing does."""
    newest = source.rows.aggregate(newest=Max("updated_at"))["newest"]
    rows = source.rows if since is None else source.rows.filter(updated_at__gt=since - OVERLAP)
    run, taken = warehouse.connection.execute, 0
    run("BEGIN")
    try:
        if since is None:
            run(f"TRUNCATE {source.table}")
        for batch in _batches(source, rows):
            if since is not None:
                run(f"DELETE FROM {source.table} WHERE id IN (SELECT id FROM batch)")  # noqa: S608
            run(
                f"INSERT INTO {source.table} SELECT id, customer, "  # noqa: S608
                "CAST(to_timestamp(seconds) AS DATE), amount, currency, is_live = 1 FROM batch"
            )
            taken += len(batch["id"])
            note(done + taken)
        micros = int(((newest or _EPOCH) - _EPOCH) / timedelta(microseconds=1))
        run("INSERT OR REPLACE INTO marks VALUES (?, ?, current_localtimestamp())",
            [source.table, micros])  # fmt: skip
        run("COMMIT")
    except BaseException:
        run("ROLLBACK")
        raise
    return taken


def _batches(source: Source, rows: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    """The rows in steps by their number, each as columns."""
    last = 0
    while True:
        step = source.values(rows.filter(pk__gt=last).order_by("pk"))[:STEP]
        sql, parameters = step.query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            found = cursor.fetchall()
        if not found:
            return
        names = ("id", "customer", "seconds", "amount", "currency", "is_live")
        yield {
            name: np.array(column, dtype=object if name == "currency" else np.int64)
            for name, column in zip(names, zip(*found, strict=True), strict=True)
        }
        last = found[-1][0]


def _agrees(warehouse: Warehouse, source: Source) -> bool:
    """Whether both sides add up to the same: rows, customers, amounts, and what counts."""
    live = Coalesce(Count("pk", filter=source.is_live), 0)
    there = source.rows.aggregate(
        n=Count("pk"),
        ids=Sum("pk"),
        customers=Sum("customer_id"),
        money=Sum(source.amount),
        live=live,
    )
    here = warehouse.one(
        "SELECT count(*), sum(id), sum(customer), sum(amount), count(*) FILTER (is_live) "  # noqa: S608
        f"FROM {source.table}"
    )
    names = ("n", "ids", "customers", "money", "live")
    return [int(there[name] or 0) for name in names] == [int(value or 0) for value in here]
