"""Two people changed the same record: the second chooses field by field (G01)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

from guanxi.kernel.errors import Difference, StaleVersion
from guanxi.surfaces import history
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html.filters import Describer
from guanxi.surfaces.html.formats import BLANK, Formatter
from guanxi.surfaces.html.forms import hidden_inputs
from guanxi.surfaces.html.requests import answer, is_fragment, now, record_url
from guanxi.surfaces.listing import Listing, Row

PICK = "pick."
LEFT_OUT = frozenset({"csrfmiddlewaretoken", "version"})


@dataclass(frozen=True)
class Choice:
    """One field with both values."""

    name: str
    label: str
    base: str
    mine: str
    theirs: str
    is_mine: bool


def resolved(raw: Mapping[str, Any], posted: QueryDict) -> dict[str, Any]:
    """The submitted values without those for which the person took the other one's."""
    return {n: v for n, v in raw.items() if posted.get(PICK + n) != "theirs"}


def conflict_page(
    request: HttpRequest, listing: Listing, pk: Any, row: Row, error: StaleVersion
) -> HttpResponse:
    """Both values of every field that differs, and the record's new version."""
    choices = _choices(listing, error.differences)
    kept = [p for p in hidden_inputs(request.POST, LEFT_OUT) if not p[0].startswith(PICK)]
    context = {
        "url": record_url(listing.type, pk, "edit/"),
        "cancel_url": record_url(listing.type, pk),
        "title": str(row.values.get(listing.type.title_field) or ""),
        "choices": choices,
        "last": _last_change(listing, pk),
        "hidden": [*kept, ("version", str(error.version))],
    }
    name = "_conflict.html" if is_fragment(request) else "conflict.html"
    response = answer(request, f"surfaces/{name}", context, status=409)
    response["X-Guanxi-Dialog"] = "1"
    return response


def _last_change(listing: Listing, pk: Any) -> dict[str, str] | None:
    """Who was quicker, and when."""
    at = now()
    found = history.read_history(listing.type, pk, size=1, actor=listing.actor, at=at).entries
    if not found:
        return None
    event = found[0].event
    return {"who": event.actor_label, "when": Formatter(listing.actor, at).moment(event.at)}


def _choices(listing: Listing, differences: Any) -> list[Choice]:
    formatter = Formatter(listing.actor, now())
    describer = Describer(listing, formatter)
    fields = listing.fields
    seen = [d for d in differences if d.field in fields]
    describer.prepare(
        {"field": d.field, "value": each} for d in seen for each in (d.mine, d.theirs, d.base)
    )
    return [_choice(fields[d.field], d, formatter, describer) for d in seen]


def _choice(
    field: Field, difference: Difference, formatter: Formatter, describer: Describer
) -> Choice:
    def said(value: Any) -> str:
        if value in BLANK and value is not False:
            return "—"
        if field.type in {"ref", "refs"}:
            return describer.value(field, "is", value)
        return formatter.text(field, value) if not isinstance(value, str) else _text(value)

    def _text(value: str) -> str:
        is_choice = field.type in {"choice", "multichoice"}
        return formatter.choice(field, value) if is_choice else value

    is_mine = difference.base == difference.theirs or difference.mine != difference.base
    return Choice(
        field.name, str(field.label), said(difference.base), said(difference.mine),
        said(difference.theirs), is_mine,
    )  # fmt: skip
