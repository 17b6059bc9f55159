"""The controls of forms, cells and conditions, made from declared fields."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from guanxi.kernel import identifiers
from guanxi.kernel.actor import Actor
from guanxi.kernel.html import format_html, format_html_join
from guanxi.surfaces.amounts import in_major, minor_digits
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html.formats import BLANK, said_of_each
from guanxi.surfaces.naming import titles_of
from guanxi.surfaces.parsing import is_number
from guanxi.surfaces.records import RecordType, get_record_type

MOST_OPTIONS = 60
Option = tuple[str, str]


@dataclass(frozen=True)
class Slot:
    """Where a control stands and how it is marked."""

    name: str
    id: str
    is_invalid: bool = False
    is_required: bool = False
    described_by: str = ""
    label: str = ""
    extra: Sequence[Option] = attribute(default=())
    is_checked: bool = False

    def attributes(self, more: Mapping[str, Any] | None = None) -> SafeString:
        """The attributes that every control has."""
        pairs: dict[str, Any] = {"id": self.id, "name": self.name, **(more or {})}
        if self.is_invalid:
            pairs["aria-invalid"] = "true"
        if self.is_required:
            pairs["aria-required"] = "true"
        if self.described_by:
            pairs["aria-describedby"] = self.described_by
        if self.label:
            pairs["aria-label"] = self.label
        flags = "data-check-field" if self.is_checked else ""
        shown = format_html_join(
            " ", '{}="{}"', ((n, v) for n, v in pairs.items() if v not in (None, "", False))
        )
        return format_html("{} {}", shown, flags)


class Controls:
    """Makes controls for one person; reads the options of references once per type."""

    def __init__(self, actor: Actor) -> None:
        self.actor, self.zone = actor, ZoneInfo(actor.time_zone)
        self._options: dict[str, list[Option]] = {}

    def control(self, field: Field, value: Any, slot: Slot) -> SafeString:
        """The control of a field holding a value."""
        maker = {
            "longtext": self._longtext,
            "json": self._lines,
            "boolean": self._boolean,
            "choice": self._choice,
            "multichoice": self._several,
            "ref": self._reference,
            "refs": self._references,
        }.get(field.type, self._input)
        if field.named is not None:
            return self._select(field.named().items(), {str(value or "")}, slot, blank=True)
        return maker(field, value, slot)

    # Plain controls -------------------------------------------------------------------------------
    def _input(self, field: Field, value: Any, slot: Slot) -> SafeString:
        kinds = {"date": "date", "datetime": "datetime-local", "email": "email", "url": "url",
                 "phone": "tel"}  # fmt: skip
        is_secret = field.look == "secret"
        modes = {"integer": "numeric", "decimal": "decimal", "money": "decimal"}
        more = {
            "type": "password" if is_secret else kinds.get(field.type, "text"),
            "inputmode": modes.get(field.type),
            "maxlength": field.max_length if field.type in {"text", "code"} else None,
            "autocomplete": "new-password" if is_secret else "off",
            "data-place": field.name if field.look == "place" else None,
        }
        text = "" if is_secret else self.raw(field, value)
        return format_html(
            '<input class="form-control" {} value="{}">', slot.attributes(more), text
        )

    def _longtext(self, field: Field, value: Any, slot: Slot) -> SafeString:
        more = {"rows": 3, "maxlength": field.max_length or None}
        return format_html(
            '<textarea class="form-control" {}>\n{}</textarea>', slot.attributes(more), value or ""
        )

    def _lines(self, field: Field, value: Any, slot: Slot) -> SafeString:
        del field
        return format_html(
            '<textarea class="form-control" {}>\n{}</textarea>', slot.attributes({"rows": 4}),
            lines_of(value),
        )  # fmt: skip

    def _boolean(self, field: Field, value: Any, slot: Slot) -> SafeString:
        del field
        checked = "checked" if value in (True, "1", "true", "on") else ""
        return format_html(
            '<span class="check"><input class="form-check-input" type="checkbox" value="1" {} {}>'
            "</span>",
            slot.attributes(), checked,
        )  # fmt: skip

    # Choices --------------------------------------------------------------------------------------
    def _choice(self, field: Field, value: Any, slot: Slot) -> SafeString:
        options = [(str(v), str(label)) for v, label in field.choices]
        blank = not field.required or value in BLANK
        return self._select(options, {str(value or "")}, slot, blank=blank)

    def _several(self, field: Field, value: Any, slot: Slot) -> SafeString:
        options = [(str(v), str(label)) for v, label in field.choices]
        return self._select(options, {str(v) for v in value or ()}, slot, many=True)

    def _reference(self, field: Field, value: Any, slot: Slot) -> SafeString:
        options, chosen = self._with_chosen(field.ref, [value] if value else [])
        select = self._select(options, chosen or {""}, slot, ref=field.ref, blank=True)
        if len(self._options[field.ref]) < MOST_OPTIONS:
            return select
        return format_html(
            '{}<noscript><input class="form-control" name="{}__text" aria-label="{}" '
            'placeholder="{}"></noscript>',
            select, slot.name, gettext("Or its exact name or number"),
            gettext("Or its exact name or number"),
        )  # fmt: skip

    def _references(self, field: Field, value: Any, slot: Slot) -> SafeString:
        options, chosen = self._with_chosen(field.ref, list(value or ()))
        return self._select(options, chosen, slot, ref=field.ref, many=True)

    def _select(
        self, options: Iterable[Option], chosen: set[str], slot: Slot, *,
        ref: str = "", blank: bool = False, many: bool = False,
    ) -> SafeString:  # fmt: skip
        more: dict[str, Any] = {}
        if ref:
            more["data-pick"] = f"/{get_record_type(ref).plural}/options/"
        every = [("", "")] if blank and not many else []
        shown = format_html_join(
            "", '<option value="{}"{}>{}</option>',
            (
                (v, format_html(" {}", "selected") if v in chosen else "", label or "—")
                for v, label in [*every, *slot.extra, *options]
            ),
        )  # fmt: skip
        kind = format_html("{}", "multiple data-pick" if many and not ref else "multiple")
        return format_html(
            '<select class="form-select" {} {}>{}</select>',
            slot.attributes(more), kind if many else "", shown,
        )  # fmt: skip

    def _with_chosen(self, ref: str, values: list[Any]) -> tuple[list[Option], set[str]]:
        """The options of a select and which are chosen; `values` are shown records or bare ids."""
        known = self.options(ref)
        ids = {v for v, _label in known}
        labels = {str(v["id"]): str(v["label"]) for v in values if isinstance(v, dict)}
        chosen = {str(v["id"] if isinstance(v, dict) else v) for v in values}
        if bare := chosen - ids - labels.keys():
            labels |= dict(options_in_scope(get_record_type(ref), self.actor, bare))
        return [(v, label) for v, label in labels.items() if v not in ids] + known, chosen

    def options(self, ref: str) -> list[Option]:
        """The first records of a type that the person sees, for a select without a script."""
        if ref not in self._options:
            self._options[ref] = first_options(get_record_type(ref), self.actor)
        return self._options[ref]

    # Values ---------------------------------------------------------------------------------------
    def raw(self, field: Field, value: Any) -> str:
        """A value as its input shows it; what was typed is shown as it was typed."""
        if field.type == "phone" and isinstance(value, str):
            return identifiers.written_phone(value)
        if value in BLANK or isinstance(value, str):
            return value or ""
        if field.type == "money":
            return money_raw(value)
        if isinstance(value, datetime):
            return f"{value.astimezone(self.zone):%Y-%m-%dT%H:%M}"
        return value.isoformat() if isinstance(value, date) else str(value)


def first_options(record_type: RecordType, actor: Actor) -> list[Option]:
    """Records of a type in scope, by name."""
    rows = record_type.in_scope(actor)
    if record_type.has_column("archived_at"):
        rows = rows.filter(archived_at=None)
    return _options(record_type, rows.order_by(record_type.title_field)[:MOST_OPTIONS], actor)


def options_in_scope(record_type: RecordType, actor: Actor, ids: Iterable[str]) -> list[Option]:
    """Those of some ids, as they were sent, that are records in scope."""
    column, wanted = record_type.model._meta.pk, []
    for sent in ids:
        with suppress(ValidationError):
            key = column.to_python(sent)
            if not isinstance(key, int) or is_number(str(key)):
                wanted.append(key)
    return _options(record_type, record_type.in_scope(actor).filter(pk__in=wanted), actor)


def _options(record_type: RecordType, rows: QuerySet[Any], actor: Actor) -> list[Option]:
    return [(str(pk), name) for pk, name in titles_of(record_type, rows, actor).items()]


def money_raw(value: int) -> str:
    """Minor units as people type an amount."""
    currency = getattr(value, "currency", "CNY")
    return f"{in_major(value, currency):.{minor_digits(currency)}f}"


def lines_of(value: Any) -> str:
    """A list of choices, or what is said of each of several names, as lines of `value = label`."""
    if isinstance(value, Mapping):
        return "\n".join(said_of_each(value))
    if not isinstance(value, list):
        return "" if value in BLANK else str(value)
    lines = []
    for item in value:
        if isinstance(item, dict):
            code, label = str(item.get("value", "")), str(item.get("label", ""))
            lines.append(f"{code} = {label}" if label and label != code else code)
        else:
            lines.append(str(item))
    return "\n".join(lines)


def read_lines(text: str) -> list[dict[str, str]]:
    """The choices that lines of `value = label` name."""
    found = []
    for line in text.splitlines():
        code, _sign, label = (part.strip() for part in line.partition("="))
        if code:
            found.append({"value": code, "label": label or code})
    return found
