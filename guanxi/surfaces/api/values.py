"""JSON values checked by type before the common parser reads them: a program says what it means.

Pages and files may write `是`, `3万` or `2026/3/1`; the API takes one form of each type.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import RuleViolation, RuleViolations
from guanxi.surfaces.fields import Field
from guanxi.surfaces.parsing import fail

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"-?\d{1,16}(\.\d{1,10})?")


def check_types(fields: Iterable[Field], given: Mapping[str, Any]) -> None:
    """Refuse values of another JSON type than the field's, all together; None is "no value"."""
    known = {field.name: field for field in fields}
    wrong: list[RuleViolation] = []
    for name, value in given.items():
        if name in known and value is not None:
            try:
                _CHECKS[known[name].type](known[name], value)
            except RuleViolation as error:
                wrong.append(error)
    if wrong:
        raise RuleViolations(wrong)


def _text(field: Field, value: Any) -> None:
    if not isinstance(value, str):
        raise fail(field, "not_text", _("Text is expected."))


def _integer(field: Field, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise fail(field, "not_integer", _("A whole number is expected."))


def _decimal(field: Field, value: Any) -> None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number and not (isinstance(value, str) and _NUMBER.fullmatch(value)):
        raise fail(field, "not_number", _("A number is expected."))


def _boolean(field: Field, value: Any) -> None:
    if not isinstance(value, bool):
        raise fail(field, "not_boolean", _("true or false is expected."))


def _date(field: Field, value: Any) -> None:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise fail(field, "not_date", _("A date such as 2026-03-11 is expected."))


def _instant(field: Field, value: Any) -> None:
    try:
        is_clear = isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        is_clear = False
    if not is_clear or len(value) < len("2026-03-11T14:30Z"):
        raise fail(
            field,
            "not_datetime",
            _("An instant with its offset such as 2026-03-11T14:30:00+08:00 is expected."),
        )


def _choice(field: Field, value: Any) -> None:
    if not isinstance(value, str) or (value and value not in dict(field.choices)):
        raise fail(field, "not_a_choice", _("This is none of the allowed choices."))


def _choices(field: Field, value: Any) -> None:
    if not isinstance(value, list):
        raise fail(field, "not_a_list", _("A list of choices is expected."))
    for item in value:
        _choice(field, item)


def _reference(field: Field, value: Any) -> None:
    plain = (
        value.get("id") if isinstance(value, dict) and value.keys() <= {"id", "label"} else value
    )
    if isinstance(plain, bool) or not isinstance(plain, int):
        raise fail(field, "not_a_reference", _("The id of a record is expected."))


def _references(field: Field, value: Any) -> None:
    if not isinstance(value, list):
        raise fail(field, "not_a_list", _("A list of record ids is expected."))
    for item in value:
        _reference(field, item)


def _json(field: Field, value: Any) -> None:
    if not isinstance(value, (dict, list)):
        raise fail(field, "not_json", _("An object or a list is expected."))


_CHECKS: dict[str, Callable[[Field, Any], None]] = {
    **dict.fromkeys(("text", "longtext", "phone", "email", "url", "code"), _text),
    "integer": _integer,
    "money": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "datetime": _instant,
    "choice": _choice,
    "multichoice": _choices,
    "ref": _reference,
    "refs": _references,
    "json": _json,
    "condition": _json,
}
