"""A record type's own verbs, called alike by page and API: parse, check references, do."""

import inspect
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import get_visible
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation, RuleViolations, VersionMissing
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import RecordType, Verb
from guanxi.surfaces.services.records import check_reference


def perform_verb(
    record_type: RecordType,
    verb: Verb,
    pk: Any,
    raw: Mapping[str, Any],
    *,
    version: int | None,
    actor: Actor,
    at: datetime,
) -> Any:
    """Do a declared verb to one record in scope; a verb that takes a version demands one."""
    rows = record_type.model._base_manager.all()
    if not verb.finds:
        get_visible(actor, record_type.allows("view"), rows, pk=pk)
    if is_versioned(verb):
        if version is None:
            raise VersionMissing
        return verb.service(pk, **_values(verb, raw, actor), version=version, actor=actor, at=at)
    return verb.service(pk, **_values(verb, raw, actor), actor=actor, at=at)


def is_versioned(verb: Verb) -> bool:
    """Whether the verb's service wants to know which version of the record was seen."""
    named = {field.name for field in verb.fields}
    return "version" in inspect.signature(verb.service).parameters and "version" not in named


def must_be_given(verb: Verb) -> set[str]:
    """The verb's fields that its service has no default for."""
    parameters = inspect.signature(verb.service).parameters
    return {
        field.name
        for field in verb.fields
        if parameters[field.name].default is inspect.Parameter.empty
    }


def _values(verb: Verb, raw: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Typed values of the verb's own fields; every fault is reported together."""
    needed = must_be_given(verb)
    known = {field.name for field in verb.fields}
    wrong = [
        RuleViolation("unknown_field", _("There is no such field."), name[:60])
        for name in raw
        if name not in known
    ]
    values: dict[str, Any] = {}
    for field in verb.fields:
        try:
            value = _value(field, raw.get(field.name), actor)
            if field.name in raw or field.name in needed:
                values[field.name] = value
        except RuleViolation as error:
            wrong.append(error)
    if wrong:
        raise RuleViolations(wrong)
    return values


def _value(field: Field, given: Any, actor: Actor) -> Any:
    value = field.parse(given, actor=actor)
    if field.required and value in (None, "", [], {}):
        message = _("“%(label)s” is required.")
        raise RuleViolation("required", message, field.name, label=field.label)
    check_reference(field, value, actor)
    return value
