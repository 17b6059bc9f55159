"""Word to and from the customer, deadlines that wait for them, and the follow-up visit (CPL-4)."""

from datetime import datetime

from django.db import transaction

from guanxi.complaints import clocks, rules
from guanxi.complaints.choices import EntryKind, Wait
from guanxi.complaints.events import CustomerVisited, DeadlinesHeld, EntryWritten
from guanxi.complaints.models import Complaint
from guanxi.complaints.queries import KEY, get_complaint, get_evidence
from guanxi.complaints.services.handling import round_key
from guanxi.complaints.services.steps import (
    check,
    note_step,
    open_complaint,
    read_present,
    take_step,
    write_entry,
)
from guanxi.deadlines.services import pause_clock, resume_clock, stop_clock
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import NotFound
from guanxi.kernel.events import Seen, record_access
from guanxi.kernel.models import StoredFile
from guanxi.people.services.steps import cleaned


@atomic_retried
def tell_customer(
    complaint_id: int, *, channel: str, text: str, actor: Actor, at: datetime
) -> Complaint:
    """Note what the customer was told, and how: the answer, the solution, the outcome."""
    complaint = open_complaint(complaint_id, "tell", actor)
    check(complaint, "tell", actor)
    write_entry(complaint, EntryKind.TOLD, text, actor=actor, at=at, channel=channel)
    stop_clock(complaint, clocks.REPLY, actor=actor, at=at)
    return note_step(complaint, EntryWritten, actor=actor, at=at, entry="told")


@atomic_retried
def hear_customer(
    complaint_id: int, *, channel: str, text: str, actor: Actor, at: datetime
) -> Complaint:
    """Note what the customer says; deadlines that waited for it run on."""
    complaint = open_complaint(complaint_id, "hear", actor)
    check(complaint, "hear", actor)
    write_entry(complaint, EntryKind.HEARD, text, actor=actor, at=at, channel=channel)
    for kind in (clocks.RESOLVE, clocks.REPLY):
        resume_clock(complaint, kind, reason=Wait.CUSTOMER, actor=actor, at=at)
    key = round_key(complaint)
    resume_clock(complaint, clocks.VISIT, reason=Wait.LATER, key=key, actor=actor, at=at)
    return note_step(complaint, EntryWritten, actor=actor, at=at, entry="heard")


@atomic_retried
def wait_for_customer(
    complaint_id: int, *, reason: str, note: str, actor: Actor, at: datetime
) -> Complaint:
    """Hold the deadlines that may be held while the customer owes an answer or asked for later."""
    complaint = open_complaint(complaint_id, "wait", actor)
    words = cleaned(note, "note", 200)
    take_step(complaint, "wait", DeadlinesHeld, actor=actor, at=at, note=words)
    if reason == Wait.LATER:
        key = round_key(complaint)
        pause_clock(complaint, clocks.VISIT, reason=reason, key=key, actor=actor, at=at)
        return complaint
    for kind in (clocks.RESOLVE, clocks.REPLY):
        pause_clock(complaint, kind, reason=reason, actor=actor, at=at)
    return complaint


@atomic_retried
def note_attempt(
    complaint_id: int, *, channel: str, text: str, actor: Actor, at: datetime
) -> Complaint:
    """Note that the customer could not be reached; three attempts stand for a visit."""
    complaint = open_complaint(complaint_id, "attempt", actor)
    take_step(complaint, "attempt", CustomerVisited, actor=actor, at=at)
    write_entry(complaint, EntryKind.ATTEMPT, text, actor=actor, at=at, channel=channel)
    if read_present(complaint).attempts >= rules.ATTEMPTS:
        stop_clock(complaint, clocks.VISIT, key=round_key(complaint), actor=actor, at=at)
    return complaint


@atomic_retried
def note_visit(
    complaint_id: int,
    *,
    channel: str,
    outcome: str,
    satisfaction: str,
    text: str,
    actor: Actor,
    at: datetime,
) -> Complaint:
    """Note how the customer finds the outcome and the handling (CPL-4)."""
    complaint = open_complaint(complaint_id, "visit", actor)
    columns = {"satisfaction": satisfaction}
    take_step(
        complaint, "visit", CustomerVisited, actor=actor, at=at, note=outcome, columns=columns
    )
    write_entry(
        complaint, EntryKind.VISIT, text, actor=actor, at=at, channel=channel, outcome=outcome
    )
    stop_clock(complaint, clocks.VISIT, key=round_key(complaint), actor=actor, at=at)
    return complaint


# What leaves the file -----------------------------------------------------------------------------
@transaction.atomic
def open_evidence(complaint_id: int, *, entry_id: int, actor: Actor, at: datetime) -> StoredFile:
    """Hand out a file to whoever may open it; the access log keeps who did."""
    complaint = get_complaint(complaint_id, actor, "complaints.download")
    found = get_evidence(complaint, entry_id)
    if found is None:
        raise NotFound
    record_access(Seen("download", KEY, str(complaint.pk), None, (found.name,)), actor=actor, at=at)
    return found


@transaction.atomic
def note_printed(complaint_id: int, *, name: str, actor: Actor, at: datetime) -> Complaint:
    """Keep in the access log that a report or a letter was written."""
    complaint = get_complaint(complaint_id, actor, "complaints.print")
    record_access(Seen("print", KEY, str(complaint.pk), None, (name,)), actor=actor, at=at)
    return complaint
