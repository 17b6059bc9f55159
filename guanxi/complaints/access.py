"""Who sees a complaint, which is fewer people than see its customer (CPL-7).

Whoever handles it; whoever registered it until it is investigated; whoever is asked to approve;
the heads of the handling department. Never whom it concerns, whatever their reach.
"""

from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from guanxi.approvals.choices import RequestState
from guanxi.approvals.models import Request
from guanxi.complaints.models import Complaint
from guanxi.complaints.rules import EXTERNAL, OPEN
from guanxi.customers.access import mask_contact
from guanxi.kernel.access import (
    Work,
    declare_group,
    declare_permission,
    declare_scope,
    declare_work,
    visible,
)
from guanxi.kernel.actor import Actor

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


def _people(actor: Actor) -> list[int]:
    return [actor.user_id or 0, *(actor.openings.person_ids if actor.openings else ())]


def _customers(actor: Actor, complaints: QuerySet[Complaint]) -> QuerySet[Any]:
    """Whom open complaints come from; nobody's where complainants are less clear than contacts."""
    is_clear = actor.level("complainant") >= actor.level("contact")
    rows = complaints if is_clear else complaints.none()
    unended = rows.filter(state__in=[*sorted(OPEN), EXTERNAL], archived_at=None)
    seen = visible(actor, "complaints.view", unended)
    return seen.order_by().values_list("customer_id", flat=True)


def _of_handler(actor: Actor) -> QuerySet[Any]:
    """The customers of the complaints that one handles."""
    return _customers(actor, Complaint.objects.filter(handler_id__in=_people(actor)))


def _of_reviewer(actor: Actor) -> QuerySet[Any]:
    """The customers of the complaints that wait for one's decision."""
    waiting = Request.objects.filter(
        subject_type=KEY, state=RequestState.OPEN, waiting_for__in=_people(actor)
    )
    return _customers(actor, Complaint.objects.filter(pk__in=waiting.values("subject_id")))


for _find in (_of_handler, _of_reviewer):
    declare_work(Work("customers.customer", DOWNLOAD, "customers.view", _find))
