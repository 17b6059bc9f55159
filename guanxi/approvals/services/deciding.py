"""Approve, reject, return: decided once, by one person who may, on what they have seen."""

from dataclasses import dataclass
from datetime import datetime

from guanxi.approvals import messages, rules
from guanxi.approvals.access import DECIDE
from guanxi.approvals.choices import Act, RequestState, SeatState
from guanxi.approvals.events import RequestRejected, RequestReturned, StepApproved
from guanxi.approvals.models import Request, Seat
from guanxi.approvals.notifications import RETURNED
from guanxi.approvals.seating import find_seat
from guanxi.approvals.services.moving import (
    Case,
    ask_anew,
    ask_step,
    finish,
    move,
    note,
    open_case,
    refresh_waiting,
    renew,
    seats_as_places,
    set_seats,
    settle_seat,
    stale,
    tell,
    wait_for,
)
from guanxi.approvals.services.timing import stop_step
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import RuleViolation, StaleVersion
from guanxi.kernel.text import clean_text


@dataclass(frozen=True)
class Verdict:
    """What somebody decides, on which content, and why; `to_step` 0 is the requester."""

    act: Act
    seen: str
    comment: str = ""
    to_step: int = 0


def approve_request(
    request_id: int, *, seen: str, comment: str = "", actor: Actor, at: datetime
) -> Request:
    """Agree to what was seen."""
    return _decide(request_id, Verdict(Act.APPROVE, seen, comment), actor, at)


def reject_request(
    request_id: int, *, seen: str, comment: str, actor: Actor, at: datetime
) -> Request:
    """Say no for good, and why."""
    return _decide(request_id, Verdict(Act.REJECT, seen, comment), actor, at)


def return_request(
    request_id: int,
    *,
    seen: str,
    comment: str,
    to_step: int | None = None,
    actor: Actor,
    at: datetime,
) -> Request:
    """Send it back to the requester, or to an earlier step, and say why."""
    return _decide(request_id, Verdict(Act.RETURN, seen, comment, to_step or 0), actor, at)


def _decide(request_id: int, verdict: Verdict, actor: Actor, at: datetime) -> Request:
    """The refusal is raised when the voided signatures are stored: it must not take that back."""
    answer = _decide_locked(request_id, verdict, actor, at)
    if isinstance(answer, StaleVersion):
        raise answer
    return answer


@atomic_retried
def _decide_locked(
    request_id: int, verdict: Verdict, actor: Actor, at: datetime
) -> Request | StaleVersion:
    case = open_case(request_id, DECIDE, actor=actor, at=at)
    rules.check_act(case.request.state, verdict.act)
    seat, person_id = find_seat(case.request, case.record, case.seats, actor)
    if renew(case) or verdict.seen != case.request.seen:
        return stale(case)
    comment = clean_text(verdict.comment, max_length=500)
    rules.check_comment(verdict.act, comment)
    state = {
        Act.APPROVE: SeatState.APPROVED,
        Act.REJECT: SeatState.REJECTED,
        Act.RETURN: SeatState.RETURNED,
    }[verdict.act]
    settle_seat(
        case,
        seat,
        state,
        decided_by_id=actor.user_id,
        stood_for_id=person_id,
        comment=comment,
        seen=verdict.seen,
    )
    case.request.signed_by.add(actor.user_id or 0)
    _FOLLOWS[verdict.act](case, seat, verdict)
    return case.request


def _name_of(seat: Seat) -> str:
    return seat.stood_for.name if seat.stood_for else ""


# What follows -------------------------------------------------------------------------------------
def _approved(case: Case, seat: Seat, verdict: Verdict) -> None:
    happened = StepApproved(seat.step_name, seat.comment, _name_of(seat), verdict.seen)
    note(case, happened)
    position, found = case.request.position, seats_as_places(case)
    if not rules.is_passed(found, position):
        move(case)
        refresh_waiting(case)
        return
    stop_step(case.request, actor=case.actor, at=case.at)
    set_seats([s for s in case.here if s.state == SeatState.ASKED], SeatState.SPARED)
    following = rules.next_position(found, position)
    if following is None:
        finish(case, RequestState.APPROVED)
    else:
        move(case, **ask_step(case, following))


def _rejected(case: Case, seat: Seat, verdict: Verdict) -> None:
    happened = RequestRejected(seat.step_name, seat.comment, _name_of(seat), verdict.seen)
    note(case, happened)
    stop_step(case.request, actor=case.actor, at=case.at)
    finish(case, RequestState.REJECTED)


def _returned(case: Case, seat: Seat, verdict: Verdict) -> None:
    to_step = verdict.to_step
    happened = RequestReturned(seat.step_name, to_step, seat.comment, _name_of(seat), verdict.seen)
    note(case, happened)
    stop_step(case.request, actor=case.actor, at=case.at)
    if to_step:
        if to_step not in rules.earlier_positions(seats_as_places(case), case.request.position):
            raise RuleViolation("no_such_step", messages.NO_SUCH_STEP, "to_step")
        move(case, asked_at=case.at, **ask_anew(case, to_step))
        return
    set_seats([s for s in case.here if s.state == SeatState.ASKED], SeatState.SPARED)
    wait_for(case, set(), "")
    case.request.waiting_for.set([case.request.requester_id])
    move(case, state=RequestState.RETURNED, due_at=None)
    tell(case, RETURNED, [case.request.requester_id], case.actor.label)


_FOLLOWS = {Act.APPROVE: _approved, Act.REJECT: _rejected, Act.RETURN: _returned}
