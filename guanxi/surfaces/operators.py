"""The operators of the condition language and the Q that each one means."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Lookup, Q
from django.db.models.fields.json import KeyTransform, compile_json_path  # type: ignore[attr-defined]
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import text
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
_POSITIVE = {"not_in": "in", "is_not": "is", "has_not": "has", "not_contains": "contains"}
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
    "condition": "json",
}
LABELS = {
    "is": _("is"),
    "is_not": _("is not"),
    "contains": _("contains"),
    "not_contains": _("does not contain"),
    "starts_with": _("starts with"),
    "in": _("is one of"),
    "not_in": _("is none of"),
    "lt": _("below"),
    "lte": _("at most"),
    "gt": _("above"),
    "gte": _("at least"),
    "between": _("between"),
    "within": _("within"),
    "under": _("in or below"),
    "has": _("has"),
    "has_not": _("has not"),
    "empty": _("is empty"),
    "not_empty": _("is not empty"),
}
_LABELS_OF_TIMES = {
    "lt": _("before"),
    "lte": _("on or before"),
    "gt": _("after"),
    "gte": _("on or after"),
}


def label(op: str, kind: str) -> str:
    """What people call an operator on a field of this type."""
    is_of_time = _FAMILY.get(kind) == "time"
    words = LABELS | _LABELS_OF_TIMES if is_of_time else LABELS
    return str(words.get(op, op))


def for_type(kind: str) -> tuple[str, ...]:
    """The operators that a field type understands."""
    return _BY_TYPE[_FAMILY[kind]]


def build(field: "Field", op: str, value: Any, context: Context) -> Q:
    """The Q of `field op value` for this reader at this time; `is not` includes the empty."""
    if op in EMPTY:
        empty = _empty(field)
        return empty if op == "empty" else ~empty
    if op in _POSITIVE:
        return ~build(field, _POSITIVE[op], value, context)
    if field.type == "boolean" and _parsed(field, value, context) is False:
        return ~build(field, op, True, context)
    q = _leaf(field, op, value, context)
    # A missing key compares as NULL, and NOT NULL is no more true than NULL.
    return Q(custom__has_key=field.name[2:]) & q if field.is_custom else q


def _leaf(field: "Field", op: str, value: Any, context: Context) -> Q:
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
        return Q(**{f"{field.path}__isnull": True})
    if field.type in {"refs", "ref", "integer", "decimal", "money", "date", "datetime", "boolean"}:
        return Q(**{f"{field.path}__isnull": True})
    if field.type in {"json", "condition"}:
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
    """One list in SQL, however long: a chain of OR grows deeper than databases allow."""
    values = value.split(",") if isinstance(value, str) else value
    if not isinstance(values, list) or not values or len(values) > MAX_VALUES:
        raise _bad_value(field)
    if field.type in {"ref", "refs"}:
        return _refers(field, [pk for item in values for pk in _ids(field, item, context)])
    if field.type == "multichoice":
        chosen = [choice for item in values for choice in _chosen(field, item, context)]
        return Q(**{f"{field.path}__has_choice": chosen})
    wanted = [_stored(field, _parsed(field, item, context)) for item in values]
    return Q(**{f"{field.path}__in": wanted})


def _plain(field: "Field", op: str, value: Any, context: Context) -> Q:
    if op == "between":
        low, high = _two(field, value)
        return _plain(field, "gte", low, context) & _plain(field, "lte", high, context)
    if op in {"contains", "starts_with"}:
        lookup = "icontains" if op == "contains" else "istartswith"
        from guanxi.surfaces import search

        part = _part(field, value)
        contains = Q(**{f"{field.path}__{lookup}": part})
        return contains & search.holding(field.model, field.path, part)
    lookup = {"is": "", "lt": "__lt", "lte": "__lte", "gt": "__gt", "gte": "__gte"}[op]
    return Q(**{f"{field.path}{lookup}": _stored(field, _parsed(field, value, context))})


def _part(field: "Field", value: Any) -> str:
    """A part of a text, in the form in which texts are stored."""
    try:
        part = text.clean_text(value, max_length=200) if isinstance(value, str) else ""
    except text.TextError as error:
        raise _bad_value(field) from error
    if not part:
        raise _bad_value(field)
    return part


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
        return Q(**{f"{field.path}__has_choice": _chosen(field, value, context)})
    ids = _ids(field, value, context)
    return _under(field, ids) if op == "under" else _refers(field, ids)


def _chosen(field: "Field", value: Any, context: Context) -> list[str]:
    chosen: list[str] = _parsed(field, [value], context)
    if not chosen:
        raise _bad_value(field)
    return chosen


def _ids(field: "Field", value: Any, context: Context) -> list[int]:
    """The ids that a value stands for: `me`, `my_department`, `my_branch`, `my_team`, or one."""
    actor = context.actor
    own: dict[tuple[str, Any], list[int]] = {
        ("people.user", "me"): [actor.user_id or 0],
        ("people.department", "my_department"): [actor.department_id or 0],
        ("people.department", "my_branch"): sorted(actor.branch_ids),
        ("people.team", "my_team"): sorted(actor.team_ids),
    }
    if isinstance(value, str) and (field.ref, value) in own:
        return own[field.ref, value]
    if isinstance(value, (list, dict)):
        raise _bad_value(field)
    parsed = _parsed(field, [value] if field.type == "refs" else value, context)
    return parsed if isinstance(parsed, list) else [parsed]


def _refers(field: "Field", ids: list[int]) -> Q:
    if field.type == "ref":
        return Q(**{f"{field.path}_id__in": ids})
    from guanxi.surfaces.records import get_record_type_of_field

    owner_model = get_record_type_of_field(field).model
    return Q(pk__in=owner_model._base_manager.filter(**{f"{field.path}__in": ids}).values("pk"))


def _under(field: "Field", ids: list[int]) -> Q:
    """A tree reference includes what lies below (departments, regions)."""
    from guanxi.surfaces.records import get_record_type

    target = get_record_type(field.ref)
    if not target.has_column("path"):
        return _refers(field, ids)
    below = Q(pk__in=[])
    for pk in ids:
        below |= Q(path__contains=f"/{pk}/")
    return Q(**{f"{field.path}__in": target.model._base_manager.filter(below).values("pk")})


@KeyTransform.register_lookup
class HasChoice(Lookup):
    """`custom__x__has_choice=["a", "b"]`: the list under the key holds one of these."""

    lookup_name = "has_choice"

    def get_prep_lookup(self) -> list[str]:
        """The wanted choices as a list."""
        return list(self.rhs)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """SQLite: the elements one by one; what is no list has none."""
        column, params, keys = self.lhs.preprocess_lhs(compiler, connection)
        path, places = compile_json_path(keys), ", ".join(["%s"] * len(self.rhs))
        elements = f"json_each({column}, %s) AS c"
        is_chosen = f"json_type({column}, %s) = 'array' AND c.value IN ({places})"
        # Only names of our own columns and placeholders are put together here.
        sql = f"EXISTS (SELECT 1 FROM {elements} WHERE {is_chosen})"  # noqa: S608
        return sql, [*params, path, *params, path, *self.rhs]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """PostgreSQL: any of these strings among the elements."""
        left, params = self.process_lhs(compiler, connection)
        return f"{left} ?| %s::text[]", [*params, list(self.rhs)]
