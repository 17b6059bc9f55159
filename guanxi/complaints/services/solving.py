"""From the remedies to their execution (CPL-3, CPL-4)."""

from datetime import date, datetime

from django.db.models import Sum

from guanxi.approvals.services import request_approval
from guanxi.complaints import clocks, messages, rules
from guanxi.complaints.choices import RemedyKind
from guanxi.complaints.events import (
    ExecutionBegun,
    ExecutionFinished,
    RemediesChanged,
    SolutionDecided,
    SolutionProposed,
)
from guanxi.complaints.models import Complaint, Remedy
from guanxi.complaints.services.handling import round_key
from guanxi.complaints.services.steps import (
    LONG,
    check,
    note_step,
    open_complaint,
    take_step,
)
from guanxi.deadlines.services import start_clock, stop_clock
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import RuleViolation
from guanxi.people.services.steps import cleaned, save_columns


@atomic_retried
def add_remedy(
    complaint_id: int,
    *,
    kind: str,
    text: str,
    amount_minor: int | None = None,
    actor: Actor,
    at: datetime,
) -> Complaint:
    """Add one thing to be done for the customer, and what it costs."""
    complaint = open_complaint(complaint_id, "add_remedy", actor)
    check(complaint, "add_remedy", actor)
    if (amount_minor or 0) < 0:
        raise RuleViolation("amount", messages.AMOUNT, "amount_minor")
    complaint.remedies.create(
        round=complaint.round,
        kind=kind,
        text=cleaned(text, "text", 300),
        amount_minor=amount_minor or 0,
    )
    return _follow_remedies(complaint, actor, at)


@atomic_retried
def drop_remedy(complaint_id: int, *, remedy: int, actor: Actor, at: datetime) -> Complaint:
    """Take a remedy out again before the solution is proposed."""
    complaint = open_complaint(complaint_id, "drop_remedy", actor)
    check(complaint, "drop_remedy", actor)
    _find(complaint, remedy).delete()
    return _follow_remedies(complaint, actor, at)


def _find(complaint: Complaint, remedy_id: int) -> Remedy:
    rows = complaint.remedies.filter(pk=remedy_id, round=complaint.round, done_at=None)
    found = rows.first()
    if found is None:
        raise RuleViolation("no_remedy", messages.NO_REMEDY, "remedy")
    return found


def _follow_remedies(complaint: Complaint, actor: Actor, at: datetime) -> Complaint:
    """Keep the list and the sum of the remedies, which is what is decided upon."""
    rows = complaint.remedies.order_by("pk")
    lines = [_line(each) for each in rows.filter(round=complaint.round)]
    cost = rows.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    save_columns(complaint, at, remedy_list="\n".join(lines), cost_minor=cost)
    return note_step(complaint, RemediesChanged, actor=actor, at=at, note="\n".join(lines))


def _line(remedy: Remedy) -> str:
    """A remedy as text that is the same for every reader: it is what is decided upon."""
    amount = f" ¥{remedy.amount_minor // 100:,}.{remedy.amount_minor % 100:02d}"
    return f"{RemedyKind(remedy.kind).value}: {remedy.text}{amount if remedy.amount_minor else ''}"


@atomic_retried
def propose_solution(
    complaint_id: int, *, solution: str, solve_by: date, actor: Actor, at: datetime
) -> Complaint:
    """Ask for the approval of the solution; by amount, of those who may decide on so much."""
    complaint = open_complaint(complaint_id, "propose", actor)
    columns = {"solution": cleaned(solution, "solution", LONG), "solve_by": solve_by}
    take_step(complaint, "propose", SolutionProposed, actor=actor, at=at, columns=columns)
    request_approval(complaint, reason="", actor=actor, at=at)
    return complaint


def settle_solution(complaint: Complaint, outcome: str, actor: Actor, at: datetime) -> None:
    """The solution was approved, refused or taken back; inside the deciding transaction."""
    steps = {"approved": "solution_agreed", "rejected": "solution_refused"}
    step = steps.get(outcome, "solution_withdrawn")
    state = rules.check_step(step, complaint.state, ())
    approved_at = at if step == "solution_agreed" else None
    save_columns(complaint, at, state=state, state_since=at, approved_at=approved_at)
    note_step(complaint, SolutionDecided, actor=actor, at=at, note=outcome)


@atomic_retried
def begin_execution(complaint_id: int, *, actor: Actor, at: datetime) -> Complaint:
    """Carry the solution out, once the customer knows it."""
    complaint = open_complaint(complaint_id, "begin", actor)
    return take_step(complaint, "begin", ExecutionBegun, actor=actor, at=at)


@atomic_retried
def carry_out_remedy(
    complaint_id: int, *, remedy: int, proof: str, actor: Actor, at: datetime
) -> Complaint:
    """Note that one remedy was carried out, and what proves it."""
    complaint = open_complaint(complaint_id, "carry_out", actor)
    check(complaint, "carry_out", actor)
    found = _find(complaint, remedy)
    found.done_at, found.done_by_id = at, actor.user_id
    found.proof = cleaned(proof, "proof", 300)
    found.save(update_fields=["done_at", "done_by", "proof"])
    return note_step(complaint, RemediesChanged, actor=actor, at=at, note=found.text)


@atomic_retried
def finish_execution(complaint_id: int, *, actor: Actor, at: datetime) -> Complaint:
    """Everything is carried out: the follow-up visit is due within three working days (CPL-4)."""
    complaint = open_complaint(complaint_id, "finish", actor)
    columns = {"executed_at": at}
    take_step(complaint, "finish", ExecutionFinished, actor=actor, at=at, columns=columns)
    stop_clock(complaint, clocks.RESOLVE, actor=actor, at=at)
    start_clock(complaint, clocks.VISIT, key=round_key(complaint), actor=actor, at=at)
    return complaint
