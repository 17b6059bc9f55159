"""The one declaration of a record's faces: pages, API, import, export and search derive from it."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import connection, models
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import declare_permission, permissions, visible
from guanxi.kernel.actor import Actor
from guanxi.surfaces.advances import Advance
from guanxi.surfaces.fields import Field

Label = str | Promise
Values = dict[str, Any]
After = Callable[
    [models.Model, Mapping[str, Any], Actor, datetime], Mapping[str, tuple[Any, Any]] | None
]
Settle = Callable[
    [Sequence[models.Model], Sequence[Mapping[str, tuple[Any, Any]]], Actor, datetime], None
]


@dataclass(frozen=True)
class Section:
    """A titled part of the form and of the facts on the record page."""

    key: str
    label: Label
    is_open: bool = True


@dataclass(frozen=True)
class Panel:
    """A part of the record page: a template with the context that its query gives.

    One that `hides_empty` is left out while its context has no `rows`.
    One that comes later is asked for when it comes into view, so that the page need not wait.
    """

    key: str
    label: Label
    template: str
    context: Callable[[Actor, models.Model, datetime], Mapping[str, Any]]
    permission: str = ""
    icon: str = ""
    hides_empty: bool = False
    is_later: bool = False


@dataclass(frozen=True)
class Verb:
    """A named action on one record; `service(pk, **values, actor=, at=)` does it.

    One that `finds` the record itself tells by this code that it has just gone, instead of saying
    "missing"; one that `fits` only some records is offered for those whose values it says yes to.
    Its page asks for all its fields, or for those that it `asks` for now. A main one stands in the
    header.
    """

    name: str
    label: Label
    permission: str
    service: Callable[..., Any]
    icon: str = ""
    fields: tuple[Field, ...] = ()
    is_danger: bool = False
    is_listed: bool = True
    is_main: bool = False
    finds: str = ""
    fits: Callable[[Mapping[str, Any]], bool] | None = None
    why_not: Callable[[Actor, models.Model], Label | None] | None = None
    asks: Callable[[], Collection[str]] | None = None

    def asked(self) -> dict[str, Field]:
        """The fields of its page, by name."""
        names = self.asks() if self.asks else None
        return {f.name: f for f in self.fields if names is None or f.name in names}


@dataclass(frozen=True)
class Hooks:
    """What a domain adds to the generic services.

    `check(values, current)` and `derive(values) -> columns` are pure rules; `fill` sets the
    defaults of new records, `after` does what must be true at commit and returns the further
    fields that moved with it, `settle` the same for all records of a batch at once, `follow` keeps
    in step what is made from their values (not in a rehearsal); `archiving` may refuse an archive
    (its second argument is the instant) or a restore (None), or prepare it. `opening` hears of
    each record that somebody opens, and may refuse it.
    """

    check: Callable[[Values, Mapping[str, Any]], Values] | None = None
    derive: Callable[[Values], Values] | None = None
    fill: Callable[[Sequence[models.Model], Actor, datetime], None] | None = None
    after: After | None = None
    settle: Settle | None = None
    follow: Settle | None = None
    archiving: Callable[[models.Model, datetime | None, Actor, datetime], None] | None = None
    opening: Callable[[Any, Actor, datetime], None] | None = None
    number_prefix: str = ""


@dataclass(frozen=True)
class Companion:
    """A record that comes in the same row of a file: the contact beside its customer."""

    key: str
    back: str

    @property
    def name(self) -> str:
        """What its columns are called by (`contact.phone`)."""
        return self.key.rpartition(".")[2]


@dataclass(frozen=True)
class ListDefaults:
    """How a list looks until somebody changes it."""

    columns: tuple[str, ...]
    sort: str = "-updated_at"
    totals: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListTab:
    """A tab above the list that a domain declares: what it narrows to, by filters.

    One that is first opens for whoever keeps nothing else as the list's beginning.
    """

    label: Label
    filters: Mapping[str, str]
    sort: str = ""
    is_first: bool = False

    @property
    def params(self) -> Mapping[str, str]:
        """What the address of the list says under this tab."""
        return {**self.filters, **({"sort": self.sort} if self.sort else {})}


@dataclass(frozen=True)
class RecordType:
    """A kind of record. Permissions are `<permission>.view|create|change|archive|import|export`.

    `successor` names the record that stands for one that was merged into it, for old addresses.
    """

    key: str
    model: type[models.Model]
    plural: str
    label: Label
    label_plural: Label
    fields: tuple[Field, ...]
    listing: ListDefaults
    tabs: tuple[ListTab, ...] = ()
    sections: tuple[Section, ...] = ()
    panels: tuple[Panel, ...] = ()
    verbs: tuple[Verb, ...] = ()
    advances: tuple[Advance, ...] = ()
    permission: str = ""
    icon: str = "file"
    nav_group: str = ""
    nav_order: int = 100
    title_field: str = "name"
    customer_path: str = ""
    search: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    search_also: tuple[str, ...] = ()
    import_keys: tuple[tuple[str, ...], ...] = ()
    alike_names: Callable[[Actor, Sequence[Mapping[str, Any]]], Sequence[str]] | None = None
    successor: Callable[[int], int | None] | None = None
    companion: Companion | None = None
    hooks: Hooks = Hooks()
    templates: Mapping[str, str] = field(default_factory=dict)
    views: Mapping[str, Any] = field(default_factory=dict)
    reveal: str = ""
    duplicates: (
        Callable[[Actor, Mapping[str, str], datetime], Sequence[Mapping[str, Any]]] | None
    ) = None
    is_creatable: bool = True
    is_importable: bool = True
    has_custom_fields: bool = True

    def allows(self, verb: str) -> str:
        """The permission code of a standard verb."""
        return f"{self.permission}.{verb}"

    def in_scope(self, actor: Actor, verb: str = "view") -> models.QuerySet[Any]:
        """The records on which the actor holds a standard verb."""
        return visible(actor, self.allows(verb), self.model._base_manager.all())

    def has_column(self, name: str) -> bool:
        """Whether the table of such records has a column: not every one is archived or a tree."""
        return any(column.name == name for column in self.model._meta.concrete_fields)

    def declared(self) -> dict[str, Field]:
        """The fields declared in code, by name."""
        return {f.name: f for f in self.fields}

    def all_fields(self) -> dict[str, Field]:
        """Declared and custom fields by name; one query when custom fields are allowed."""
        found = self.declared()
        if self.has_custom_fields:
            found.update({f.name: f for f in custom_fields(self.key)})
        return found

    def verb(self, name: str) -> Verb | None:
        """A domain verb by its name."""
        return next((v for v in self.verbs if v.name == name), None)


STANDARD_VERBS = ("view", "create", "change", "archive", "import", "export")
_VERB_LABELS = dict(
    zip(
        STANDARD_VERBS,
        (_("See"), _("Create"), _("Change"), _("Archive"), _("Import"), _("Export")),
        strict=True,
    )
)
#: What a share of a record carries of the standard verbs; never archiving nor taking out.
_SHARED = {"view": "read", "change": "write", "create": "write"}
_types: dict[str, RecordType] = {}
_panels: dict[str, list[Panel]] = {}


def register(record_type: RecordType) -> RecordType:
    """Complete the fields from the model, declare the missing permissions, add to the registry."""
    if record_type.key in _types:
        raise ValueError(f"record type {record_type.key} is registered twice")
    resolved = tuple(f.resolve(record_type.model) for f in record_type.fields)
    permission = record_type.permission or record_type.plural
    completed = replace(record_type, fields=resolved, permission=permission)
    for verb in STANDARD_VERBS:
        code = completed.allows(verb)
        if code not in permissions():
            declare_permission(code, _VERB_LABELS[verb], share=_SHARED.get(verb, ""))
    for verb_declared in completed.verbs:
        if verb_declared.permission not in permissions():
            declare_permission(verb_declared.permission, verb_declared.label)
    _types[record_type.key] = completed
    return completed


def declare_panel(key: str, panel: Panel) -> None:
    """Show something of a domain above on the pages of a record type below it."""
    _panels.setdefault(key, []).append(panel)


def panels_of(record_type: RecordType) -> Sequence[Panel]:
    """The panels of a record's page: its own, then those of the domains above."""
    return (*record_type.panels, *_panels.get(record_type.key, ()))


