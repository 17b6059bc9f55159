"""A condition as a field: rows in a form, words on a page."""

import json
from typing import Any

from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from guanxi.kernel.actor import Actor
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html.builder import Builder
from guanxi.surfaces.html.requests import now
from guanxi.surfaces.html.widgets import Slot
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.records import get_record_type


def read(field: Field, posted: QueryDict, actor: Actor) -> Any:
    """The condition that the submitted rows say; what was written out is taken as it stands."""
    written = str(posted.get(field.name, "")).strip()
    if not written:
        return _builder(field, actor).read(posted) or {}
    try:
        return json.loads(written)
    except (ValueError, RecursionError):
        return written


def control(field: Field, value: Any, slot: Slot, actor: Actor) -> SafeString:
    """The rows of a condition, or its text when the rows cannot say it."""
    value = read(field, value, actor) if isinstance(value, QueryDict) else value
    groups = None if isinstance(value, str) else _builder(field, actor).groups(value)
    written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    plural = get_record_type(field.ref).plural
    context = {"groups": groups, "condition": written, "name": slot.name, "id": slot.id}
    context["row_url"] = f"/{plural}/filter/row/"
    return render_to_string("surfaces/components/condition_field.html", context)


def _builder(field: Field, actor: Actor) -> Builder:
    return Builder(Listing(get_record_type(field.ref), actor, at=now()))
