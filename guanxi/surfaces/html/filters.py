"""Conditions in words: the chips above a list."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.conditions import leaves
from guanxi.surfaces import operators
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.list_query import Query
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.naming import titles_of
from guanxi.surfaces.parsing import is_number
from guanxi.surfaces.records import get_record_type

TOKENS = {
    "me": _("me"),
    "my_team": _("my teams"),
    "my_department": _("my department"),
    "my_branch": _("my department and below"),
    "today": _("today"),
    "yesterday": _("yesterday"),
    "tomorrow": _("tomorrow"),
    "this_week": _("this week"),
    "last_week": _("last week"),
    "next_week": _("next week"),
    "this_month": _("this month"),
    "last_month": _("last month"),
    "this_year": _("this year"),
    "last_year": _("last year"),
    "last_7_days": _("the last 7 days"),
    "last_30_days": _("the last 30 days"),
    "last_90_days": _("the last 90 days"),
    "next_7_days": _("the next 7 days"),
    "next_30_days": _("the next 30 days"),
}
DATE_TOKENS = [name for name in TOKENS if name != "me" and not name.startswith("my_")]


@dataclass(frozen=True)
class Chip:
    """One condition in words, with the list that one gets without it."""

    label: str
    op: str
    value: str
    remove_url: str
    join: str = ""

    @property
    def text(self) -> str:
        """The whole condition."""
        return " ".join(part for part in (self.label, self.op, self.value) if part)


class Describer:
    """Says conditions in words; reads the names of referenced records once."""

    def __init__(self, listing: Listing, formatter: Formatter) -> None:
        self.listing, self.formatter = listing, formatter
        self.names: dict[str, dict[str, str]] = {}

    def prepare(self, conditions: Iterable[Any]) -> None:
        """Read the names of every record that the conditions refer to: one query per type."""
        wanted: dict[str, set[str]] = {}
        for condition in conditions:
            for leaf in leaves(condition):
                field = self.field(leaf)
                if field is not None and field.type in {"ref", "refs"}:
                    values = _as_list(leaf.get("value"))
                    wanted.setdefault(field.ref, set()).update(filter(is_number, values))
        for ref, ids in wanted.items():
            self.names[ref] = self._names_of(ref, ids)

    def _names_of(self, ref: str, ids: set[str]) -> dict[str, str]:
        target = get_record_type(ref)
        rows = target.in_scope(self.listing.actor)
        names = titles_of(target, rows.filter(pk__in=sorted(ids)[:200]), self.listing.actor)
        return {str(pk): name for pk, name in names.items()}

    def field(self, leaf: Mapping[str, Any]) -> Field | None:
        """The field of a leaf, if the reader sees it at all."""
        return self.listing.fields.get(str(leaf.get("field", "")))

    def leaf(self, leaf: Mapping[str, Any]) -> tuple[str, str, str]:
        """Field, operator and value of a leaf in words."""
        field = self.field(leaf)
        op = str(leaf.get("op", "is"))
        word = operators.label(op, field.type if field else "")
        if field is None:
            name = str(leaf.get("field", ""))
            return (gettext("Segment") if name == "segment" else name), word, self._segment(leaf)
        if op in operators.EMPTY:
            return str(field.label), word, ""
        return str(field.label), word, self.value(field, op, leaf.get("value"))

    def _segment(self, leaf: Mapping[str, Any]) -> str:
        if leaf.get("field") != "segment":
            return ""
        return str(self.listing.view(str(leaf.get("value"))).name)

    def value(self, field: Field, op: str, value: Any) -> str:
        """A value of a condition in words."""
        words = [self._one(field, each) for each in _as_list(value)]
        if op == "between" and len(words) == 2:
            return gettext("%(low)s to %(high)s") % {"low": words[0], "high": words[1]}
        return gettext(", ").join(words)

    def _one(self, field: Field, value: str) -> str:
        if value in TOKENS and field.type in {"ref", "refs", "date", "datetime"}:
            return str(TOKENS[value])
        if field.type in {"choice", "multichoice"}:
            return self.formatter.choice(field, value)
        if field.type in {"ref", "refs"}:
            return self.names.get(field.ref, {}).get(value, f"#{value}")
        if field.type == "boolean":
            return gettext("Yes") if value.lower() in {"1", "true", "yes"} else gettext("No")
        return value

    def node(self, node: Any) -> str:
        """A whole condition in one line."""
        if not isinstance(node, dict):
            return ""
        if "field" in node:
            return " ".join(part for part in self.leaf(node) if part)
        if "not" in node:
            return gettext("not (%(inner)s)") % {"inner": self.node(node["not"])}
        joined = gettext(" and ") if "all" in node else gettext(" or ")
        items = node.get("all") or node.get("any") or []
        return joined.join(
            f"({self.node(i)})" if isinstance(i, dict) and "field" not in i else self.node(i)
            for i in items
        )


def _as_list(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(v) for v in value]
    return [part for part in str(value).split(",") if part] if value not in (None, "") else []


def chips(listing: Listing, request: ListRequest, query: Query, formatter: Formatter) -> list[Chip]:
    """Every condition of the request with the list that one gets without it."""
    parts = _parts(listing, request)
    describer = Describer(listing, formatter)
    describer.prepare(node for node, _url in parts)
    found = []
    for node, changes in parts:
        words = describer.leaf(node) if "field" in node else ("", "", describer.node(node))
        found.append(Chip(*words, remove_url=query.url(**changes)))
    if request.archived:
        found.append(Chip(gettext("Archived ones"), "", "", query.url(archived=None)))
    return found


def _parts(listing: Listing, request: ListRequest) -> list[tuple[Any, dict[str, Any]]]:
    """The top parts of the condition, each with the parameters that take it away."""
    parts: list[tuple[Any, dict[str, Any]]] = [
        (listing.simple(name, value), {name: None}) for name, value in request.filters.items()
    ]
    condition = request.condition
    if not isinstance(condition, dict):
        return parts
    items = condition.get("all")
    if not isinstance(items, list):
        return [*parts, (condition, {"where": None})]
    for index, item in enumerate(items):
        rest = items[:index] + items[index + 1 :]
        where = json.dumps({"all": rest}, ensure_ascii=False, separators=(",", ":"))
        parts.append((item, {"where": where if rest else None}))
    return parts
