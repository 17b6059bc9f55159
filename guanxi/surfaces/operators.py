"""The operators of the condition language and the Q that each one means."""

import json
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.conditions import Context, day_range
from guanxi.kernel.errors import BadRequest, RuleViolation

if TYPE_CHECKING:
    from guanxi.surfaces.fields import Field

MAX_VALUES = 500
EMPTY = ("empty", "not_empty")
_BY_TYPE: dict[str, tuple[str, ...]] = {
    "text": ("is", "is_not", "contains", "not_contains", "starts_with", "in", *EMPTY),
    "number": ("is", "is_not", "lt", "lte", "gt", "gte", "between", *EMPTY),
    "time": ("is", "lt", "lte", "gt", "gte", "between", "within", *EMPTY),
    "choice": ("is", "is_not", "in", "not_in", *EMPTY),
    "ref": ("is", "is_not", "in", "not_in", "under", *EMPTY),
    "refs": ("has", "has_not", "in", "not_in", *EMPTY),
    "boolean": ("is",),
    "json": EMPTY,
}
_FAMILY = {
    **dict.fromkeys(("text", "longtext", "phone", "email", "url", "code"), "text"),
    **dict.fromkeys(("integer", "decimal", "money"), "number"),
    **dict.fromkeys(("date", "datetime"), "time"),
    "choice": "choice",
    "multichoice": "refs",
    "ref": "ref",
    "refs": "refs",
    "boolean": "boolean",
    "json": "json",
}
LABELS = {
    "is": _("is"),
    "is_not": _("is not"),
    "contains": _("contains"),
    "not_contains": _("does not contain"),
    "starts_with": _("starts with"),
    "in": _("is one of"),
    "not_in": _("is none of"),
    "lt": _("below / before"),
    "lte": _("at most / until"),
    "gt": _("above / after"),
    "gte": _("at least / from"),
    "between": _("between"),
    "within": _("within"),
    "under": _("in or below"),
    "has": _("has"),
    "has_not": _("has not"),
    "empty": _("is empty"),
    "not_empty": _("is not empty"),
}


def for_type(kind: str) -> tuple[str, ...]:
    """The operators that a field type understands."""
    return _BY_TYPE[_FAMILY[kind]]


def build(field: "Field", op: str, value: Any, context: Context) -> Q:
    """The Q of `field op value` for this reader at this time."""
    if op in EMPTY:
        empty = _empty(field)
        return empty if op == "empty" else ~empty
    if op in {"not_in", "is_not", "has_not", "not_contains"}:
        positive = {"not_in": "in", "is_not": "is", "has_not": "has", "not_contains": "contains"}
        return ~build(field, positive[op], value, context)
    family = _FAMILY[field.type]
    if op == "in":
        return _any_of(field, value, context)
    if family == "time":
        return _time(field, op, value, context)
    if family in {"ref", "refs"}:
        return _reference(field, op, value, context)
    return _plain(field, op, value, context)


def _bad_value(field: "Field") -> BadRequest:
    return BadRequest(
        "bad_value", _("The value given for “%(field)s” cannot be read."), field=field.label
    )


def _empty(field: "Field") -> Q:
    if field.is_custom:
        return ~Q(custom__has_key=field.name[2:])
    if field.type in {"refs", "ref", "integer", "decimal", "money", "date", "datetime", "boolean"}:
        return Q(**{f"{field.path}__isnull": True})
    if field.type == "json":
        return Q(**{field.path: {}}) | Q(**{field.path: []})
    return Q(**{field.path: ""}) | Q(**{f"{field.path}__isnull": True})


def _parsed(field: "Field", value: Any, context: Context) -> Any:
    try:
        parsed = field.parse(value, actor=context.actor)
    except RuleViolation as error:
        raise _bad_value(field) from error
    if parsed in (None, ""):
        raise _bad_value(field)
    return parsed


def _any_of(field: "Field", value: Any, context: Context) -> Q:
    values = value.split(",") if isinstance(value, str) else value
    if not isinstance(values, list) or not values or len(values) > MAX_VALUES:
        raise _bad_value(field)
    combined = Q()
    if field.type in {"choice", "text", "code"} and not field.is_custom:
        return Q(**{f"{field.path}__in": [_parsed(field, v, context) for v in values]})
    for item in values:
        combined |= build(field, "has" if _FAMILY[field.type] == "refs" else "is", item, context)
    return combined


def _plain(field: "Field", op: str, value: Any, context: Context) -> Q:
    if op == "between":
        low, high = _two(field, value)
        return _plain(field, "gte", low, context) & _plain(field, "lte", high, context)
    if op in {"contains", "starts_with"}:
        if not isinstance(value, str) or not value.strip() or len(value) > 200 or "\0" in value:
            raise _bad_value(field)
        lookup = "icontains" if op == "contains" else "istartswith"
        return Q(**{f"{field.path}__{lookup}": value.strip()})
    lookup = {"is": "", "lt": "__lt", "lte": "__lte", "gt": "__gt", "gte": "__gte"}[op]
    return Q(**{f"{field.path}{lookup}": _stored(field, _parsed(field, value, context))})


