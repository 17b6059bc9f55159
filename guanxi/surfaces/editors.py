"""Who is editing which record at this moment (正在编辑)."""

from datetime import datetime, timedelta
from typing import Final

from guanxi.surfaces.models import Presence

#: A form in use says so every ten seconds; two that are lost on the way do no harm.
LASTS: Final = timedelta(seconds=25)
MOST: Final = 2000
Person = dict[str, int | str]


def read_editors(at: datetime) -> dict[str, list[Person]]:
    """The people at work by record, as `customers.customer:17`: a handful of rows in all."""
    rows = Presence.objects.filter(seen_at__gt=at - LASTS).order_by("seen_at")
    found: dict[str, dict[int, str]] = {}
    columns = ("record_key", "object_id", "user_id", "label")
    for key, pk, user_id, label in rows.values_list(*columns)[:MOST]:
        found.setdefault(f"{key}:{pk}", {})[user_id] = label
    return {
        topic: [{"id": user_id, "name": name} for user_id, name in sorted(people.items())]
        for topic, people in found.items()
    }
