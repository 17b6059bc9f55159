"""The condition builder: a form that works by itself and grows rows with a script."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from guanxi.kernel.conditions import check_shape, leaves
from guanxi.kernel.errors import BadRequest, NotFound
from guanxi.surfaces import operators
from guanxi.surfaces.amounts import to_minor
from guanxi.surfaces.fields import DOCUMENTS, TEMPORAL, Field
from guanxi.surfaces.html.filters import DATE_TOKENS, TOKENS, Describer
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.list_query import EXTRA, Query
from guanxi.surfaces.html.requests import actor_of, answer, in_box, needs, now
from guanxi.surfaces.html.widgets import Controls, Option, Slot, money_raw
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.parsing import is_number
from guanxi.surfaces.records import RecordType, get_record_type

SPARE = 1
MOST_CLAUSES = 40
REFERENCE_TOKENS = {
    "people.user": ["me"],
    "people.department": ["my_department", "my_branch"],
    "people.team": ["my_team"],
}
KEPT = ("view", "sort", "size", "q", "columns", "frozen")


@dataclass
class Clause:
    """One row: field, operator, value."""

    n: int
    group: int
    fields: list[tuple[str, str, bool]]
    ops: list[tuple[str, str, bool]]
    controls: list[SafeString] = attribute(default_factory=list)


@dataclass
class Group:
    """Rows joined by "and" or by "or"."""

    number: int
    join: str
    clauses: list[Clause]


class Builder:
    """Turns a condition into rows, and rows into a condition."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.controls = Controls(listing.actor)
        self.fields = {
            n: f
            for n, f in listing.fields.items()
            if f.filterable and f.type not in DOCUMENTS and f.is_clear(listing.actor)
        }
        self.describer = Describer(listing, Formatter(listing.actor, listing.at))

    # A condition as rows --------------------------------------------------------------------------
    def groups(self, condition: Any) -> list[Group] | None:
        """The root group and its subgroups, or None when rows cannot say the condition."""
        join, items = _joined(condition)
        if items is None or any(leaf.get("field") not in self.fields for leaf in leaves(condition)):
            return None
        self.describer.prepare([condition])
        root = Group(0, join, [])
        found, n = [root], 0
        for item in items:
            if "field" in item:
                n += 1
                root.clauses.append(self.clause(n, 0, item))
                continue
            inner_join, inner = _joined(item)
            if inner is None or any("field" not in leaf for leaf in inner):
                return None
            group = Group(len(found), inner_join, [])
            for leaf in inner:
                n += 1
                group.clauses.append(self.clause(n, group.number, leaf))
            found.append(group)
        root.clauses += [self.clause(n + 1 + i, 0, None) for i in range(SPARE)]
        return found

    def clause(self, n: int, group: int, leaf: Any) -> Clause:
        """A row showing a leaf, or a blank one."""
        leaf = leaf or {}
        name = str(leaf.get("field", ""))
        known = self.fields.get(name)
        fields = [(f.name, str(f.label), f.name == name) for f in self.fields.values()]
        if known is None:
            return Clause(n, group, fields, [])
        chosen = str(leaf.get("op") or _first_op(known))
        ops = [(op, operators.label(op, known.type), op == chosen) for op in known.operators]
        return Clause(n, group, fields, ops, self._controls(known, chosen, leaf.get("value"), n))

    def _controls(self, field: Field, op: str, value: Any, n: int) -> list[SafeString]:
        if op in operators.EMPTY:
            return []
        if op == "within":
            return [self._tokens(value, n)]
        shown = _as_input(field, value)
        slot = Slot(f"value.{n}", f"value-{n}", label=gettext("Value"), extra=self._extra(field))
        if op == "between":
            low, high = shown if isinstance(shown, list) and len(shown) == 2 else ("", "")
            second = Slot(f"value.{n}", f"value-{n}-b", label=gettext("Up to"))
            return [self._one(field, low, slot), self._one(field, high, second)]
        if op in {"in", "not_in"}:
            return [self._many(field, shown, slot)]
        return [self._one(field, shown, slot)]

    def _one(self, field: Field, value: Any, slot: Slot) -> SafeString:
        if field.type in {"ref", "refs"}:
            single = _like(field, "ref")
            return self.controls.control(single, self._named(field, value), slot)
        if field.type == "boolean":
            options = (("1", gettext("Yes")), ("0", gettext("No")))
            plain = _like(field, "choice", choices=options, required=True)
            return self.controls.control(plain, "1" if value in (True, "1", "true") else "0", slot)
        if field.type == "multichoice":
            return self.controls.control(_like(field, "choice"), value, slot)
        if field.type == "datetime":
            return self.controls.control(_like(field, "date"), str(value or "")[:10], slot)
        if field.type in {"longtext", "phone", "email", "url", "money"}:
            return self.controls.control(_like(field, "text"), value, slot)
        return self.controls.control(_like(field, field.type), value, slot)

    def _many(self, field: Field, value: Any, slot: Slot) -> SafeString:
        values = value if isinstance(value, list) else str(value or "").split(",")
        values = [v for v in values if v]
        if field.type in {"ref", "refs"}:
            named = [self._named(field, v) or v for v in values]
            return self.controls.control(_like(field, "refs"), named, slot)
        if field.type in {"choice", "multichoice"}:
            return self.controls.control(_like(field, "multichoice"), values, slot)
        return self.controls.control(_like(field, "text"), ",".join(str(v) for v in values), slot)

    def _named(self, field: Field, value: Any) -> Any:
        text = str(value or "")
        if not is_number(text):
            return text
        label = self.describer.names.get(field.ref, {}).get(text, f"#{text}")
        return {"id": int(text), "label": label}

    def _extra(self, field: Field) -> tuple[Option, ...]:
        return tuple((t, str(TOKENS[t])) for t in REFERENCE_TOKENS.get(field.ref, ()))

    def _tokens(self, value: Any, n: int) -> SafeString:
        choices = tuple((name, str(TOKENS[name])) for name in DATE_TOKENS)
        plain = Field("within", type="choice", choices=choices, required=True)
        slot = Slot(f"value.{n}", f"value-{n}", label=gettext("Value"))
        return self.controls.control(plain, value or "this_week", slot)

    # Rows as a condition --------------------------------------------------------------------------
    def read(self, given: QueryDict) -> Any:
        """The condition that the submitted rows say, or None when they say nothing."""
        tails = (name[6:] for name in given if name.startswith("field."))
        numbers = sorted({int(tail) for tail in tails if is_number(tail)})[:MOST_CLAUSES]
        groups: dict[int, list[Any]] = {}
        for n in numbers:
            leaf = self._leaf(given, n)
            if leaf is not None:
                place = _number(str(given.get(f"group.{n}", "0")))
                groups.setdefault(place, []).append(leaf)
        items = groups.pop(0, [])
        for number in sorted(groups):
            items.append({_join(given.get(f"join.{number}"), "any"): groups[number]})
        return {_join(given.get("join.0"), "all"): items} if items else None

    def _leaf(self, given: QueryDict, n: int) -> dict[str, Any] | None:
        field = self.fields.get(given.get(f"field.{n}", ""))
        if field is None:
            return None
        op = given.get(f"op.{n}") or _first_op(field)
        if op not in field.operators:
            op = _first_op(field)
        if op in operators.EMPTY:
            return {"field": field.name, "op": op}
        values = [v.strip() for v in given.getlist(f"value.{n}") if v.strip()]
        if not values:
            return None
        if field.type == "money":
            values = [to_minor(v, "CNY") for v in values]
        is_list = op in {"in", "not_in", "between"}
        return {"field": field.name, "op": op, "value": _listed(values) if is_list else values[0]}


