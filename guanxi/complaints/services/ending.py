"""How a complaint ends: closed, taken back by the customer, or with an outside body."""

from datetime import datetime
from typing import Any, Final

from guanxi.complaints import clocks, messages
from guanxi.complaints.choices import WRITTEN, EntryKind
from guanxi.complaints.events import (
    ComplaintClosed,
    ComplaintReferred,
    ComplaintReopened,
    ComplaintWithdrawn,
    RulingNoted,
)
from guanxi.complaints.models import Complaint
from guanxi.complaints.services.handling import round_key
from guanxi.complaints.services.steps import LONG, open_complaint, take_step, write_entry
from guanxi.deadlines.services import cancel_clocks, start_clock
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import RuleViolation
from guanxi.people.services.steps import cleaned

#: What is decided anew in another round.
_ANEW: Final[dict[str, Any]] = {
    "legal_at": None, "approved_at": None, "executed_at": None, "closed_at": None,
    "determined_by_id": None, "solution": "", "solve_by": None, "remedy_list": "",
}  # fmt: skip


@atomic_retried
def close_complaint(
    complaint_id: int, *, reason: str = "", actor: Actor, at: datetime
) -> Complaint:
    """A second person closes what is executed, told and accepted (F10)."""
    complaint = open_complaint(complaint_id, "close", actor)
    note = cleaned(reason, "reason", 500)
    columns = {"closed_at": at, "reason": note}
    take_step(complaint, "close", ComplaintClosed, actor=actor, at=at, note=note, columns=columns)
    cancel_clocks(complaint, actor=actor, at=at)
    return complaint


@atomic_retried
def reopen_complaint(complaint_id: int, *, reason: str, actor: Actor, at: datetime) -> Complaint:
    """Investigate anew; the deadlines of before stay as they ended."""
    complaint = open_complaint(complaint_id, "reopen", actor)
    return _again(complaint, "reopen", reason, actor, at)


@atomic_retried
def take_back_complaint(complaint_id: int, *, reason: str, actor: Actor, at: datetime) -> Complaint:
    """Go on with what the outside body decided."""
    complaint = open_complaint(complaint_id, "take_back", actor)
    return _again(complaint, "take_back", reason, actor, at)


def _again(complaint: Complaint, step: str, reason: str, actor: Actor, at: datetime) -> Complaint:
    note = cleaned(reason, "reason", 500)
    columns = {**_ANEW, "round": complaint.round + 1, "reason": note}
    take_step(complaint, step, ComplaintReopened, actor=actor, at=at, note=note, columns=columns)
    key = round_key(complaint)
    start_clock(complaint, clocks.INVESTIGATE, key=key, actor=actor, at=at)
    return complaint


@atomic_retried
def withdraw_complaint(
    complaint_id: int, *, channel: str, text: str, actor: Actor, at: datetime
) -> Complaint:
    """The customer takes it back, in their own words."""
    complaint = open_complaint(complaint_id, "withdraw", actor)
    columns = {"closed_at": at}
    take_step(complaint, "withdraw", ComplaintWithdrawn, actor=actor, at=at, columns=columns)
    write_entry(complaint, EntryKind.HEARD, text, actor=actor, at=at, channel=channel)
    cancel_clocks(complaint, actor=actor, at=at)
    return complaint


@atomic_retried
def refer_complaint(
    complaint_id: int,
    *,
    body: str,
    channel: str,
    text: str,
    body_reference: str = "",
    actor: Actor,
    at: datetime,
) -> Complaint:
    """Leave it to the next recourse; the customer is told where to turn in writing."""
    complaint = open_complaint(complaint_id, "refer", actor)
    if channel not in WRITTEN:
        raise RuleViolation("in_writing", messages.IN_WRITING, "channel")
    reference = cleaned(body_reference, "body_reference", 80)
    columns = {"body": body, "body_reference": reference, "ruling": ""}
    take_step(complaint, "refer", ComplaintReferred, actor=actor, at=at, note=body, columns=columns)
    write_entry(complaint, EntryKind.TOLD, text, actor=actor, at=at, channel=channel)
    cancel_clocks(complaint, actor=actor, at=at)
    return complaint


@atomic_retried
def note_ruling(
    complaint_id: int, *, ruling: str, body_reference: str = "", actor: Actor, at: datetime
) -> Complaint:
    """Note what the outside body decided."""
    complaint = open_complaint(complaint_id, "note_ruling", actor)
    columns = {"ruling": cleaned(ruling, "ruling", LONG)}
    if body_reference:
        columns["body_reference"] = cleaned(body_reference, "body_reference", 80)
    take_step(complaint, "note_ruling", RulingNoted, actor=actor, at=at, columns=columns)
    return complaint
