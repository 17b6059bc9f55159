"""From acknowledgement to the responsibility that legal has approved (CPL-2)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from guanxi.approvals.services import request_approval
from guanxi.complaints import clocks, messages, rules
from guanxi.complaints.choices import EntryKind
from guanxi.complaints.events import (
    ComplaintAcknowledged,
    ComplaintAssigned,
    EntryWritten,
    InvestigationBegun,
    InvestigationExtended,
    LegalAsked,
    LegalReviewed,
    ResponsibilityDetermined,
)
from guanxi.complaints.models import Complaint
from guanxi.complaints.notifications import ASSIGNED
from guanxi.complaints.services.steps import (
    LONG,
    check,
    note_step,
    open_complaint,
    take_step,
    write_entry,
)
from guanxi.deadlines.services import (
    Level,
    Measure,
    Promise,
    Target,
    follow_clocks,
    retarget_clock,
    stop_clock,
)
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.files import AcceptedFile, write_row
from guanxi.notifications.services import notify, settle_notifications
from guanxi.people.models import User
from guanxi.people.services.steps import cleaned, save_columns

_LEVELS: Final = (
    Level("80%", percent=80, to=("owner",)),
    Level("100%", percent=100, to=("owner", "head")),
)


def round_key(complaint: Complaint) -> str:
    """What tells apart the clocks of a complaint that was opened again."""
    return "" if complaint.round == 1 else str(complaint.round)


@atomic_retried
def acknowledge_complaint(complaint_id: int, *, text: str, actor: Actor, at: datetime) -> Complaint:
    """Tell the customer, the way they came, that it has arrived and who takes care of it."""
    complaint = open_complaint(complaint_id, "acknowledge", actor)
    take_step(complaint, "acknowledge", ComplaintAcknowledged, actor=actor, at=at)
    write_entry(complaint, EntryKind.TOLD, text, actor=actor, at=at, channel=complaint.channel)
    stop_clock(complaint, clocks.RESPOND, actor=actor, at=at)
    return complaint


@atomic_retried
def assign_complaint(
    complaint_id: int, *, handler: int, reason: str = "", actor: Actor, at: datetime
) -> Complaint:
    """Give a complaint to whoever handles it from here, with its deadlines."""
    complaint = open_complaint(complaint_id, "assign", actor)
    rules.check_handler(handler, complaint.concerned.values_list("pk", flat=True))
    person = User.objects.get(pk=handler)
    columns = {"handler_id": handler, "department_id": person.department_id}
    note = cleaned(reason, "reason", 200)
    take_step(
        complaint, "assign", ComplaintAssigned, actor=actor, at=at, note=note, columns=columns
    )
    complaint.handler = person
    follow_clocks(complaint)
    settle_notifications(complaint, kinds=[ASSIGNED.code], at=at)
    if handler != actor.user_id:
        key = f"{ASSIGNED.code}:{complaint.pk}:{complaint.version}"
        who = {"who": actor.label}
        notify(ASSIGNED.code, [handler], subject=complaint, params=who, key=key, actor=actor, at=at)
    return complaint


@atomic_retried
def investigate_complaint(
    complaint_id: int, *, concerned: Sequence[int] = (), actor: Actor, at: datetime
) -> Complaint:
    """Begin to investigate; whom it concerns sees it no more and decides nothing about it."""
    complaint = open_complaint(complaint_id, "investigate", actor)
    people = {complaint.handler_id, actor.user_id} - {None}
    for person in people:
        rules.check_handler(person or 0, concerned)
    take_step(complaint, "investigate", InvestigationBegun, actor=actor, at=at)
    complaint.concerned.set(concerned)
    return complaint


@atomic_retried
def note_finding(
    complaint_id: int, *, kind: str, text: str, actor: Actor, at: datetime
) -> Complaint:
    """Write down what an interview, records or a check on site have shown."""
    complaint = open_complaint(complaint_id, "note_finding", actor)
    check(complaint, "note_finding", actor)
    write_entry(complaint, EntryKind(kind), text, actor=actor, at=at)
    return note_step(complaint, EntryWritten, actor=actor, at=at, entry=kind)


@atomic_retried
def add_evidence(
    complaint_id: int, *, accepted: AcceptedFile, text: str, actor: Actor, at: datetime
) -> Complaint:
    """Put a file into the complaint's file; its hash is kept with it."""
    complaint = open_complaint(complaint_id, "add_evidence", actor)
    check(complaint, "add_evidence", actor)
    stored = write_row(accepted, user_id=actor.user_id, at=at)
    text = text.strip() or accepted.name
    write_entry(complaint, EntryKind.EVIDENCE, text, actor=actor, at=at, file=stored)
    return note_step(
        complaint, EntryWritten, actor=actor, at=at, note=accepted.sha256, entry="evidence"
    )