def _listed(values: list[str]) -> list[str]:
    return [part for value in values for part in value.split(",") if part]


def _join(written: str | None, otherwise: str) -> str:
    return written if written in {"all", "any"} else otherwise


def _joined(condition: Any) -> tuple[str, list[Any] | None]:
    if not condition:
        return "all", []
    if "field" in condition:
        return "all", [condition]
    for join in ("all", "any"):
        if join in condition:
            return join, condition[join]
    return "all", None


def _first_op(field: Field) -> str:
    if field.type in TEMPORAL:
        return "within"
    if field.type in {"text", "longtext"}:
        return "contains"
    if field.type == "ref" and _is_tree(field.ref):
        return "under"
    return field.operators[0]


def _is_tree(ref: str) -> bool:
    """Whether records of this type lie below one another, so that "in" means "in or below"."""
    return get_record_type(ref).has_column("path")


def _as_input(field: Field, value: Any) -> Any:
    """A stored value as its input shows it."""
    if field.type != "money" or value in (None, ""):
        return value
    if isinstance(value, list):
        return [_as_input(field, v) for v in value]
    return money_raw(int(value)) if is_number(str(value).removeprefix("-")) else value


def _like(field: Field, kind: str, **changes: Any) -> Field:
    """The field with another control, never required: a blank value drops the row."""
    known = {"choices": field.choices, "ref": field.ref, "required": False, **changes}
    known["look"] = field.look if field.look == "place" else ""
    return Field(field.name, type=kind, label=field.label, **known)


