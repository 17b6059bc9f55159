"""What a custom field's definition must be, so that no stored one can break a list or a query."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import JSONField
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import text
from guanxi.kernel.access import groups
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.records import record_types

MOST_CHOICES = 200
LONGEST_CHOICE = 60
_SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_SEPARATOR = re.compile("[,，、;；|]")
_FIXED = ("record_key", "slug", "kind")


def check_definition(values: dict[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse codes that are words of the query language, choices of another shape, moves."""
    for name in _FIXED:
        if current and name in values and values[name] != current[name]:
            raise RuleViolation(
                "fixed",
                _("This stays as it is: values are kept under it. Add another field."),
                name,
            )
    if "slug" in values:
        _check_slug(values["slug"] or "")
    if "record_key" in values:
        _check_record_key(values["record_key"])
    if values.get("group") and values["group"] not in groups():
        raise RuleViolation("no_such_group", _("There is no such field group."), "group")
    return _with_choices(values, current)


def _check_slug(slug: str) -> None:
    words = {*JSONField.get_class_lookups(), *KeyTransform.get_class_lookups()}
    if not _SLUG.fullmatch(slug) or slug in words:
        raise RuleViolation(
            "bad_code",
            _("A code has small letters, digits and single underscores, as in contract_no."),
            "slug",
        )


def _check_record_key(key: Any) -> None:
    if key not in {kind.key for kind in record_types() if kind.has_custom_fields}:
        raise RuleViolation(
            "no_such_record_type", _("This record type takes no custom fields."), "record_key"
        )


def _with_choices(values: dict[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    kind = values.get("kind") or (current["kind"] if current else "")
    if kind not in {"choice", "multichoice"}:
        return {**values, "choices": []} if values.get("choices") else values
    if "choices" in values or not current:
        return {**values, "choices": list(_checked(values.get("choices")))}
    return values


def _checked(given: Any) -> Iterable[dict[str, str]]:
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_CHOICES:
        raise _bad_choices()
    seen: set[str] = set()
    for item in given:
        if not isinstance(item, dict) or not set(item) <= {"value", "label"}:
            raise _bad_choices()
        value = _short(item.get("value"))
        if not value or value in seen or _SEPARATOR.search(value):
            raise _bad_choices()
        label = _short(item.get("label", "") or value)
        if not label:
            raise _bad_choices()
        seen.add(value)
        yield {"value": value, "label": label}


def _short(given: Any) -> str:
    try:
        return text.clean_text(given, max_length=LONGEST_CHOICE) if isinstance(given, str) else ""
    except text.TextError as error:
        raise _bad_choices() from error


def _bad_choices() -> RuleViolation:
    return RuleViolation(
        "bad_choices",
        _('Choices are a list such as [{"value": "n", "label": "North"}], each value once.'),
        "choices",
    )