def get_record_type(key: str) -> RecordType:
    """The record type of a key; KeyError when there is none."""
    return _types[key]


def get_record_type_by_plural(plural: str) -> RecordType | None:
    """The record type behind a URL part."""
    return next((t for t in _types.values() if t.plural == plural), None)


def get_record_type_of_model(model: type[models.Model]) -> RecordType | None:
    """The record type of a model."""
    return next((t for t in _types.values() if t.model is model), None)


def get_record_type_of_field(wanted: Field) -> RecordType:
    """The record type that declares this very field."""
    return next(t for t in _types.values() if any(f is wanted for f in t.fields))


def record_types() -> Sequence[RecordType]:
    """Every record type in order of navigation."""
    return sorted(_types.values(), key=lambda t: (t.nav_order, t.key))


def custom_fields(key: str) -> list[Field]:
    """The custom fields of a record type, as fields like any other."""
    with connection.cursor() as cursor:
        cursor.execute(_definitions(), [key])
        rows = [_Definition(*row) for row in cursor.fetchall()]
    return [as_field(row._replace(choices=json.loads(row.choices))) for row in rows]


class _Definition(NamedTuple):
    """A custom field as its table has it, in the order of the statement."""

    record_key: str
    slug: str
    kind: str
    name: str
    name_en: str
    group: str
    choices: Any
    is_required: bool
    help: str


@cache
def _definitions() -> str:
    """The statement for the custom fields of a type: nearly every request asks it."""
    from guanxi.surfaces.models import CustomField

    rows = CustomField.objects.filter(record_key="", archived_at=None).order_by("position", "id")
    return rows.values_list(*_Definition._fields).query.sql_with_params()[0]


def as_field(row: Any) -> Field:
    """A custom field's definition as a Field named `x_<slug>`."""
    is_english = (get_language() or "").startswith("en")
    return Field(
        name=f"x_{row.slug}",
        type=row.kind,
        label=(row.name_en or row.name) if is_english else row.name,
        path=f"custom__{row.slug}",
        group=row.group or None,
        choices=tuple((str(c["value"]), str(c.get("label") or c["value"])) for c in row.choices),
        required=bool(row.is_required),
        # SQLite reads a JSON boolean as a word but compares it as a number.
        sortable=row.kind not in {"longtext", "multichoice", "boolean"},
        section="custom",
        help=row.help,
        max_length=500 if row.kind in {"text", "url"} else 0,  # what an index can hold
        personal=row.group in {"contact", "private"},
        is_custom=True,
        model=_types[row.record_key].model if row.record_key in _types else None,
        synonyms=tuple(n for n in (row.name, row.name_en, row.slug) if n),
    )
