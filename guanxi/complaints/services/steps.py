"""What every step does: lock, look at what holds, ask the rules, save, write down what happened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from guanxi.approvals.queries import list_running
from guanxi.complaints import rules
from guanxi.complaints.choices import FINDINGS, EntryKind
from guanxi.complaints.events import StepTaken
from guanxi.complaints.models import Complaint, Entry
from guanxi.kernel.access import get_allowed, stands_for
from guanxi.kernel.actor import Actor
from guanxi.kernel.events import record
from guanxi.kernel.models import StoredFile
from guanxi.people.services.steps import cleaned, save_columns
from guanxi.surfaces.records import get_record_type

LONG = 4000


def open_complaint(complaint_id: int, verb: str, actor: Actor) -> Complaint:
    """Lock and fetch a complaint for a verb."""
    rows = Complaint.objects.filter(archived_at=None).select_for_update(of=("self",), no_key=True)
    permission = get_record_type("complaints.complaint").allows(verb)
    return get_allowed(actor, permission, rows, seen_by="complaints.view", pk=complaint_id)


def read_present(complaint: Complaint) -> rules.Present:
    """What a complaint holds in its present round."""
    entries = list(complaint.entries.filter(round=complaint.round).order_by("at", "pk"))
    told = [e.at for e in entries if e.kind == EntryKind.TOLD]
    visits = [e for e in entries if e.kind == EntryKind.VISIT]
    remedies = list(complaint.remedies.filter(round=complaint.round).values_list("done_at"))
    approved_at, executed_at = complaint.approved_at, complaint.executed_at
    return rules.Present(
        handler=complaint.handler_id,
        concerned=frozenset(complaint.concerned.values_list("pk", flat=True)),
        has_finding=any(e.kind in FINDINGS for e in entries),
        is_reviewed=complaint.legal_at is not None,
        remedies=len(remedies),
        carried_out=sum(done is not None for (done,) in remedies),
        is_told_plan=approved_at is not None and any(at >= approved_at for at in told),
        is_told=executed_at is not None and any(at >= executed_at for at in told),
        attempts=sum(e.kind == EntryKind.ATTEMPT for e in entries),
        outcome=visits[-1].outcome if visits else "",
        visitors=frozenset(e.by_id for e in visits if e.by_id),
        has_ruling=bool(complaint.ruling),
        is_undecided=not list_running(complaint).exists(),
    )


def acting(complaint: Complaint, actor: Actor) -> set[int]:
    """The person who acts, and the handler if they act in the handler's stead."""
    person = stands_for(actor, complaint)
    return {pk for pk in (actor.user_id, person[0] if person else None) if pk is not None}


def check(complaint: Complaint, step: str, actor: Actor) -> str:
    """Where a step leads, or the reason why it cannot be taken."""
    if not rules.is_possible(step, complaint.state):
        return rules.check_step(step, complaint.state, ())  # Refuses before anything is read.
    facts = rules.facts_of(read_present(complaint), acting(complaint, actor))
    return rules.check_step(step, complaint.state, facts)


def take_step(
    complaint: Complaint,
    step: str,
    happened: type[StepTaken],
    *,
    actor: Actor,
    at: datetime,
    note: str = "",
    columns: Mapping[str, Any] | None = None,
) -> Complaint:
    """Take a step that the table allows, with the columns that belong to it."""
    state = check(complaint, step, actor)
    moved = {} if state == complaint.state else {"state": state, "state_since": at}
    save_columns(complaint, at, **{**moved, **(columns or {})})
    return note_step(complaint, happened, actor=actor, at=at, note=note)


def note_step(
    complaint: Complaint,
    happened: type[StepTaken],
    *,
    actor: Actor,
    at: datetime,
    note: str = "",
    **facts: str,
) -> Complaint:
    """Write down what happened, on the complaint alone: not on its customer's timeline."""
    told = happened(complaint.version, complaint.state, note[:500], **facts)
    record(told, subject=complaint, actor=actor, at=at)
    return complaint


def write_entry(
    complaint: Complaint,
    kind: EntryKind,
    text: str,
    *,
    actor: Actor,
    at: datetime,
    channel: str = "",
    outcome: str = "",
    file: StoredFile | None = None,
) -> Entry:
    """Add a line to the file; lines are never changed."""
    return Entry.objects.create(
        complaint=complaint,
        round=complaint.round,
        kind=kind,
        at=at,
        by_id=actor.user_id,
        channel=channel,
        text=cleaned(text, "text", LONG),
        outcome=outcome,
        file=file,
    )
