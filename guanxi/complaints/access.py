"""Who sees a complaint, which is fewer people than see its customer (CPL-7).

Whoever handles it; whoever registered it until it is investigated; whoever is asked to approve;
the heads of the handling department. Never whom it concerns, whatever their reach.
"""

from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from guanxi.approvals.access import fills
from guanxi.approvals.choices import RequestState, SeatState
from guanxi.approvals.models import Request, Seat
from guanxi.complaints.models import Complaint
from guanxi.complaints.rules import UNENDED
from guanxi.customers.access import mask_contact
from guanxi.kernel.access import declare_group, declare_permission, declare_scope, visible
from guanxi.kernel.actor import Actor
from guanxi.kernel.work import Work, declare_work

KEY: Final = "complaints.complaint"
_FRESH: Final = ("registered", "acknowledged")

declare_permission("complaints.reveal", _("Reveal masked values"))
ADD_EVIDENCE: Final = declare_permission(
    "complaints.add_evidence", _("Add evidence"), share="write"
)
INVITE: Final = declare_permission(
    "complaints.invite", _("Ask how the handling was"), share="write"
)
STATISTICS: Final = declare_permission("complaints.statistics", _("See the figures"))
DOWNLOAD: Final = declare_permission("complaints.download", _("Open evidence"), share="read")
PRINT: Final = declare_permission("complaints.print", _("Write the report and the reply letter"))
declare_group("complainant", _("Complainants"), mask=mask_contact)


def _own(actor: Actor) -> Q:
    me = actor.user_id or 0
    asked = visible(actor, "approvals.view", Request.objects.filter(subject_type=KEY))
    return (
        Q(handler_id=me)
        | Q(created_by_id=me, state__in=_FRESH)
        | Q(pk__in=asked.order_by().values("subject_id"))
    ) & _unconcerned(actor)


def _team(actor: Actor) -> Q:
    return _own(actor)


def _branch(actor: Actor) -> Q:
    of_department = Q(department_id__in=sorted(actor.branch_ids))
    return _own(actor) | (of_department & _unconcerned(actor))


def _unconcerned(actor: Actor) -> Q:
    """Nobody reads a complaint about themselves."""
    about_me = Complaint.concerned.through.objects.filter(user_id=actor.user_id or 0)
    return ~Q(pk__in=about_me.values("complaint_id"))


declare_scope(
    Complaint,
    own=_own,
    team=_team,
    branch=_branch,
    everywhere=_unconcerned,
    owner_path="handler_id",
)


def _customers(actor: Actor, complaints: QuerySet[Complaint]) -> QuerySet[Any]:
    """Whom open complaints come from; nobody's where complainants are less clear than contacts."""
    is_clear = actor.level("complainant") >= actor.level("contact")
    rows = complaints if is_clear and actor.can("complaints.view") else complaints.none()
    unended = rows.filter(_unconcerned(actor), state__in=UNENDED, archived_at=None)
    return unended.order_by().values_list("customer_id", flat=True)


def _of_handler(actor: Actor) -> QuerySet[Any]:
    """The customers of the complaints that one handles."""
    people = [actor.user_id or 0, *(actor.openings.person_ids if actor.openings else ())]
    return _customers(actor, Complaint.objects.filter(handler_id__in=people))


def _of_reviewer(actor: Actor) -> QuerySet[Any]:
    """The customers of the complaints that wait for one's decision."""
    waiting = {"request__state": RequestState.OPEN, "request__subject_type": KEY}
    asked = Seat.objects.filter(fills(actor), state=SeatState.ASKED, **waiting)
    return _customers(actor, Complaint.objects.filter(pk__in=asked.values("request__subject_id")))


for _find in (_of_handler, _of_reviewer):
    declare_work(Work("customers.customer", DOWNLOAD, "customers.view", _find))
