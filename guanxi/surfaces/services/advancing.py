"""The one rule of moving on: a record that lacks what the next step asks for stays where it is."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation, RuleViolations
from guanxi.surfaces.advances import BLANK, Advance, Need
from guanxi.surfaces.fields import TEXTUAL, Field
from guanxi.surfaces.records import RecordType

CODE = "needed_to_advance"


def require_advance(
    record_type: RecordType,
    fields: Mapping[str, Field],
    values: Mapping[str, Any],
    current: Mapping[str, Any],
    actor: Actor,
) -> None:
    """Refuse a step forward while what it asks for is blank; every such field is named."""
    lacking = [
        _lacking(fields, name, advance, values[advance.field])
        for advance in record_type.advances
        if advance.field in values
        and advance.is_advance(current[advance.field], values[advance.field])
        for name in advance.lacking(_state(advance, values, current), values[advance.field])
        if name in fields and fields[name].is_visible(actor)
    ]
    if lacking:
        raise RuleViolations(lacking)


def _state(
    advance: Advance, values: Mapping[str, Any], current: Mapping[str, Any]
) -> dict[str, Any]:
    """What the record would hold of all that the step may ask for."""
    needs = advance.needed(values[advance.field])
    names = {need.field for need in needs} | {need.only[0] for need in needs if need.only}
    return {n: values[n] if n in values else current[n] for n in names}


def _lacking(fields: Mapping[str, Field], name: str, advance: Advance, value: Any) -> RuleViolation:
    step = dict(fields[advance.field].choices).get(value, value)
    return RuleViolation(
        CODE,
        _("Fill in “%(label)s” first: it is needed for “%(step)s”."),
        name,
        label=fields[name].label,
        step=step,
    )


def held_back(
    record_type: RecordType, fields: Mapping[str, Field], values: Mapping[str, Any]
) -> Q | None:
    """The records that could not take these values together; None when all could."""
    found: Q | None = None
    for advance in record_type.advances:
        value = values.get(advance.field)
        if value not in advance.order:
            continue
        blank = [
            _blank(fields, need)
            for need in advance.needed(value)
            if need.field in fields and values.get(need.field) in BLANK
        ]
        before = advance.order[advance.order.index(value) :]
        behind = ~Q(**{f"{fields[advance.field].path}__in": before})
        for each in blank:
            found = (behind & each) if found is None else found | (behind & each)
    return found


def _blank(fields: Mapping[str, Field], need: Need) -> Q:
    field = fields[need.field]
    blank = Q(**{f"{field.path}__isnull": True})
    if field.type in TEXTUAL or field.type == "choice":
        blank |= Q(**{field.path: ""})
    if need.only is not None:
        name, asked = need.only
        blank &= Q(**{f"{fields[name].path}__in": asked})
    return blank
