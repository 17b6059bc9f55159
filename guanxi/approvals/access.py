"""Who sees a request, and for whom it waits."""

from collections.abc import Iterator
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.approvals.choices import SeatState
from guanxi.approvals.models import Flow, FlowStep, Request, Seat
from guanxi.kernel.access import NONE, declare_permission, declare_scope
from guanxi.kernel.actor import Actor, Reach, get_actor

DECIDE: Final = declare_permission("approvals.decide", _("Decide approvals"))
TRANSFER: Final = declare_permission("approvals.transfer", _("Transfer what others should decide"))
WITHDRAW: Final = declare_permission(
    "approvals.withdraw", _("Withdraw and submit one's own requests again")
)


def sides(actor: Actor) -> Iterator[Actor]:
    """The actor, and everybody for whom they stand now, with that person's own rights."""
    if actor.user_id is None:
        return
    yield actor
    for person_id in actor.openings.person_ids if actor.openings else ():
        person = get_actor(person_id, actor.channel)
        if person.user_id is not None:
            yield person


def fills(side: Actor) -> Q:
    """The seats that a person could fill: their own, and those of their roles within reach."""
    named = Q(user_id=side.user_id)
    reach = side.reach(DECIDE)
    if reach is None:
        return Q(pk__in=[])
    of_role = Q(user=None, role__archived_at=None, role__members=side.user_id)
    if reach is Reach.ALL:
        return named | of_role
    near = sorted(side.branch_ids) if reach is Reach.BRANCH else [side.department_id or 0]
    return named | (of_role & Q(request__department_id__in=near))


def _mine(actor: Actor) -> Q:
    """Requests that the actor made, is or was asked to decide, or has signed."""
    me = actor.user_id or 0
    found = Q(requester_id=me)
    for side in sides(actor):
        seats = Seat.objects.filter(fills(side) | Q(decided_by_id=me))
        found |= Q(pk__in=seats.exclude(state=SeatState.LATER).values("request_id"))
    return found


declare_scope(
    Request,
    own=_mine,
    team=_mine,
    branch=lambda actor: _mine(actor) | Q(department_id__in=sorted(actor.branch_ids)),
)
for _model in (Flow, FlowStep):
    declare_scope(_model, own=lambda _: NONE, team=lambda _: NONE, branch=lambda _: NONE)