# Views --------------------------------------------------------------------------------------------
@require_GET
@needs("view")
def show_builder(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """The builder with the list's present conditions; sent, it leads back to the list."""
    listing = Listing(record_type, actor_of(request), at=now())
    builder = Builder(listing)
    if "apply" in request.GET:
        return _apply(request, record_type, builder)
    query = Query.of(request, record_type)
    asked = ListRequest.from_query(request.GET.dict(), ignore=EXTRA)
    condition = whole_condition(listing, asked)
    groups = builder.groups(condition)
    kept = {k: v for k, v in query.params.items() if k in KEPT}
    context = {
        "title": gettext("Filter"),
        "url": f"/{record_type.plural}/filter/",
        "row_url": f"/{record_type.plural}/filter/row/",
        "cancel_url": query.url(),
        "groups": groups,
        "condition": json.dumps(condition, ensure_ascii=False, indent=1) if condition else "",
        "kept": kept.items(),
    }
    return in_box(request, "surfaces/_filter.html", context)


def whole_condition(listing: Listing, asked: ListRequest) -> Any:
    """The simple filters and the condition of a request as one condition."""
    if asked.condition:
        check_shape(asked.condition)
    simple = [listing.simple(n, v) for n, v in asked.filters.items()]
    if not simple:
        return asked.condition
    join, items = _joined(asked.condition)
    if join == "all" and items is not None:
        return {"all": [*simple, *items]}
    return {"all": [*simple, asked.condition]}


def _apply(request: HttpRequest, record_type: RecordType, builder: Builder) -> HttpResponse:
    kept = {k: request.GET[k] for k in KEPT if request.GET.get(k)}
    condition = _written(request) if "where" in request.GET else builder.read(request.GET)
    kept.setdefault("view", "")
    if condition:
        _check(builder, condition)
        kept["where"] = json.dumps(condition, ensure_ascii=False, separators=(",", ":"))
    return HttpResponseRedirect(Query(record_type, kept).url())


def _written(request: HttpRequest) -> Any:
    try:
        condition = json.loads(request.GET["where"]) if request.GET["where"].strip() else None
        check_shape(condition or {"all": []})
        return condition
    except (ValueError, RecursionError) as error:
        raise BadRequest("bad_condition", gettext("The condition cannot be read.")) from error


def _check(builder: Builder, condition: Any) -> None:
    names: Iterable[str] = (str(leaf.get("field")) for leaf in leaves(condition))
    unknown = [n for n in names if n not in builder.fields and n != "segment"]
    if unknown:
        raise NotFound


@require_GET
@needs("view")
def show_row(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """One row of the builder, or a new group, for the script that grows the form."""
    builder = Builder(Listing(record_type, actor_of(request), at=now()))
    n, group = (_number(request.GET.get(name, "")) for name in ("n", "group"))
    leaf = {"field": request.GET.get("field", ""), "op": request.GET.get("op")}
    clause = builder.clause(n, group, leaf)
    if request.GET.get("new") == "group":
        context: dict[str, Any] = {"group": Group(group, "any", [clause])}
        return answer(request, "surfaces/components/condition_group.html", context)
    return answer(request, "surfaces/components/condition_row.html", {"clause": clause})


def _number(written: str) -> int:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 4 else 0
