"""Create and edit forms of every record type, made from its fields and sections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.amounts import to_minor
from guanxi.surfaces.fields import DOCUMENTS, Field
from guanxi.surfaces.html import conditions
from guanxi.surfaces.html.widgets import Controls, Slot, read_lines
from guanxi.surfaces.records import RecordType, get_record_type

WIDE = DOCUMENTS | {"longtext", "refs", "multichoice"}
LONG_TEXT = 160
MANY = frozenset({"refs", "multichoice"})


@dataclass(frozen=True)
class Problem:
    """What must be put right, and where."""

    text: str
    target: str


@dataclass
class ShownField:
    """One field as the template shows it."""

    name: str
    id: str
    label: str
    control: SafeString | str = ""
    required: bool = False
    help: str = ""
    errors: Sequence[str] = ()
    wide: bool = False
    masked: str = ""


@dataclass
class ShownSection:
    """A titled part of the form."""

    label: str
    fields: list[ShownField]
    help: str = ""


@dataclass
class Form:
    """A whole form page."""

    title: str
    url: str
    cancel_url: str
    submit_label: str
    sections: list[ShownSection] = attribute(default_factory=list)
    subtitle: str = ""
    hidden: list[tuple[str, str]] = attribute(default_factory=list)
    problems: list[Problem] = attribute(default_factory=list)
    draft: Any = None
    edits: str = ""
    check_url: str = ""
    can_add_another: bool = False
    steps: str = ""


# What goes in -------------------------------------------------------------------------------------
def form_fields(fields: Mapping[str, Field], actor: Actor) -> dict[str, Field]:
    """The fields that a person may fill in."""
    return {
        n: f
        for n, f in fields.items()
        if not f.readonly and (f.section or f.is_custom) and f.is_clear(actor)
    }


def read_raw(posted: QueryDict, fields: Mapping[str, Field], actor: Actor) -> dict[str, Any]:
    """What was submitted for each field that the form says it had."""
    named = posted.get("_fields")
    sent = set(named.split(",")) if named is not None else set(posted)
    return {n: _raw(posted, f, actor) for n, f in fields.items() if n in sent}


def _raw(posted: QueryDict, field: Field, actor: Actor) -> Any:
    if field.type in MANY:
        return [v for v in posted.getlist(field.name) if v]
    if field.type == "condition":
        return conditions.read(field, posted, actor)
    value = str(posted.get(field.name, ""))
    if field.type == "boolean":
        return "1" if value else "0"
    if field.type == "money":
        return to_minor(value, posted.get("currency") or "CNY")
    if field.type == "json":
        lines = read_lines(value)
        return {each["value"]: each["label"] for each in lines} if field.look == "map" else lines
    named = str(posted.get(f"{field.name}__text", "")).strip()
    return _named(field, named, actor) if field.type == "ref" and named else value


def typed(posted: QueryDict, field: Field) -> Any:
    """What was typed into a field, to be shown again untouched."""
    if field.type == "condition":
        return posted
    return posted.getlist(field.name) if field.type in MANY else posted.get(field.name, "")


def as_typed(posted: QueryDict, fields: Mapping[str, Field]) -> dict[str, Any]:
    """What was typed, field by field."""
    return {n: typed(posted, f) for n, f in fields.items()}


def _named(field: Field, text: str, actor: Actor) -> str:
    """The record of exactly this name or number; an ambiguous or unknown one is refused."""
    target = get_record_type(field.ref)
    rows = target.in_scope(actor)
    names = [target.title_field] + (["number"] if "number" in target.declared() else [])
    for name in dict.fromkeys(names):
        found = list(rows.filter(**{name: text}).values_list("pk", flat=True)[:2])
        if len(found) == 1:
            return str(found[0])
    raise RuleViolation(
        "no_such_record", gettext("No single record has exactly this name or number."), field.name
    )


def read_form(
    posted: QueryDict, fields: Mapping[str, Field], actor: Actor
) -> tuple[dict[str, Any], list[RuleViolation]]:
    """The submitted values, and the references that could not be found by their name."""
    try:
        return read_raw(posted, fields, actor), []
    except RuleViolation as error:
        kept = {n: f for n, f in fields.items() if n != error.field}
        raw, more = read_form(posted, kept, actor)
        return raw, [error, *more]


def keep_instants(
    raw: Mapping[str, Any], fields: Mapping[str, Field], values: Mapping[str, Any], actor: Actor
) -> dict[str, Any]:
    """An instant that the form showed to the minute and nobody typed over stays to the second."""
    controls = Controls(actor)
    kept = {
        name: value.isoformat()
        for name in raw
        if isinstance(value := values.get(name), datetime)
        and raw[name] == controls.raw(fields[name], value)
    }
    return {**raw, **kept}


def missing(fields: Mapping[str, Field], raw: Mapping[str, Any]) -> list[RuleViolation]:
    """Required fields that were left blank, so that one look shows everything that is wrong."""
    return [
        RuleViolation("required", _("“%(label)s” is required."), n, label=fields[n].label)
        for n, value in raw.items()
        if fields[n].required and (not value or not str(value).strip())
    ]


# What is shown ------------------------------------------------------------------------------------
class FormMaker:
    """Builds the shown fields of a form for one person."""

    def __init__(self, record_type: RecordType, fields: Mapping[str, Field], actor: Actor) -> None:
        self.type, self.fields, self.actor = record_type, fields, actor
        self.controls = Controls(actor)
        self._columns: dict[str, Any] = {c.name: c for c in record_type.model._meta.concrete_fields}

    def sections(
        self, values: Mapping[str, Any], errors: Mapping[str, list[str]]
    ) -> list[ShownSection]:
        """The sections of the record type with those fields that the person sees."""
        found = []
        known = [(s.key, str(s.label)) for s in self.type.sections]
        for key, label in known:
            shown = [
                self.field(f, values.get(f.name), errors.get(f.name, []))
                for f in self.fields.values()
                if self._section(f) == key and not f.readonly and f.is_visible(self.actor)
            ]
            if shown:
                found.append(ShownSection(label, shown))
        return found

    def _section(self, field: Field) -> str:
        return "custom" if field.is_custom else field.section

    def field(self, field: Field, value: Any, errors: list[str]) -> ShownField:
        """One field with its control, or its masked value when that is all the person sees."""
        shown = ShownField(
            field.name, f"id_{field.name}", str(field.label), required=field.required,
            help=str(field.help or ""), errors=errors,
            wide=field.type in WIDE or field.max_length >= LONG_TEXT,
        )  # fmt: skip
        if not field.is_clear(self.actor):
            shown.masked = str(value or "—")
            shown.required = False
            return shown
        described = " ".join(
            part
            for part, is_there in ((f"{shown.id}-help", shown.help), (f"{shown.id}-error", errors))
            if is_there
        )
        slot = Slot(
            field.name, shown.id, bool(errors), field.required, described,
            is_checked=field.name in self._checked,
        )  # fmt: skip
        if field.type == "condition":
            shown.control = conditions.control(field, value, slot, self.actor)
        else:
            shown.control = self.controls.control(self._unblanked(field, value), value, slot)
        return shown

    def _unblanked(self, field: Field, value: Any) -> Field:
        """A choice whose column is never blank offers no blank once it has a value."""
        column = self._columns.get(field.path)
        is_never_blank = field.type == "choice" and column is not None and not column.blank
        return replace(field, required=True) if is_never_blank and value else field

    @property
    def _checked(self) -> tuple[str, ...]:
        """The fields whose typing looks for likely duplicates."""
        return (self.type.title_field, "credit_code", "phone")


def first_values(record_type: RecordType, fields: Mapping[str, Field]) -> dict[str, Any]:
    """What the form of a new record starts with: the defaults of its fields and columns."""
    columns = {c.name: c for c in record_type.model._meta.concrete_fields}
    found: dict[str, Any] = {}
    for name, field in fields.items():
        if field.default is not None:
            found[name] = field.default
        elif field.path in columns and columns[field.path].has_default():
            found[name] = columns[field.path].get_default()
    return found


def problems(
    error: RuleViolation, fields: Mapping[str, Field]
) -> tuple[list[Problem], dict[str, list[str]]]:
    """A refusal as a summary with links, and by field."""
    summary: list[Problem] = []
    by_field: dict[str, list[str]] = {}
    for broken in error.violations:
        name = broken.field or ""
        known = fields.get(name)
        if known is not None:
            by_field.setdefault(name, []).append(broken.text)
            text = gettext("%(field)s: %(problem)s") % {
                "field": known.label, "problem": broken.text,
            }  # fmt: skip
            summary.append(Problem(text, f"id_{name}"))
        else:
            summary.append(Problem(broken.text, ""))
    return summary, by_field


def hidden_inputs(posted: QueryDict, leave: frozenset[str]) -> list[tuple[str, str]]:
    """Everything that was submitted, to be carried through an intermediate page."""
    return [(n, v) for n in posted for v in posted.getlist(n) if n not in leave]
