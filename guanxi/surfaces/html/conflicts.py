"""Two people changed one record: what was merged is told, the same field is chosen (G01)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext

from guanxi.kernel.errors import Difference, StaleVersion
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html.filters import Describer
from guanxi.surfaces.html.formats import BLANK, Formatter
from guanxi.surfaces.html.forms import hidden_inputs
from guanxi.surfaces.html.requests import answer, is_fragment, now, record_url
from guanxi.surfaces.listing import Listing, Row
from guanxi.surfaces.naming import title_in
from guanxi.surfaces.services.reconciling import Merged

PICK = "pick."
_ANEW = frozenset({"csrfmiddlewaretoken", "version", "_fields", "back"})


@dataclass(frozen=True)
class Choice:
    """One field as it was read, as both set it, and who was quicker."""

    name: str
    label: str
    base: str
    mine: str
    theirs: str
    who: str
    when: str


# The same field -----------------------------------------------------------------------------------
def resolved(raw: Mapping[str, Any], posted: QueryDict) -> dict[str, Any]:
    """The submitted values without those for which the person took the other one's."""
    return {n: v for n, v in raw.items() if not _is_theirs(n, posted)}


def sent(fields: Mapping[str, Field], posted: QueryDict) -> dict[str, Field]:
    """The fields that the person still sets: of the others the record's own values are shown."""
    named = posted.get("_fields")
    names = set(named.split(",")) if named is not None else set(posted)
    return {n: f for n, f in fields.items() if n in names and not _is_theirs(n, posted)}


def _is_theirs(name: str, posted: QueryDict) -> bool:
    return posted.get(PICK + name) == "theirs"


def conflict_page(
    request: HttpRequest, listing: Listing, row: Row, error: StaleVersion,
    names: Iterable[str], *, back: str = "",
) -> HttpResponse:  # fmt: skip
    """The fields in conflict, side by side; what else was typed goes along under the new version.

    What the person had left as it was read is not sent again: it is not theirs to write.
    """
    wanted = [n for n in names if n not in error.settled]
    choices = _choices(listing, error.differences)
    chosen = {choice.name for choice in choices}
    kept = [p for p in hidden_inputs(request.POST, _ANEW) if not p[0].startswith(PICK)]
    anew = [("version", str(error.version)), ("_fields", ",".join(wanted))]
    back = back or request.POST.get("back", "")
    context = {
        "url": record_url(listing.type, row.pk, "edit/"),
        "cancel_url": record_url(listing.type, row.pk),
        "title": title_in(listing.type, row.values),
        "choices": choices,
        "along": gettext(", ").join(
            str(listing.every_field[n].label) for n in wanted if n not in chosen
        ),
        "hidden": [*kept, *anew, *([("back", back)] if back else [])],
    }
    name = "_conflict.html" if is_fragment(request) else "conflict.html"
    response = answer(request, f"surfaces/{name}", context, status=409)
    response["X-Guanxi-Dialog"] = "1"
    return response


def in_words(listing: Listing, error: StaleVersion) -> str:
    """Who has set what meanwhile, in one line; for a small form that stays where it is."""
    words = gettext("%(who)s meanwhile set “%(label)s” to %(theirs)s (%(when)s).")
    found = _choices(listing, error.differences)
    if not found or not all(choice.who for choice in found):
        return gettext("The record was changed meanwhile. Look at it again, then repeat.")
    told = [
        words % {"who": c.who, "label": c.label, "theirs": c.theirs, "when": c.when} for c in found
    ]
    return " ".join(told)


def _choices(listing: Listing, differences: Iterable[Difference]) -> list[Choice]:
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

    return Choice(
        field.name, str(field.label),
        said(difference.base) if difference.is_base_known else gettext("no longer known"),
        said(difference.mine), said(difference.theirs), difference.by,
        formatter.moment(difference.at) if difference.at else "",
    )  # fmt: skip


# Other fields -------------------------------------------------------------------------------------
def with_kept(saved: str, listing: Listing, merged: Merged) -> str:
    """“Saved”, and whose changes of which other fields were kept beside one's own."""
    fields = listing.every_field
    by: dict[str, list[str]] = {}
    for name, touch in merged.meanwhile.items():
        if name in fields and fields[name].is_visible(listing.actor):
            is_self = touch.by_id is not None and touch.by_id == listing.actor.user_id
            who = gettext("you elsewhere") if is_self else touch.by
            by.setdefault(who, []).append(gettext("“%(label)s”") % {"label": fields[name].label})
    words = gettext("also kept: what %(who)s changed in %(fields)s")
    kept = [words % {"who": who, "fields": gettext(", ").join(names)} for who, names in by.items()]
    return gettext("; ").join([saved, *kept])
