"""Who is meant by a seat: people by role within reach, the head, or the next one up (A13)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Max, Q, QuerySet

from guanxi.approvals import messages, rules
from guanxi.approvals.access import DECIDE, TRANSFER, fills, sides
from guanxi.approvals.choices import Mode, SeatKind, SeatState
from guanxi.approvals.declarations import get_subject
from guanxi.approvals.models import Request, Seat
from guanxi.approvals.rules import Circle, Place
from guanxi.kernel.actor import Actor, Reach
from guanxi.kernel.errors import Denied, RuleViolation
from guanxi.people.models import Department, User
from guanxi.people.rules import path_ids
from guanxi.surfaces.records import get_record_type

_NARROWEST = (SeatKind.PERSON, SeatKind.HEAD, SeatKind.ROLE)


def subject_of(request: Request) -> Any:
    """The record under approval."""
    model = get_record_type(request.subject_type).model
    return model._base_manager.get(pk=request.subject_id)


def places(seats: Collection[Seat]) -> list[Place]:
    """Seats as the rules look at them."""
    return [
        Place(s.position, s.mode, s.state, s.is_added, s.decided_by_id, s.stood_for_id)
        for s in seats
    ]


def circle_of(request: Request, record: Any, seats: Collection[Seat], position: int) -> Circle:
    """Who may not decide this step: other accounts of the same people neither (F01)."""
    asking = {request.requester_id, request.stands_for_id, *request.authors} - {None}
    concerned = set(get_subject(request.subject_type).parties(record))
    signed = rules.signed(places(seats), position, is_different=request.is_different)
    return Circle(
        _with_other_accounts(asking),
        _with_other_accounts(concerned),
        _with_other_accounts(signed),
    )


def _with_other_accounts(people: Collection[int | None]) -> frozenset[int]:
    """People and the accounts that share their phone or e-mail."""
    known = frozenset(pk for pk in people if pk is not None)
    if not known:
        return known
    marks = list(User.objects.filter(pk__in=known).values_list("phone", "email"))
    phones = {phone for phone, _email in marks if phone}
    same = Q(phone__in=phones)
    for email in {email for _phone, email in marks if email}:
        same |= Q(email__iexact=email)  # Mail servers take Ann@ and ann@ for one.
    return known | frozenset(User.objects.filter(same).values_list("pk", flat=True))


# People -------------------------------------------------------------------------------------------
def _holding(permission: str) -> QuerySet[Any]:
    """Active people who hold a permission, with its farthest reach."""
    held = Q(roles__archived_at=None, roles__grants__permission=permission)
    return User.objects.filter(is_active=True, archived_at=None).annotate(
        reach=Max("roles__grants__reach", filter=held)
    )


def _near(people: QuerySet[Any], path: Sequence[int]) -> QuerySet[Any]:
    """Those whose reach covers a department, given the ids from the root down to it."""
    here = path[-1] if path else 0
    branch = Q(reach=Reach.BRANCH, department_id__in=path)
    return people.filter(Q(reach=Reach.ALL) | branch | Q(reach__gt=0, department_id=here))


def may_decide(user_id: int) -> bool:
    """Whether a person is active and may decide approvals at all."""
    return _holding(DECIDE).filter(pk=user_id, reach__gt=0).exists()


def path_of(request: Request) -> list[int]:
    """The departments from the root down to the subject's."""
    department = request.department or request.requester.department
    return path_ids(department.path) if department else []


def holders(seat: Seat, path: Sequence[int], circle: Circle) -> list[int]:
    """The people who can fill a seat now."""
    if seat.user_id is not None:
        return [seat.user_id]
    if seat.role_id is None:
        return []
    members = _holding(DECIDE).filter(pk__in=_members(seat.role_id))
    found = _near(members, path).exclude(pk__in=circle.everyone)
    return sorted(found.values_list("pk", flat=True))


def _members(role_id: int) -> QuerySet[Any]:
    """The people of a role."""
    return User.roles.through.objects.filter(role_id=role_id).values("user_id")


