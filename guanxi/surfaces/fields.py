"""A field as every face sees it: form, list, filter, sort, import, export, API, history."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import clear_rows
from guanxi.kernel.actor import Actor, Level
from guanxi.kernel.conditions import Context
from guanxi.kernel.errors import BadRequest
from guanxi.surfaces import operators, parsing

Label = str | Promise
Choices = tuple[tuple[str, Label], ...]
NUMERIC = frozenset({"integer", "decimal", "money"})
TEMPORAL = frozenset({"date", "datetime"})
TEXTUAL = frozenset({"text", "longtext", "phone", "email", "url", "code"})
DOCUMENTS = frozenset({"json", "condition"})
TYPES = NUMERIC | TEMPORAL | TEXTUAL | DOCUMENTS
TYPES |= {"boolean", "choice", "multichoice", "ref", "refs"}


@dataclass(frozen=True)
class Field:
    """One declared field. What is left blank is read from the model by `resolve`.

    `ref` names the record type that a reference leads to, or that a condition is about.
    A document that looks like a "map" says something of each of several names, one per line.
    """

    name: str
    type: str = ""
    label: Label = ""
    path: str = ""
    group: str | None = None
    choices: Choices = ()
    ref: str = ""
    ref_label: str = "name"
    required: bool = False
    readonly: bool = False
    sortable: bool = False
    filterable: bool = True
    column: bool = True
    importable: bool = True
    personal: bool = False
    section: str = ""
    help: Label = ""
    max_length: int = 0
    sort_path: str = ""
    currency_path: str = ""
    synonyms: tuple[str, ...] = ()
    is_custom: bool = False
    default: Any = None
    look: str = ""
    named: Callable[[], Mapping[str, str]] | None = None
    is_ever_blank: bool = True
    model: builtins.type[models.Model] | None = None

    def resolve(self, model: builtins.type[models.Model]) -> Self:
        """Fill in type, label, length, choices and requiredness from the model's own field."""
        path = self.path or self.name
        column = _model_field(model, path)
        is_ever_blank = _is_ever_null(model, self.sort_path or path)
        if column is None:
            kind = self.type or "text"
            return replace(self, path=path, type=kind, is_ever_blank=is_ever_blank, model=model)
        kind = self.type or _type_of(column)
        return replace(
            self,
            path=path,
            type=kind,
            label=self.label or column.verbose_name,
            choices=self.choices or tuple(column.flatchoices),
            required=self.required or _is_required(column, kind),
            readonly=self.readonly or not column.editable,
            max_length=self.max_length or getattr(column, "max_length", None) or 0,
            help=self.help or column.help_text,
            personal=self.personal or self.group in {"contact", "private"},
            is_ever_blank=is_ever_blank,
            model=model,
        )

    # Reading ------------------------------------------------------------------------------------
    @property
    def paths(self) -> tuple[str, ...]:
        """The columns that a row of a list needs for this field."""
        if self.is_custom:
            return ("custom",)  # Whole: a single text such as 1.50 comes from SQLite as a number.
        if self.type == "refs":
            return ()
        if self.type == "ref":
            return (f"{self.path}_id", f"{self.path}__{self.ref_label}")
        if self.type == "money" and self.currency_path:
            return (self.path, self.currency_path)
        return (self.path,)

    def taken(self, row: Mapping[str, Any]) -> Any:
        """The value in a row of a list."""
        return row["custom"].get(self.name[2:]) if self.is_custom else row.get(self.path)

    @property
    def order_path(self) -> str:
        """The column that sorting by this field uses."""
        return self.sort_path or self.path

    def is_clear(self, actor: Actor) -> bool:
        """Whether the actor may filter, sort, search, edit and export this field's values."""
        return actor.level(self.group) is Level.CLEAR

    def is_visible(self, actor: Actor) -> bool:
        """Whether the actor sees anything of this field, masked or clear."""
        return actor.level(self.group) is not Level.HIDDEN

    # Filtering ----------------------------------------------------------------------------------
    @property
    def operators(self) -> tuple[str, ...]:
        """The condition operators that this type understands."""
        return operators.for_type(self.type)

    def condition(self, op: str, value: Any, context: Context) -> Q:
        """The Q of one leaf of a condition."""
        if not self.filterable or op not in self.operators:
            raise BadRequest(
                "bad_operator",
                _("“%(field)s” cannot be filtered by “%(op)s”."),
                field=self.label,
                op=op[:40],
            )
        if not self.is_clear(context.actor):
            raise self.not_clear()
        found = operators.build(self, op, value, context)
        # What is masked in a row neither meets nor misses a condition: it says nothing.
        return found & clear_rows(context.actor, self.model, self.group)

    def not_clear(self) -> BadRequest:
        """The refusal to filter or sort by what the reader may not see in clear."""
        return BadRequest(
            "masked_field",
            _("“%(field)s” is not shown to you in clear, so it cannot be filtered or sorted."),
            field=self.label,
        )

    # Writing ------------------------------------------------------------------------------------
    def parse(self, raw: Any, *, actor: Actor) -> Any:
        """A typed value from what a form, a file or JSON gave; raises RuleViolation."""
        return parsing.parse(self, raw, ZoneInfo(actor.time_zone))

    def read(self, instance: models.Model) -> Any:
        """The current value on an instance, in the form that `parse` gives."""
        if self.is_custom:
            return parsing.from_stored(self, getattr(instance, "custom", {}).get(self.name[2:]))
        if self.type == "refs":
            return sorted(getattr(instance, self.path).values_list("pk", flat=True))
        if self.type == "ref":
            return getattr(instance, f"{self.path}_id")
        value: Any = instance
        for part in self.path.split("__"):
            value = getattr(value, part, None)
        return value


def _model_fields(model: type[models.Model], path: str) -> list[Any]:
    """The columns along a path, one for each of its parts; empty where it leads nowhere."""
    current: Any = model
    columns: list[Any] = []
    for part in path.split("__"):
        if current is None:
            return []
        found: Mapping[str, Any] = {f.name: f for f in current._meta.get_fields()}
        column = found.get(part)
        if column is None or not hasattr(column, "verbose_name"):
            return []
        columns.append(column)
        current = getattr(column, "related_model", None)
    return columns


def _model_field(model: type[models.Model], path: str) -> Any:
    return next(reversed(_model_fields(model, path)), None)


def _is_ever_null(model: type[models.Model], path: str) -> bool:
    columns = _model_fields(model, path)
    return not columns or any(column.null for column in columns)


_TYPES_BY_COLUMN: tuple[tuple[type[Any], str], ...] = (
    (models.ManyToManyField, "refs"),
    (models.ForeignKey, "ref"),
    (models.BooleanField, "boolean"),
    (models.DateTimeField, "datetime"),
    (models.DateField, "date"),
    (models.DecimalField, "decimal"),
    (models.IntegerField, "integer"),
    (models.EmailField, "email"),
    (models.URLField, "url"),
    (models.TextField, "longtext"),
    (models.JSONField, "json"),
    (models.CharField, "text"),
)


def _type_of(column: Any) -> str:
    if column.flatchoices:
        return "choice"
    for kind, name in _TYPES_BY_COLUMN:
        if isinstance(column, kind):
            return name
    return "text"


def _is_required(column: Any, kind: str) -> bool:
    if kind in DOCUMENTS | {"refs", "boolean"} or not column.editable:
        return False
    return not column.blank and not column.has_default()
