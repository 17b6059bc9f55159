"""Asking for an approval, submitting it again, and taking it back."""

import secrets
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import IntegrityError, transaction

from guanxi.approvals import messages, rules
from guanxi.approvals.access import WITHDRAW
from guanxi.approvals.choices import Act, RequestState, SeatKind
from guanxi.approvals.content import digest_parts
from guanxi.approvals.declarations import get_subject
from guanxi.approvals.events import (
    ApprovalRequested,
    RequestResubmitted,
    RequestWithdrawn,
)
from guanxi.approvals.models import Flow, FlowStep, Request, Seat
from guanxi.approvals.notifications import RETURNED, VOIDED
from guanxi.approvals.queries import find_flow
from guanxi.approvals.seating import appoint_all, path_of
from guanxi.approvals.services.moving import (
    Case,
    ask_anew,
    ask_step,
    finish,
    move,
    note,
    open_case,
)
from guanxi.kernel.access import stands_for
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import Denied, RuleViolation
from guanxi.kernel.events import subject_type
from guanxi.notifications.services import settle_notifications
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import customer_of


@transaction.atomic
def request_approval(
    record: Any, flow: Flow | None = None, *, reason: str = "", actor: Actor, at: datetime
) -> Request:
    """Ask for the approval of a record under a flow, or the first one that fits it."""
    key = subject_type(type(record))
    chosen = flow if flow is not None else find_flow(record, at)
    if chosen is None:
        raise RuleViolation("no_flow", messages.NO_FLOW)
    request = _new_request(key, record, chosen, actor, at)
    request.reason = reason[:500]
    _store(request)
    insert_rows(_seats(request, chosen))
    case = Case(request, record, list(request.seats.order_by("position", "pk")), actor, at)
    _check_seats(case)
    first = min(s.position for s in case.seats)
    move(case, **ask_step(case, first))
    note(case, ApprovalRequested(chosen.name, chosen.version, request.reason))
    return request


def _new_request(key: str, record: Any, flow: Flow, actor: Actor, at: datetime) -> Request:
    subject, salt = get_subject(key), secrets.token_hex(16)
    if actor.user_id is None:
        raise Denied("approvals.view")
    person = stands_for(actor, record)
    return Request(
        subject_type=key,
        subject_id=record.pk,
        subject_label=str(record)[:200],
        customer_id=customer_of(get_record_type(key), record),
        flow=flow,
        flow_version=flow.version,
        is_different=flow.is_different,
        requester_id=actor.user_id,
        stands_for_id=person[0] if person else None,
        department_id=subject.department(record),
        salt=salt,
        digests=digest_parts(subject, record, salt),
        asked_at=at,
        created_at=at,
        updated_at=at,
        created_by_id=actor.user_id,
    )


def _store(request: Request) -> None:
    """A record has one running approval; the index decides between two who ask at once."""
    try:
        with transaction.atomic():
            insert_rows([request])
    except IntegrityError as error:
        raise RuleViolation("asked_already", messages.ASKED_ALREADY) from error


def _seats(request: Request, flow: Flow) -> list[Seat]:
    """The flow's steps as they are now: a later change of the flow does not reach this request."""
    steps = flow.steps.filter(archived_at=None).order_by("place", "pk")
    seats = [
        seat
        for step in steps.prefetch_related("roles", "people")
        for seat in _seats_of(request, step)
    ]
    if not seats:
        raise RuleViolation("no_steps", messages.NO_STEPS)
    return seats


def _seats_of(request: Request, step: FlowStep) -> list[Seat]:
    common: dict[str, Any] = {
        "request": request,
        "position": step.place,
        "step_name": step.name,
        "mode": step.mode,
        "hours": step.hours,
    }
    seats = [Seat(kind=SeatKind.HEAD, **common)] if step.is_by_head else []
    seats += [Seat(kind=SeatKind.ROLE, role=role, **common) for role in step.roles.all()]
    return seats + [Seat(kind=SeatKind.PERSON, user=who, **common) for who in step.people.all()]


def _check_seats(case: Case) -> None:
    """Refuse at once what would end with nobody to decide it."""
    path, circle = path_of(case.request), case.circle()
    for _position, group in groupby(case.seats, key=lambda seat: seat.position):
        seats = list(group)
        named = [seat.user_id for seat in seats]
        found = appoint_all(seats, path, circle)
        for seat, user_id, people in zip(seats, named, found, strict=True):
            if not people:
                raise RuleViolation("nobody_decides", messages.NOBODY_DECIDES, step=seat.step_name)
            seat.user_id = user_id


# The requester's own ------------------------------------------------------------------------------
def _own_case(request_id: int, act: Act, actor: Actor, at: datetime) -> Case:
    case = open_case(request_id, WITHDRAW, actor=actor, at=at)
    if actor.user_id not in {case.request.requester_id, case.request.stands_for_id}:
        raise RuleViolation("not_requester", messages.NOT_REQUESTER)
    rules.check_act(case.request.state, act)
    return case


@atomic_retried
def resubmit_request(request_id: int, *, reason: str = "", actor: Actor, at: datetime) -> Request:
    """Submit a returned request again: every earlier signature is void, everybody is asked anew."""
    case = _own_case(request_id, Act.RESUBMIT, actor, at)
    request = case.request
    subject = get_subject(request.subject_type)
    now = digest_parts(subject, case.record, request.salt)
    changed = rules.changed_names(request.digests, now)
    request.digests = now
    columns = ask_anew(case, min(s.position for s in case.seats))
    columns |= {"digests": now, "changed": changed, "asked_at": at}
    columns["reason"] = reason[:500] or request.reason
    move(case, state=RequestState.OPEN, **columns)
    note(case, RequestResubmitted(request.round))
    settle_notifications(request, kinds=[RETURNED, VOIDED], at=at)
    return request


@atomic_retried
def withdraw_request(request_id: int, *, reason: str = "", actor: Actor, at: datetime) -> Request:
    """Take a request back before it is decided."""
    case = _own_case(request_id, Act.WITHDRAW, actor, at)
    note(case, RequestWithdrawn(reason[:500]))
    finish(case, RequestState.WITHDRAWN)
    return case.request


def withdraw_subject(record: Any, *, reason: str = "", actor: Actor, at: datetime) -> bool:
    """Take back whatever approval of a record is running; whether there was one."""
    rows = Request.objects.filter(
        subject_type=subject_type(type(record)),
        subject_id=record.pk,
        state__in=[RequestState.OPEN, RequestState.RETURNED],
    )
    found = rows.values_list("pk", flat=True).first()
    if found is not None:
        withdraw_request(found, reason=reason, actor=actor, at=at)
    return found is not None