def appoint(seat: Seat, path: Sequence[int], circle: Circle) -> list[int]:
    """The people for a seat, putting somebody in it when it names nobody who may decide."""
    if seat.kind == SeatKind.ROLE and (found := holders(seat, path, circle)):
        return found
    is_fit = seat.user_id not in circle.everyone and may_decide(seat.user_id or 0)
    if seat.kind == SeatKind.PERSON and is_fit:
        return [seat.user_id or 0]
    seat.user_id = nearest_head(path, circle)
    return [] if seat.user_id is None else [seat.user_id]


def appoint_all(
    seats: Iterable[Seat], path: Sequence[int], circle: Circle, taken: frozenset[int] = frozenset()
) -> list[list[int]]:
    """The people for the seats of a step: where all must sign, nobody is put in two of them."""
    found: dict[int, list[int]] = {}
    given = list(seats)
    for number in sorted(range(len(given)), key=lambda n: _NARROWEST.index(given[n].kind)):
        seat = given[number]
        is_all = seat.mode == Mode.ALL
        apart = replace(circle, signed=circle.signed | taken) if is_all else circle
        people = found[number] = appoint(seat, path, apart)
        taken |= frozenset(people) if len(people) == 1 else frozenset()
    return [found[number] for number in range(len(given))]


def nearest_head(path: Sequence[int], circle: Circle) -> int | None:
    """The head of the department or the next one up; else whoever may transfer approvals there."""
    heads = dict(
        Department.objects.filter(pk__in=path, head__isnull=False).values_list("pk", "head_id")
    )
    chain = [heads[pk] for pk in reversed(path) if pk in heads]
    able = _holding(DECIDE).filter(pk__in=chain, reach__gt=0).exclude(pk__in=circle.everyone)
    fit = set(able.values_list("pk", flat=True))
    first = next((pk for pk in chain if pk in fit), None)
    return first if first is not None else _last_resort(path, circle)


def _last_resort(path: Sequence[int], circle: Circle) -> int | None:
    """Somebody who looks after approvals there: nearest reach first, never nobody."""
    able = _near(_holding(TRANSFER).filter(reach__gte=Reach.BRANCH), path)
    found = able.exclude(pk__in=circle.everyone).order_by("reach", "pk").first()
    return found.pk if found is not None and may_decide(found.pk) else None


def live_seats(request: Request) -> list[Seat]:
    """The seats that count, in order."""
    return list(request.seats.exclude(state=SeatState.VOID).order_by("position", "pk"))


def find_seat(
    request: Request, record: Any, seats: Sequence[Seat], actor: Actor
) -> tuple[Seat, int | None]:
    """The seat that the actor fills now, for themselves or for whom they stand (their id)."""
    here = {s.pk: s for s in seats if s.position == request.position}
    found = list(_fillable(here, actor))
    asked = [(seat, side_id) for seat, side_id in found if seat.state == SeatState.ASKED]
    if not asked:
        if any(s.decided_by_id == actor.user_id for s in seats) or found:
            raise RuleViolation("decided_already", messages.DECIDED_ALREADY)
        raise Denied(DECIDE)
    circle = circle_of(request, record, seats, request.position)
    refusals = []
    for seat, side_id in asked:
        try:
            rules.refuse_decider({actor.user_id or 0, side_id}, circle)
        except RuleViolation as error:
            refusals.append(error)
        else:
            return seat, side_id if side_id != actor.user_id else None
    raise refusals[0]


def _fillable(here: Mapping[int, Seat], actor: Actor) -> Iterator[tuple[Seat, int]]:
    """The seats of a step that the actor or somebody they stand for could fill."""
    rows = Seat.objects.filter(pk__in=list(here))
    for side in sides(actor):
        found = set(rows.filter(fills(side)).values_list("pk", flat=True))
        own_first = sorted(found, key=lambda pk: (here[pk].user_id is None, pk))
        yield from ((here[pk], side.user_id or 0) for pk in own_first)
