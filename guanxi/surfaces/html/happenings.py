"""What happened to a record, as entries of a timeline and as the history of one field."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Message, NotFound, RuleViolation
from guanxi.kernel.events import event_kinds
from guanxi.surfaces import history, services
from guanxi.surfaces.html.filters import Describer
from guanxi.surfaces.html.formats import BLANK, Formatter
from guanxi.surfaces.html.requests import (
    actor_of,
    answer,
    in_box,
    is_fragment,
    needs,
    now,
    record_url,
)
from guanxi.surfaces.listing import Listing, Money
from guanxi.surfaces.naming import by_what_way
from guanxi.surfaces.parsing import from_stored, is_number
from guanxi.surfaces.records import RecordType


def told(kind: str) -> tuple[Message, str]:
    """How an event's own class says it, and its icon; the last word of a kind that says nothing."""
    declared = event_kinds().get(kind)
    if declared is None:
        return kind.rpartition(".")[2], "circle-dot"
    return declared.said or kind.rpartition(".")[2], declared.icon


@dataclass(frozen=True)
class ShownChange:
    """One field before and after, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ShownEntry:
    """One entry of a timeline."""

    anchor: str
    kind: str
    icon: str
    actor: str
    verb: str
    time: str
    iso: str
    full_time: str
    chip: str = ""
    text: str = ""
    changes: Sequence[ShownChange] = ()
    next_contact: str = ""
    tools: Sequence[Any] = ()


@dataclass
class Day:
    """The entries of one day."""

    label: str
    entries: list[ShownEntry] = field(default_factory=list)


class Teller:
    """Says the entries of one record's history in words."""

    def __init__(self, listing: Listing, formatter: Formatter) -> None:
        self.listing, self.formatter = listing, formatter
        self.describer = Describer(listing, formatter)

    def prepare(self, entries: Sequence[history.Entry]) -> None:
        """Read the names of the records that the changes refer to."""
        self.describer.prepare(
            {"field": c.name, "value": v}
            for e in entries for c in e.changes for v in (c.old, c.new)
        )  # fmt: skip

    def entry(self, entry: history.Entry) -> ShownEntry:
        """One entry in words."""
        event = entry.event
        verb, icon = told(event.kind)
        local = event.at.astimezone(self.formatter.zone)
        is_new = event.kind == "record.created"
        return ShownEntry(
            anchor=f"event-{event.pk}", kind="change", icon=icon,
            actor=event.who or gettext("The system"), verb=str(verb),
            time=f"{local:%H:%M}", iso=event.at.isoformat(),
            full_time=self.formatter.moment(event.at), chip=by_what_way(event.channel),
            changes=() if is_new else [self.change(c) for c in entry.changes],
        )  # fmt: skip

    def change(self, change: history.Change) -> ShownChange:
        """One changed field in words."""
        return ShownChange(
            change.label, self._said(change, change.old), self._said(change, change.new)
        )

    def _said(self, change: history.Change, value: Any) -> str:
        known = change.field
        if (value in BLANK and value is not False) or known is None or change.is_masked:
            return "" if value in BLANK else str(value)[:200]
        if known.type in {"ref", "refs"}:
            return self.describer.value(known, "is", value)
        if known.type == "money" and isinstance(value, int):
            return self.formatter.text(known, Money(value, "CNY"))
        try:
            typed = from_stored(known, value)
        except (ValueError, TypeError):
            typed = value
        return self.formatter.text(known, typed)[:200]


def timeline_of(
    record_type: RecordType, pk: Any, actor: Actor, at: datetime, *, before: int = 0, size: int = 20
) -> dict[str, Any]:
    """A stretch of a record's history as the timeline's template shows it."""
    found = history.read_history(record_type, pk, before=before, size=size, actor=actor, at=at)
    formatter = Formatter(actor, at)
    teller = Teller(Listing(record_type, actor, at=at), formatter)
    teller.prepare(found.entries)
    more = record_url(record_type, pk, f"history/?before={found.next_before}")
    return {
        "days": _by_day([(e, teller.entry(e)) for e in found.entries], formatter),
        "more_url": more if found.next_before else "",
        "empty": gettext("Nothing has happened yet."),
    }


def _by_day(pairs: Sequence[tuple[history.Entry, ShownEntry]], formatter: Formatter) -> list[Day]:
    days: dict[date, Day] = {}
    for entry, shown in pairs:
        day = entry.event.at.astimezone(formatter.zone).date()
        days.setdefault(day, Day(formatter.day_heading(day))).entries.append(shown)
    return list(days.values())


# Views --------------------------------------------------------------------------------------------
@require_GET
@needs("view")
def show_history(request: HttpRequest, record_type: RecordType, pk: Any) -> HttpResponse:
    """Everything that happened to a record, or the next stretch of it."""
    written = request.GET.get("before", "0")
    before = int(written) if is_number(written) else 0
    actor, at = actor_of(request), now()
    timeline = timeline_of(record_type, pk, actor, at, before=before, size=50)
    if is_fragment(request) and before:
        return answer(request, "surfaces/components/timeline_rest.html", {"timeline": timeline})
    context = {
        "timeline": timeline,
        "title": gettext("History"),
        "back_url": record_url(record_type, pk),
    }
    return in_box(request, "surfaces/_history.html", context)


@require_GET
@needs("view")
def field_history(
    request: HttpRequest, record_type: RecordType, pk: Any, name: str
) -> HttpResponse:
    """Who set one field to what, and when."""
    actor, at = actor_of(request), now()
    listing = Listing(record_type, actor, at=at)
    known = listing.fields.get(name)
    if known is None:
        raise NotFound
    found = history.read_history(record_type, pk, size=500, actor=actor, at=at)
    entries = [e for e in found.entries if any(c.name == name for c in e.changes)]
    teller = Teller(listing, Formatter(actor, at))
    teller.prepare(entries)
    rows = [
        {
            "actor": e.event.who,
            "moment": teller.formatter.moment(e.event.at),
            "channel": by_what_way(e.event.channel),
            "change": next(teller.change(c) for c in e.changes if c.name == name),
        }
        for e in entries
    ]
    context = {
        "rows": rows,
        "title": gettext("History of %(field)s") % {"field": known.label},
        "back_url": record_url(record_type, pk),
    }
    return in_box(request, "surfaces/_field_history.html", context)


@require_http_methods(["GET", "POST"])
@needs("view")
def reveal(request: HttpRequest, record_type: RecordType, pk: Any, name: str) -> HttpResponse:
    """Ask for a masked value in clear: with a reason, noted in the access log (B07)."""
    actor, at = actor_of(request), now()
    listing = Listing(record_type, actor, at=at)
    known = listing.fields.get(name)
    if known is None or known.is_clear(actor):
        raise NotFound
    context: dict[str, Any] = {
        "title": gettext("Show %(field)s in clear") % {"field": known.label},
        "label": known.label,
        "url": record_url(record_type, pk, f"reveal/{name}/"),
        "cancel_url": record_url(record_type, pk),
        "errors": [],
        "reason": request.POST.get("reason", ""),
    }
    status = 200
    if request.method == "POST":
        try:
            value = services.reveal_value(
                record_type, pk, name, reason=context["reason"], actor=actor, at=at
            )
            context["value"] = Formatter(actor, at).text(replace(known, group=None), value)
            context["is_revealed"] = True
        except RuleViolation as error:
            context["errors"], status = [v.text for v in error.violations], 422
    else:
        listing.read(pk)
    return in_box(request, "surfaces/_reveal.html", context, status=status)
