"""A step forward that lacks something: the missing fields in one small form, saved in one write."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext

from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces import drafts
from guanxi.surfaces.advances import Advance
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html import forms
from guanxi.surfaces.html.drafts import edit_mark
from guanxi.surfaces.html.requests import actor_of, answer, in_box, is_fragment, version_of
from guanxi.surfaces.listing import Listing, Row
from guanxi.surfaces.naming import title_in
from guanxi.surfaces.records import RecordType
from guanxi.surfaces.services.advancing import CODE

SENT = "_fields"


def advance_of(record_type: RecordType, name: str) -> Advance | None:
    """The advance that a field makes, if it makes any."""
    return next((a for a in record_type.advances if a.field == name), None)


def sent_along(
    advance: Advance | None, fields: Mapping[str, Field], posted: QueryDict
) -> list[str]:
    """The fields that came with the step: only such as a step of this kind may ask for."""
    asked = (
        {need.field for needs in advance.present().values() for need in needs} if advance else set()
    )
    sent = str(posted.get(SENT, "")).split(",")
    return [n for n in sent if n in asked and n in fields]


def lacks(error: RuleViolation) -> list[str]:
    """The fields that a refusal asks for before the step."""
    return [v.field for v in error.violations if v.code == CODE and v.field]


def show_step(
    request: HttpRequest, listing: Listing, row: Row, name: str, wanted: Iterable[str],
    *, url: str, error: RuleViolation,
) -> HttpResponse:  # fmt: skip
    """The form of what the step asks for; it repeats the step, so both are one write."""
    fields = {n: listing.fields[n] for n in dict.fromkeys(wanted) if n in listing.fields}
    typed = {n: request.POST[n] for n in fields if n in request.POST}
    step = listing.fields[name]
    value = request.POST.get(name, "")
    is_again = SENT in request.POST  # at first nothing is wrong yet, only missing
    by_field: dict[str, list[str]] = {}
    for each in (v for v in error.violations if is_again or v.code != CODE):
        by_field.setdefault(each.field or "", []).append(each.text)
    maker = forms.FormMaker(listing.type, fields, actor_of(request))
    shown = [maker.field(f, {**row.values, **typed}.get(n), by_field.get(n, []))
             for n, f in fields.items()]  # fmt: skip
    for field in shown:
        field.required = not field.masked
    context: dict[str, Any] = {
        "title": gettext("Move on to “%(step)s”")
        % {"step": {str(v): str(label) for v, label in step.choices}.get(value, value)},
        "subtitle": title_in(listing.type, row.values),
        "url": url,
        "cancel_url": f"/{listing.type.plural}/{row.pk}/",
        "fields": shown,
        "problems": by_field.get("", []),
        "hidden": [
            ("version", str(version_of(request) or row.version)),
            (drafts.NAME, edit_mark(request, listing.type, row.pk)),
            (name, value),
            (SENT, ",".join([name, *fields])),
        ],
    }
    if not is_fragment(request):
        return in_box(request, "surfaces/_step.html", context, status=422)
    response = answer(request, "surfaces/_step.html", {**context, "is_box": True}, status=422)
    response["X-Guanxi-Dialog"] = "1"
    return response


def hints(record_type: RecordType, fields: Mapping[str, Field], values: Mapping[str, Any]) -> str:
    """What each step from here asks for, as JSON for the script that marks it while one chooses."""
    found = {
        advance.field: {
            step: [
                [need.field, str(fields[need.field].label)]
                for need in advance.needed(step)
                if need.field in fields and need.applies(values)
            ]
            for step in advance.order
            if advance.is_advance(values.get(advance.field), step)
        }
        for advance in record_type.advances
        if advance.field in fields
    }
    return json.dumps(found, ensure_ascii=False) if found else ""
