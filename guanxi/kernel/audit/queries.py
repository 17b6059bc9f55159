"""Who saw what: the access log, read by people (SEC-3, M05)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min

from guanxi.kernel.models import AccessEntry


@dataclass(frozen=True)
class Reader:
    """One person's looks at a customer: how often, when first and last, in which ways."""

    user_id: int | None
    label: str
    count: int
    first_at: datetime
    last_at: datetime
    actions: tuple[tuple[str, int], ...]


def list_readers(customer_id: int, *, since: datetime) -> list[Reader]:
    """Everybody who saw something personal of a customer since then, the most recent first."""
    rows = (
        AccessEntry.objects.filter(customer_id=customer_id, at__gte=since)
        .order_by()
        .values("actor_user_id", "actor_label", "action")
        .annotate(times=Count("id"), first=Min("at"), last=Max("at"))
    )
    by_person: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        by_person.setdefault((row["actor_user_id"], row["actor_label"]), []).append(dict(row))
    readers = [_reader(who, found) for who, found in by_person.items()]
    return sorted(readers, key=lambda reader: reader.last_at, reverse=True)


def _reader(who: tuple[Any, ...], found: list[dict[str, Any]]) -> Reader:
    ways = sorted(((row["action"], row["times"]) for row in found), key=lambda way: -way[1])
    return Reader(
        user_id=who[0],
        label=who[1],
        count=sum(row["times"] for row in found),
        first_at=min(row["first"] for row in found),
        last_at=max(row["last"] for row in found),
        actions=tuple(ways),
    )
