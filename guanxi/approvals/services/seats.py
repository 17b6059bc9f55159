"""Giving a decision to somebody else, and asking for one more signature."""

from datetime import datetime

from guanxi.approvals import messages, rules
from guanxi.approvals.access import DECIDE, TRANSFER
from guanxi.approvals.choices import Act, SeatKind, SeatState
from guanxi.approvals.events import SeatTransferred, SignerAdded
from guanxi.approvals.models import Request, Seat
from guanxi.approvals.seating import appoint_all, find_seat, holders, may_decide, path_of
from guanxi.approvals.services.moving import (
    Case,
    find_case,
    move,
    note,
    open_case,
    refresh_waiting,
)
from guanxi.kernel.actor import Actor, Reach
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import Denied, RuleViolation
from guanxi.people.models import User


@atomic_retried
def transfer_seat(
    request_id: int,
    *,
    to_user: int,
    from_user: int | None = None,
    reason: str = "",
    actor: Actor,
    at: datetime,
) -> Request:
    """Give one's part of the present step to somebody else; who looks after them, anybody's."""
    case = open_case(request_id, TRANSFER, actor=actor, at=at)
    rules.check_act(case.request.state, Act.TRANSFER)
    seat = _seat_to_give(case, from_user)
    person = _fit(case, to_user)
    before = seat.user.name if seat.user else str(seat.role or "")
    seat.user, seat.asked_at = person, at
    Seat.objects.filter(pk=seat.pk, state=SeatState.ASKED).update(user=person, asked_at=at)
    move(case)
    refresh_waiting(case)
    note(case, SeatTransferred(seat.step_name, before, person.name, reason[:200]))
    return case.request


def _seat_to_give(case: Case, from_user: int | None) -> Seat:
    """One's own seat; or the one of the person named, for whoever may transfer that far."""
    me = case.actor.user_id
    if from_user in {None, me}:
        try:
            return find_seat(case.request, case.record, case.seats, case.actor)[0]
        except Denied:
            if from_user is not None:
                raise
    reach = case.actor.reach(TRANSFER)
    if reach is None or reach < Reach.BRANCH:
        raise Denied(TRANSFER)
    path, circle = path_of(case.request), case.circle()
    asked = [s for s in case.here if s.state == SeatState.ASKED]
    if from_user is not None:
        asked = [s for s in asked if from_user in holders(s, path, circle)]
    if len(asked) != 1:
        raise RuleViolation("whose", messages.WHOSE, "from_user")
    return asked[0]


def _fit(case: Case, user_id: int) -> User:
    """Somebody who may decide this step and is not asked in it yet."""
    if not may_decide(user_id):
        raise RuleViolation("not_approver", messages.NOT_APPROVER, "to_user")
    try:
        rules.refuse_decider({user_id}, case.circle())
    except RuleViolation as error:
        raise RuleViolation(error.code, error.message, "to_user") from error
    if any(s.user_id == user_id and s.state == SeatState.ASKED for s in case.here):
        raise RuleViolation("seated_already", messages.SEATED_ALREADY, "to_user")
    return User.objects.get(pk=user_id)


@atomic_retried
def add_signer(
    request_id: int, *, to_user: int, reason: str = "", actor: Actor, at: datetime
) -> Request:
    """Ask for one more signature in the present step, which it then needs."""
    case = open_case(request_id, DECIDE, actor=actor, at=at)
    rules.check_act(case.request.state, Act.ADD_SIGNER)
    seat, _person = find_seat(case.request, case.record, case.seats, case.actor)
    person = _fit(case, to_user)
    added = Seat(
        request=case.request,
        round=case.request.round,
        position=seat.position,
        step_name=seat.step_name,
        mode=seat.mode,
        hours=seat.hours,
        kind=SeatKind.PERSON,
        user=person,
        is_added=True,
        state=SeatState.ASKED,
        asked_at=at,
    )
    insert_rows([added])
    case.seats.append(added)
    move(case)
    refresh_waiting(case)
    note(case, SignerAdded(seat.step_name, person.name, reason[:200]))
    return case.request


@atomic_retried
def reseat_request(request_id: int, *, actor: Actor, at: datetime) -> None:
    """Ask somebody else where a person who was asked has left: never nobody (A13)."""
    case = find_case(request_id, actor=actor, at=at)
    if case is None:
        return
    path, circle = path_of(case.request), case.circle()
    asked = [s for s in case.here if s.state == SeatState.ASKED]
    kept = [s for s in asked if s.user_id is not None and may_decide(s.user_id)]
    open_seats = [s for s in asked if s not in kept]
    before = [s.user for s in open_seats]
    for seat in open_seats:
        seat.user = seat.user if seat.kind == SeatKind.PERSON else None
    taken = frozenset(s.user_id for s in kept if s.user_id is not None)
    appoint_all(open_seats, path, circle, taken)
    for seat, left in zip(open_seats, before, strict=True):
        if seat.user_id != (left.pk if left else None):
            seat.save(update_fields=["user"])
            person = User.objects.filter(pk=seat.user_id or 0).first()
            old, new = (who.name if who else str(seat.role or "") for who in (left, person))
            note(case, SeatTransferred(seat.step_name, old, new, ""))
    move(case)
    refresh_waiting(case)
