"""Writes the large company: a small one through the services, then a million rows in bulk."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Max

from guanxi.customers.demo.large.plan import (
    CONTACTS,
    EVENTS,
    ORDERS,
    PAYMENTS,
    SHEETS,
    TALKS,
    Plan,
    Seller,
)
from guanxi.customers.demo.services.large import postgres, sqlite
from guanxi.customers.demo.services.large.feeding import pieces_of
from guanxi.customers.demo.services.large.hiring import hire_many
from guanxi.customers.demo.services.staff import Staff
from guanxi.customers.models import Tag
from guanxi.kernel.actor import Actor
from guanxi.kernel.numbering import take_numbers

__all__ = ["FEWEST", "Grown", "Progress", "grow", "settle", "whole_or_not"]

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and of how much."""
FEWEST: Final = 1000
SEED: Final = 20261122
Grown = dict[str, int]


@contextmanager
def whole_or_not() -> Iterator[None]:
    """A load that is cancelled leaves the database as it was."""
    if connection.vendor == "sqlite":
        with sqlite.apart():
            yield
        return
    with transaction.atomic():
        yield


def grow(
    count: int,
    staff: Staff,
    tags: dict[str, Tag],
    *,
    actor: Actor,
    at: datetime,
    progress: Progress,
) -> Grown:
    """So many more customers with everything of theirs, in bulk; how many rows there are then."""
    progress("people", 0, 1)
    chance = random.Random(SEED)  # noqa: S311  the same company every time, nothing secret
    with transaction.atomic():
        sellers = hire_many(count, staff, chance, actor=actor, at=at)
        plan = _plan(count, sellers, tags, at)
    engine: Any = sqlite if connection.vendor == "sqlite" else postgres
    with engine.without_indexes(lambda done, of: progress("indexes", done, of)) as sink:
        for piece, made in pieces_of(plan):
            sink.put(made)
            progress("customers", piece.end, count)
    return {
        "users": len(sellers) - len(staff.sellers),
        "customers": count,
        "contacts": int(CONTACTS * count),
        "orders": int(ORDERS * count),
        "payments": int(PAYMENTS * count),
        "interactions": int(TALKS * count),
        "events": int(EVENTS * count),
    }


def _plan(count: int, sellers: list[Seller], tags: dict[str, Tag], at: datetime) -> Plan:
    """Ids go on behind those that are there, numbers come out of their series."""
    with_id = [s for s in SHEETS.values() if "id" in s.columns]
    last = {s.label: s.model._base_manager.aggregate(n=Max("pk"))["n"] or 0 for s in with_id}
    series = (("customer", 1.0), ("order", ORDERS), ("payment", PAYMENTS))
    first_numbers = {
        f"customers.{name}": take_numbers(f"customers.{name}", int(rate * count))[0]
        for name, rate in series
    }
    return Plan(
        count=count,
        seed=SEED,
        at=at,
        is_copied=connection.vendor != "sqlite",
        sellers=tuple(sellers),
        tag_ids=tuple(sorted(tag.pk for tag in tags.values())),
        first_ids={label: pk + 1 for label, pk in last.items()},
        first_numbers=first_numbers,
    )


def settle(progress: Progress) -> None:
    """Let the database learn what it holds now, so that it finds its ways."""
    progress("statistics", 0, 1)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA analysis_limit=2000")
            cursor.execute("ANALYZE")
        else:
            for sheet in SHEETS.values():
                cursor.execute(f'VACUUM (ANALYZE) "{sheet.table}"')
            cursor.execute("ANALYZE")
    progress("statistics", 1, 1)
