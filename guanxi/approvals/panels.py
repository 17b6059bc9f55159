"""What a request's page shows: what is to be decided, the signatures, and the buttons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext

from guanxi.approvals.access import WITHDRAW
from guanxi.approvals.choices import RequestState, SeatState
from guanxi.approvals.content import FILE
from guanxi.approvals.declarations import get_subject
from guanxi.approvals.models import Flow, Request, Seat
from guanxi.approvals.seating import find_seat, live_seats, subject_of
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor, Level
from guanxi.kernel.errors import Denied, RuleViolation
from guanxi.kernel.events import subject_type
from guanxi.kernel.values import to_json
from guanxi.surfaces.history import Change
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.happenings import Teller
from guanxi.surfaces.html.requests import record_url
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.records import get_record_type


# What is to be decided ----------------------------------------------------------------------------
def content(actor: Actor, request: Model, at: datetime) -> Mapping[str, Any]:
    """Each value under approval as the reader may see it, beside the one that it replaces."""
    assert isinstance(request, Request)  # noqa: S101
    record, kind = subject_of(request), get_record_type(request.subject_type)
    subject = get_subject(request.subject_type)
    listing = Listing(kind, actor, at=at)
    before, now = subject.before(record), subject.content(record)
    changes = [
        _change(listing, name, before.get(name), value)
        for name, value in now.items()
        if listing.actor.level(_group(listing, name)) is not Level.HIDDEN
    ]
    teller = Teller(listing, Formatter(actor, at))
    teller.describer.prepare({"field": c.name, "value": v} for c in changes for v in (c.old, c.new))
    rows = kind.in_scope(actor).filter(pk=record.pk)
    return {
        "lines": [(teller.change(c), c.name in request.changed) for c in changes],
        "has_before": bool(before),
        "files": [(f.name, f"{FILE}{f.name}" in request.changed) for f in subject.files(record)],
        "url": record_url(kind, record) if rows.exists() else "",
        "kind": kind.label,
        "reason": request.reason,
    }


def _group(listing: Listing, name: str) -> str | None:
    known = listing.every_field.get(name)
    return known.group if known else None


def _change(listing: Listing, name: str, old: Any, new: Any) -> Change:
    known = listing.every_field.get(name)
    is_masked = listing.actor.level(_group(listing, name)) is Level.MASKED
    label = str(known.label) if known else name
    seen_old, seen_new = (listing.seen(name, to_json(v)) for v in (old, new))
    return Change(name, label, seen_old, seen_new, is_masked, known)


def approvals_of(actor: Actor, record: Model, at: datetime) -> Mapping[str, Any]:
    """The approvals of a record that the reader may see, newest first, for its own page."""
    key, formatter = subject_type(type(record)), Formatter(actor, at)
    rows = get_record_type("approvals.request").in_scope(actor)
    found = rows.filter(subject_type=key, subject_id=record.pk).order_by("-pk")[:5]
    return {"requests": [(each, formatter.when(each.updated_at)) for each in found]}


# Signatures ---------------------------------------------------------------------------------------
@dataclass
class ShownSeat:
    """One approver's part in words."""

    who: str
    state: str
    label: str
    note: str = ""
    comment: str = ""
    is_added: bool = False


@dataclass
class ShownStep:
    """A step of the flow with those who are asked in it."""

    label: str
    state: str
    mode: str
    note: str = ""
    seats: list[ShownSeat] = field(default_factory=list)


def steps(actor: Actor, request: Model, at: datetime) -> Mapping[str, Any]:
    """Every step: done (who, when), now, and to come; void signatures of earlier rounds below."""
    assert isinstance(request, Request)  # noqa: S101
    formatter = Formatter(actor, at)
    rows = request.seats.select_related("user", "role", "decided_by", "stood_for")
    seats = list(rows.order_by("position", "pk"))
    live = [s for s in seats if s.state != SeatState.VOID]
    shown = [
        _step(request, position, list(group), formatter)
        for position, group in groupby(live, key=lambda s: s.position)
    ]
    void = [s for s in seats if s.state == SeatState.VOID and s.decided_by_id]
    return {"steps": shown, "void": [_seat(s, formatter) for s in void]}


def _step(request: Request, position: int, seats: list[Seat], formatter: Formatter) -> ShownStep:
    first = seats[0]
    is_open = request.state == RequestState.OPEN
    state = "now" if is_open and position == request.position else "next"
    if position < request.position or request.state == RequestState.APPROVED:
        state = "done"
    mode = str(first.get_mode_display()) if len(seats) > 1 else ""
    due = request.due_at if state == "now" else None
    note = gettext("until %(when)s") % {"when": formatter.moment_short(due)} if due else ""
    return ShownStep(first.step_name, state, mode, note, [_seat(s, formatter) for s in seats])


def _seat(seat: Seat, formatter: Formatter) -> ShownSeat:
    label = str(SeatState(seat.state).label)
    when = formatter.moment_short(seat.decided_at) if seat.decided_at else ""
    return ShownSeat(_who(seat), seat.state, label, when, seat.comment, seat.is_added)


def _who(seat: Seat) -> str:
    if seat.decided_by is None:
        return str(seat.user or seat.role or seat.get_kind_display())
    if seat.stood_for is None:
        return str(seat.decided_by)
    return gettext("%(who)s for %(person)s") % {"who": seat.decided_by, "person": seat.stood_for}


# Buttons ------------------------------------------------------------------------------------------
def decide(actor: Actor, request: Model, at: datetime) -> Mapping[str, Any]:
    """The buttons of whoever can decide or submit again now; else why they cannot."""
    del at
    assert isinstance(request, Request)  # noqa: S101
    is_own = actor.user_id in {request.requester_id, request.stands_for_id}
    found: dict[str, Any] = {"can_decide": False, "why_not": "", "earlier": []}
    found["can_resubmit"] = (
        request.state == RequestState.RETURNED and is_own and actor.can(WITHDRAW)
    )
    if request.state != RequestState.OPEN:
        return found
    seats = live_seats(request)
    try:
        find_seat(request, subject_of(request), seats, actor)
    except Denied:
        return found
    except RuleViolation as error:
        return found | {"why_not": error.text}
    names = {s.position: s.step_name for s in seats if s.position < request.position}
    return found | {"can_decide": True, "earlier": sorted(names.items())}


# Flows --------------------------------------------------------------------------------------------
def flow_steps(actor: Actor, flow: Model, at: datetime) -> Mapping[str, Any]:
    """The steps of a flow in order, with the way to add one."""
    del at
    assert isinstance(flow, Flow)  # noqa: S101
    kind = get_record_type("approvals.flowstep")
    rows = visible(actor, kind.allows("view"), flow.steps.filter(archived_at=None))
    return {
        "steps": rows.order_by("place", "pk").prefetch_related("roles", "people"),
        "can_add": actor.can(kind.allows("create")),
        "flow": flow,
    }
