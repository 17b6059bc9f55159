"""The one condition language over declared fields (views, segments, filters, policies).

A condition is JSON: `{"all": [...]}`, `{"any": [...]}`, `{"not": {...}}`, or a leaf
`{"field": "tier", "op": "is", "value": "core"}`. It means a Q; matching one record is
`filter(condition, pk=…)`. An empty condition matches nothing, never everything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import BadRequest

MAX_LEAVES = 50
MAX_DEPTH = 6
NOTHING = Q(pk__in=[])
_COUNT = re.compile("[1-9][0-9]{0,3}")


class ConditionField(Protocol):
    """What the language needs to know of a field."""

    def condition(self, op: str, value: Any, context: "Context") -> Q:
        """The Q of one leaf; raises BadRequest for an unknown operator or value."""


@dataclass(frozen=True)
class Context:
    """For whom and when a condition is read: `me`, `this_week` depend on it."""

    actor: Actor
    at: datetime

    @property
    def today(self) -> date:
        """The actor's calendar day."""
        return self.at.astimezone(ZoneInfo(self.actor.time_zone)).date()


def compile_condition(
    condition: Any, fields: Mapping[str, ConditionField], *, actor: Actor, at: datetime
) -> Q:
    """Turn a condition into a Q over the declared fields."""
    if not condition:
        return NOTHING
    check_shape(condition)
    return _Compiler(fields, Context(actor, at)).node(condition)


def leaves(condition: Any) -> list[dict[str, Any]]:
    """The leaves of a condition in reading order."""
    if not isinstance(condition, dict):
        return []
    if "field" in condition:
        return [condition]
    if "not" in condition:
        return leaves(condition["not"])
    items = condition.get("all", condition.get("any", []))
    return [leaf for item in items for leaf in leaves(item)] if isinstance(items, list) else []


def demands(condition: Any) -> list[dict[str, Any]]:
    """The leaves each of which every record must meet."""
    items = condition.get("all", [condition]) if isinstance(condition, dict) else []
    return [item for item in items if isinstance(item, dict) and "field" in item]


def check_shape(node: Any, depth: int = 0) -> None:
    """Refuse what is no condition at all, before anybody walks through it."""
    keys = set(node) if isinstance(node, dict) and depth <= MAX_DEPTH else set()
    inner = node[next(iter(keys))] if len(keys) == 1 else None
    if keys == {"not"}:
        check_shape(inner, depth + 1)
    elif keys in ({"all"}, {"any"}) and isinstance(inner, list):
        for item in inner:
            check_shape(item, depth + 1)
    elif "field" not in keys or not keys <= {"field", "op", "value"}:
        raise BadRequest("bad_condition", _("The condition cannot be read."))


class _Compiler:
    """Compiles a condition whose shape was found right."""

    def __init__(self, fields: Mapping[str, ConditionField], context: Context) -> None:
        self.fields, self.context, self.count = fields, context, 0

    def node(self, node: dict[str, Any]) -> Q:
        if "not" in node:
            return ~self.node(node["not"])
        return self._leaf(node) if "field" in node else self._group(node)

    def _group(self, node: dict[str, Any]) -> Q:
        is_all = "all" in node
        items = node["all"] if is_all else node["any"]
        if not items:
            return NOTHING
        combined = Q()
        for item in items:
            q = self.node(item)
            combined = combined & q if is_all else combined | q
        return combined

    def _leaf(self, node: dict[str, Any]) -> Q:
        self.count += 1
        if self.count > MAX_LEAVES:
            raise BadRequest("too_many_conditions", _("The condition has too many parts."))
        name = node["field"]
        field = self.fields.get(name) if isinstance(name, str) else None
        if field is None:
            raise BadRequest(
                "unknown_field",
                _("There is no field “%(field)s” to filter by."),
                field=str(name)[:40],
            )
        op = node.get("op", "is")
        if not isinstance(op, str):
            raise BadRequest("bad_condition", _("The condition cannot be read."))
        return field.condition(op, node.get("value"), self.context)


def day_range(token: str, today: date) -> tuple[date, date] | None:
    """The first and last day of a relative date token (`this_week`, `last_30_days`), or None."""
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    spans = {
        "today": (today, today),
        "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
        "tomorrow": (today + timedelta(days=1), today + timedelta(days=1)),
        "this_week": (monday, monday + timedelta(days=6)),
        "last_week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "next_week": (monday + timedelta(days=7), monday + timedelta(days=13)),
        "this_month": (first, _month_end(first)),
        "last_month": ((first - timedelta(days=1)).replace(day=1), first - timedelta(days=1)),
        "this_year": (date(today.year, 1, 1), date(today.year, 12, 31)),
        "last_year": (date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    }
    if token in spans:
        return spans[token]
    return _counted_days(token, today)


def _counted_days(token: str, today: date) -> tuple[date, date] | None:
    parts = token.split("_")
    if len(parts) != 3 or parts[2] != "days" or not _COUNT.fullmatch(parts[1]):
        return None
    days = timedelta(days=int(parts[1]) - 1)
    if parts[0] == "last":
        return today - days, today
    return (today, today + days) if parts[0] == "next" else None


def _month_end(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
