"""Typed values from text or JSON, with an error that names the field and the reason."""

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from guanxi.kernel import identifiers, text
from guanxi.kernel.conditions import check_shape
from guanxi.kernel.errors import BadRequest, Message, RuleViolation
from guanxi.kernel.folding import half_width
from guanxi.kernel.values import to_json
from guanxi.surfaces.amounts import counted

if TYPE_CHECKING:
    from guanxi.surfaces.fields import Field

MAX_TEXT = text.MAX_LENGTH
MAX_INTEGER = 9_000_000_000_000_000
LONGEST_NUMBER = 18
#: A day without a time means: by the end of the working day.
END_OF_DAY = time(18, 0)
_TRUE = {"1", "true", "yes", "y", "on", "是", "有", "√"}
_FALSE = {"0", "false", "no", "n", "off", "否", "无", "×"}
_EMAIL = re.compile(
    r"[^@\s<>\"',;:()\[\]\\]{1,64}@[^@\s<>\"',;:()\[\]\\.]+(\.[^@\s<>\"',;:()\[\]\\.]+)+"
)
_URL = re.compile(r"https?://[^\s<>\"'\\]+", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?")


def fail(field: "Field", code: str, message: Message, **params: object) -> RuleViolation:
    """A refusal at this field."""
    return RuleViolation(code, message, field.name, **params)


def parse(field: "Field", raw: Any, zone: ZoneInfo) -> Any:
    """A typed value of the field; blank becomes None (or "" for text, [] for several)."""
    if isinstance(raw, str):
        raw = raw if field.type in {"longtext", "text"} else raw.strip()
    if raw is None or raw in ("", [], ()):
        return blank(field)
    return _PARSERS[field.type](field, raw, zone)


def plain(raw: Any) -> str:
    """Half-width characters for what people typed full-width."""
    return half_width(str(raw))


def blank(field: "Field") -> Any:
    """The empty value of a field's type."""
    if field.type in {"refs", "multichoice"}:
        return []
    if field.type in {"integer", "decimal", "money", "date", "datetime", "ref"}:
        return None
    if field.type == "boolean":
        return False
    return {} if field.type in {"json", "condition"} else ""


def to_stored(value: Any) -> Any:
    """A custom field's value as its JSON column keeps it; decimals as numbers, to compare."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return to_json(value)


def from_stored(field: "Field", stored: Any) -> Any:
    """The typed value of what the JSON column keeps."""
    if stored is None:
        return blank(field)
    if field.type == "date":
        return date.fromisoformat(stored)
    if field.type == "datetime":
        return datetime.fromisoformat(stored)
    if field.type == "decimal":
        return Decimal(str(stored))
    return stored


def _text(field: "Field", raw: Any, zone: ZoneInfo) -> str:
    del zone
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float, Decimal)):
        raise fail(field, "not_text", _("Text is expected."))
    limit = field.max_length or MAX_TEXT
    try:
        return text.clean_text(
            str(raw), max_length=limit, multiline=field.type in {"longtext", "json"}
        )
    except text.TextError as error:
        raise error.as_violation(field.name) from error


def _integer(field: "Field", raw: Any, zone: ZoneInfo) -> int:
    value = _decimal(field, raw, zone)
    if value != value.to_integral_value():
        raise fail(field, "not_integer", _("A whole number is expected."))
    if abs(value) > MAX_INTEGER:
        raise fail(field, "too_large", _("The number is too large."))
    return int(value)


def _decimal(field: "Field", raw: Any, zone: ZoneInfo) -> Decimal:
    del zone
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float, Decimal)):
        raise fail(field, "not_number", _("A number is expected."))
    written = plain(raw).replace(",", "").replace("¥", "").replace("￥", "").strip()
    try:
        value = counted(written)
    except InvalidOperation as error:
        raise fail(field, "not_number", _("A number is expected.")) from error
    if not value.is_finite() or abs(value) > MAX_INTEGER:
        raise fail(field, "too_large", _("The number is too large."))
    return value


def _boolean(field: "Field", raw: Any, zone: ZoneInfo) -> bool:
    del zone
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise fail(field, "not_boolean", _("Yes or no is expected."))


def _date(field: "Field", raw: Any, zone: ZoneInfo) -> date:
    if isinstance(raw, datetime):
        return raw.astimezone(zone).date() if raw.tzinfo else raw.date()
    if isinstance(raw, date):
        return _checked_year(field, raw)
    written = plain(raw).strip()
    if isinstance(raw, (int, str)) and not isinstance(raw, bool):
        found = _DATE.match(written) or _COMPACT.fullmatch(written)
        rest = written[found.end() :].strip() if found else written
        if found and (not rest or rest.startswith(("T", "00:00"))):
            try:
                return _checked_year(field, date(*(int(part) for part in found.groups())))
            except ValueError as error:
                raise fail(field, "no_such_date", _("There is no such date.")) from error
    raise fail(field, "not_date", _("A date such as 2026-03-11 is expected."))


def _checked_year(field: "Field", day: date) -> date:
    if not 1800 <= day.year <= 2200:
        raise fail(field, "year_out_of_range", _("The year must lie between 1800 and 2200."))
    return day


def _datetime(field: "Field", raw: Any, zone: ZoneInfo) -> datetime:
    if isinstance(raw, datetime):
        _checked_year(field, raw.date())
        return raw if raw.tzinfo else raw.replace(tzinfo=zone)
    if isinstance(raw, date):
        return datetime.combine(_checked_year(field, raw), time.min, zone)
    written = plain(raw).strip()
    if isinstance(raw, str):
        try:
            parsed = datetime.fromisoformat(written)
        except ValueError:
            return _loose_datetime(field, written, zone)
        _checked_year(field, parsed.date())
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)
    raise fail(field, "not_datetime", _("A date and time such as 2026-03-11 14:30 is expected."))


def _loose_datetime(field: "Field", written: str, zone: ZoneInfo) -> datetime:
    found = _DATE.match(written)
    if found is None:
        raise fail(
            field, "not_datetime", _("A date and time such as 2026-03-11 14:30 is expected.")
        )
    rest = written[found.end() :].strip().lstrip("T").strip()
    clock = _TIME.fullmatch(rest) if rest else None
    if rest and clock is None:
        raise fail(
            field, "not_datetime", _("A date and time such as 2026-03-11 14:30 is expected.")
        )
    try:
        day = date(*(int(part) for part in found.groups()))
        hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
        hours = time(hour, minute, second)
    except ValueError as error:
        raise fail(field, "no_such_date", _("There is no such date.")) from error
    return datetime.combine(_checked_year(field, day), hours, zone)


def _choice(field: "Field", raw: Any, zone: ZoneInfo) -> str:
    del zone
    if isinstance(raw, (str, int)) and not isinstance(raw, bool):
        for shape in (str, text.fold):  # What was written exactly goes before what looks alike.
            for value, label in field.choices:
                if shape(str(raw)) in {shape(value), shape(str(label))}:
                    return value
    raise fail(field, "not_a_choice", _("This is none of the allowed choices."))


def _choices(field: "Field", raw: Any, zone: ZoneInfo) -> list[str]:
    items = re.split(r"[,，、;；|]", raw) if isinstance(raw, str) else raw
    if not isinstance(items, (list, tuple)) or len(items) > 200:
        raise fail(field, "not_a_list", _("A list of choices is expected."))
    return list(dict.fromkeys(_choice(field, item, zone) for item in items if item != ""))


def is_number(written: str) -> bool:
    """Whether a text is a whole number that a database can hold, in plain digits."""
    return written.isascii() and written.isdigit() and len(written) <= LONGEST_NUMBER


def _reference(field: "Field", raw: Any, zone: ZoneInfo) -> int:
    del zone
    if isinstance(raw, dict):
        raw = raw.get("id")
    if isinstance(raw, bool) or not is_number(str(raw)) or int(raw) < 1:
        raise fail(field, "not_a_reference", _("The id of a record is expected."))
    return int(raw)


def _references(field: "Field", raw: Any, zone: ZoneInfo) -> list[int]:
    items = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(items, (list, tuple)) or len(items) > 500:
        raise fail(field, "not_a_list", _("A list of record ids is expected."))
    return sorted({_reference(field, item, zone) for item in items})


def _phone(field: "Field", raw: Any, zone: ZoneInfo) -> str:
    written = _text(field, raw, zone)
    try:
        return identifiers.normalise_phone(written).stored
    except identifiers.IdentifierError as error:
        raise error.as_violation(field.name) from error


def _email(field: "Field", raw: Any, zone: ZoneInfo) -> str:
    written = _text(field, raw, zone)
    if len(written) > 254 or not _EMAIL.fullmatch(written):
        raise fail(field, "not_email", _("This is not an e-mail address."))
    return written


def _url(field: "Field", raw: Any, zone: ZoneInfo) -> str:
    written = _text(field, raw, zone)
    if not _URL.fullmatch(written):
        raise fail(
            field, "not_url", _("A web address that begins with http:// or https:// is expected.")
        )
    return written


def _json(field: "Field", raw: Any, zone: ZoneInfo) -> Any:
    del zone
    if not isinstance(raw, (dict, list)):
        raise fail(field, "not_json", _("An object or a list is expected."))
    return raw


def _condition(field: "Field", raw: Any, zone: ZoneInfo) -> Any:
    del zone
    try:
        check_shape(raw or {"all": []})
    except BadRequest as error:
        raise fail(field, error.code, error.message) from error
    return raw or {}


_PARSERS = {
    "text": _text,
    "longtext": _text,
    "code": _text,
    "integer": _integer,
    "money": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "choice": _choice,
    "multichoice": _choices,
    "ref": _reference,
    "refs": _references,
    "phone": _phone,
    "email": _email,
    "url": _url,
    "json": _json,
    "condition": _condition,
}


def by_the_end_of(written: str) -> str:
    """A bare day with the time by which it is meant; anything else unchanged."""
    try:
        day = date.fromisoformat(written.strip())
    except ValueError:
        return written
    return f"{day.isoformat()}T{END_OF_DAY:%H:%M}"
