"""Reads a JSON body strictly: what two readers could understand in two ways is refused (K13)."""

import json
from collections.abc import Iterator, Mapping
from math import inf, isfinite
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser

from guanxi.kernel.errors import BadRequest, RuleViolation
from guanxi.surfaces.api.errors import TooLarge

MAX_DEPTH = 20
MAX_NAMES = 1000
MAX_ITEMS = 10_000
MAX_DIGITS = 18


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 has it, in UTF-8, without doubled names, bottomless nesting or infinity."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value of the body; refusals say where it is wrong."""
        del media_type
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        declared = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0"
        if declared.isdigit() and int(declared) > limit:
            raise TooLarge(limit)
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise TooLarge(limit)
        return read_json(body)


def read_json(body: bytes) -> Any:
    """The value of a JSON text."""
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as error:
        raise BadRequest("bad_encoding", _("The body is not UTF-8 text.")) from error
    except RecursionError as error:
        raise _too_deep() from error
    except json.JSONDecodeError as error:
        raise BadRequest(
            "bad_json",
            _("The body is not JSON: line %(line)s, column %(column)s."),
            line=error.lineno,
            column=error.colno,
        ) from error
    _check(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise RuleViolation("duplicate_name", _("This name occurs twice."), _shown(twice))
    return found


# What no number can hold becomes infinity here; the walk below then knows at which field it stood.
def _integer(digits: str) -> float | int:
    return int(digits) if len(digits) <= MAX_DIGITS + 1 else inf


def _number(digits: str) -> float:
    return float(digits)


def _constant(_name: str) -> float:
    return inf


def _check(value: Any) -> None:
    """Walk the value without recursion; every refusal names the field."""
    waiting: list[tuple[Any, str, int]] = [(value, "", 0)]
    while waiting:
        item, path, depth = waiting.pop()
        if isinstance(item, str):
            _check_text(item, path)
        elif isinstance(item, float) and not isfinite(item):
            raise RuleViolation("too_large", _("The number is too large."), path or None)
        elif isinstance(item, (dict, list)):
            waiting += _inside(item, path, depth + 1)


def _inside(item: Any, path: str, depth: int) -> Iterator[tuple[Any, str, int]]:
    if depth > MAX_DEPTH:
        raise _too_deep()
    if isinstance(item, dict):
        if len(item) > MAX_NAMES:
            raise BadRequest("too_many_names", _("An object has more than 1000 names."))
        for name, inner in item.items():
            _check_text(name, path)
            yield inner, f"{path}.{_shown(name)}" if path else _shown(name), depth
        return
    if len(item) > MAX_ITEMS:
        raise RuleViolation("too_many_items", _("The list is too long."), path or None)
    for number, inner in enumerate(item):
        yield inner, f"{path}[{number}]", depth


def _check_text(text: str, path: str) -> None:
    if "\0" in text or not _is_unicode(text):
        raise RuleViolation(
            "control_character", _("Contains a character that no text can hold."), path or None
        )


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _shown(name: str) -> str:
    return name[:60].encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


def _too_deep() -> BadRequest:
    return BadRequest("too_deep", _("The body is nested too deeply."))