def _stored(field: "Field", value: Any) -> Any:
    if field.is_custom:
        from guanxi.surfaces import parsing

        return parsing.to_stored(value)
    return value


def _two(field: "Field", value: Any) -> tuple[Any, Any]:
    values = value.split(",") if isinstance(value, str) else value
    if not isinstance(values, list) or len(values) != 2:
        raise _bad_value(field)
    return values[0], values[1]


def _time(field: "Field", op: str, value: Any, context: Context) -> Q:
    if op == "within":
        span = day_range(value, context.today) if isinstance(value, str) else None
        if span is None:
            raise _bad_value(field)
        return _days(field, span[0], span[1], context)
    if op == "between":
        low, high = _two(field, value)
        return _time(field, "gte", low, context) & _time(field, "lte", high, context)
    span = day_range(value, context.today) if isinstance(value, str) else None
    if span is not None:
        return _compare_days(field, op, span, context)
    parsed = _parsed(field, value, context)
    is_day = isinstance(value, str) and len(value.strip()) <= 10
    if field.type == "datetime" and is_day:
        day = parsed.astimezone(ZoneInfo(context.actor.time_zone)).date()
        return _compare_days(field, op, (day, day), context)
    lookup = {"is": "", "lt": "__lt", "lte": "__lte", "gt": "__gt", "gte": "__gte"}[op]
    return Q(**{f"{field.path}{lookup}": _stored(field, parsed)})


def _compare_days(field: "Field", op: str, span: tuple[date, date], context: Context) -> Q:
    first, last = span
    far_past, far_future = date(1, 1, 3), date(9999, 12, 28)
    ranges = {
        "is": (first, last),
        "lt": (far_past, first - timedelta(days=1)),
        "lte": (far_past, last),
        "gt": (last + timedelta(days=1), far_future),
        "gte": (first, far_future),
    }
    return _days(field, *ranges[op], context)


def _days(field: "Field", first: date, last: date, context: Context) -> Q:
    """Rows whose day lies between two days, both included, in the reader's zone."""
    if field.type == "date":
        low, high = _stored(field, first), _stored(field, last)
        return Q(**{f"{field.path}__gte": low, f"{field.path}__lte": high})
    zone = ZoneInfo(context.actor.time_zone)
    start = datetime.combine(first, time.min, zone)
    end = datetime.combine(last + timedelta(days=1), time.min, zone)
    return Q(
        **{f"{field.path}__gte": _stored(field, start), f"{field.path}__lt": _stored(field, end)}
    )


def _reference(field: "Field", op: str, value: Any, context: Context) -> Q:
    if field.type == "multichoice":
        return _chosen(field, _parsed(field, [value], context)[0])
    token = _token(field, value, context)
    if token is not None:
        return token
    if isinstance(value, bool) or not str(value).isdigit() or len(str(value)) > 18:
        raise _bad_value(field)
    if op == "under":
        return _under(field, int(value))
    if field.type == "refs":
        return _has(field, int(value))
    return Q(**{f"{field.path}_id": int(value)})


def _chosen(field: "Field", choice: str) -> Q:
    """A choice among several, as its JSON text: SQLite has no containment operator."""
    lookup = f"{field.path}__icontains"
    return Q(**{lookup: json.dumps(choice)}) | Q(**{lookup: json.dumps(choice, ensure_ascii=False)})


def _token(field: "Field", value: Any, context: Context) -> Q | None:
    """`me`, `my_department`, `my_branch`, `my_team` mean the reader's own."""
    actor = context.actor
    own: dict[tuple[str, Any], list[int]] = {
        ("people.user", "me"): [actor.user_id or 0],
        ("people.department", "my_department"): [actor.department_id or 0],
        ("people.department", "my_branch"): sorted(actor.branch_ids),
        ("people.team", "my_team"): sorted(actor.team_ids),
    }
    if not isinstance(value, str) or (field.ref, value) not in own:
        return None
    return Q(**{f"{field.path}__in": own[field.ref, value]})


def _has(field: "Field", pk: int) -> Q:
    from guanxi.surfaces.records import get_record_type_of_field

    owner_model = get_record_type_of_field(field).model
    return Q(pk__in=owner_model._base_manager.filter(**{field.path: pk}).values("pk"))


def _under(field: "Field", pk: int) -> Q:
    """A tree reference includes what lies below (departments, regions)."""
    from guanxi.surfaces.records import get_record_type

    model = get_record_type(field.ref).model
    if not any(f.name == "path" for f in model._meta.get_fields()):
        return Q(**{f"{field.path}_id": pk})
    return Q(**{f"{field.path}__path__contains": f"/{pk}/"})