@atomic_retried
def extend_investigation(
    complaint_id: int, *, days: int, reason: str, actor: Actor, at: datetime
) -> Complaint:
    """A head gives the investigation more time: at most ten working days in all (CPL-2)."""
    complaint = open_complaint(complaint_id, "extend", actor)
    rules.check_days(days)
    note = cleaned(reason, "reason", 200)
    take_step(complaint, "extend", InvestigationExtended, actor=actor, at=at, note=note)
    promise = Promise(Target(Measure.BUSINESS_DAYS, days), levels=_LEVELS)
    key = round_key(complaint)
    clock = retarget_clock(
        complaint, clocks.INVESTIGATE, promise=promise, reason=note, key=key, actor=actor, at=at
    )
    if clock is None or clock.breached_at or clock.phase != "running":
        raise RuleViolation("too_late", messages.TOO_LATE)
    return complaint


@atomic_retried
def determine_responsibility(
    complaint_id: int,
    *,
    cause: str,
    company_share: int,
    customer_share: int,
    third_share: int,
    grounds: str,
    third_party: str = "",
    actor: Actor,
    at: datetime,
) -> Complaint:
    """Propose who is responsible, in shares that make the whole, and why (CPL-2)."""
    complaint = open_complaint(complaint_id, "determine", actor)
    party = cleaned(third_party, "third_party", 120)
    rules.check_shares(company_share, customer_share, third_share, party)
    columns = {
        "cause": cause,
        "company_share": company_share,
        "customer_share": customer_share,
        "third_share": third_share,
        "third_party": party,
        "grounds": cleaned(grounds, "grounds", LONG),
        "determined_by_id": actor.user_id,
    }
    take_step(complaint, "determine", ResponsibilityDetermined, actor=actor, at=at, columns=columns)
    key = round_key(complaint)
    stop_clock(complaint, clocks.INVESTIGATE, key=key, actor=actor, at=at)
    return complaint


@atomic_retried
def submit_for_review(
    complaint_id: int, *, reason: str = "", actor: Actor, at: datetime
) -> Complaint:
    """Ask legal to review the responsibility, on what it says now."""
    complaint = open_complaint(complaint_id, "submit", actor)
    take_step(complaint, "submit", LegalAsked, actor=actor, at=at)
    request_approval(complaint, reason=cleaned(reason, "reason", 500), actor=actor, at=at)
    return complaint


_REVIEWS: Final = {"approved": "legal_agrees", "rejected": "legal_refuses"}


def close_review(complaint: Complaint, outcome: str, actor: Actor, at: datetime) -> None:
    """Legal has answered, or was asked no more; inside the deciding transaction."""
    step = _REVIEWS.get(outcome, "legal_is_withdrawn")
    columns = {"legal_at": at if step == "legal_agrees" else None}
    state = rules.check_step(step, complaint.state, ())
    moved = {} if state == complaint.state else {"state": state, "state_since": at}
    save_columns(complaint, at, **columns, **moved)
    note_step(complaint, LegalReviewed, actor=actor, at=at, note=outcome)
