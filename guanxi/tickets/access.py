"""Who sees a ticket: whoever deals with it or wrote it down, their queue, the customer's people."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from guanxi.customers.access import Reaching
from guanxi.customers.models import Customer
from guanxi.kernel.access import ALL, Opening, declare_permission, declare_scope
from guanxi.kernel.actor import Actor
from guanxi.kernel.work import Work, declare_work
from guanxi.people.models import User
from guanxi.tickets.mail.models import Mailbox
from guanxi.tickets.models import IS_AT_WORK, Agent, Ticket, Wording

# The rights to see, create, change and so on come with the record type.
declare_permission("tickets.reply", _("Reply to the customer"), share="write")
declare_permission("tickets.note", _("Make internal notes"), share="write")
declare_permission("tickets.hear", _("Write down the customer's word"), share="write")
declare_permission("tickets.take", _("Take over"), share="write")
declare_permission("tickets.assign", _("Assign"))
declare_permission("tickets.wait", _("Wait for the customer"), share="write")
declare_permission("tickets.tick", _("Tick steps of the process"), share="write")
declare_permission("tickets.solve", _("Solve"), share="write")
declare_permission("tickets.close", _("Close"), share="write")
declare_permission("tickets.reopen", _("Open again"), share="write")
declare_permission("tickets.merge", _("Merge"))
declare_permission("tickets.split", _("Split"))
declare_permission("tickets.link", _("Link"), share="write")
declare_permission("agents.shift", _("Go on or off shift"))
declare_permission("mailboxes.secure", _("Set the password"))
declare_permission("tickets.declare", _("Declare an emergency"), share="write")

_CUSTOMERS = Reaching()


def _of_customers(scope: Q) -> Q:
    """Through the customers' own index: their number is small at the narrow reaches."""
    return Q(customer_id__in=Customer.objects.filter(scope).order_by().values("pk"))


def own(actor: Actor) -> Q:
    """What one deals with or wrote down, what waits in one's queues, one's customers' tickets."""
    me = actor.user_id or 0
    waits = Q(owner_id=None, team_id__in=sorted(actor.team_ids))
    return Q(owner_id=me) | Q(created_by_id=me) | waits | _of_customers(_CUSTOMERS.own(actor))


def team(actor: Actor) -> Q:
    """Also everything in the queues of one's teams and of their customers."""
    return own(actor) | Q(team_id__in=sorted(actor.team_ids)) | _of_customers(
        _CUSTOMERS.team(actor)
    )  # fmt: skip


def branch(actor: Actor) -> Q:
    """Also everything of one's department and below, and of its customers."""
    departments = sorted(actor.branch_ids)
    of_customers = Q(customer__department_id__in=departments)
    return team(actor) | Q(department_id__in=departments) | of_customers


declare_scope(
    Ticket,
    own=own,
    team=team,
    branch=branch,
    openings=(Opening("customers.customer", "customer_id"),),
    owner_path="owner_id",
)


def _customers_at_work(actor: Actor) -> QuerySet[Any]:
    """The customers of the tickets that one deals with oneself, or stands in for, until closed."""
    people = [actor.user_id or 0, *(actor.openings.person_ids if actor.openings else ())]
    mine = Ticket.objects.filter(IS_AT_WORK, owner_id__in=people)
    rows = mine if actor.can("tickets.view") else mine.none()
    return rows.order_by().values_list("customer_id", flat=True)


declare_work(Work("customers.customer", "tickets.reply", "customers.view", _customers_at_work))
for _everybodys in (Wording, Mailbox):
    declare_scope(_everybodys, own=lambda _: ALL, team=lambda _: ALL, branch=lambda _: ALL)
declare_scope(
    Agent,
    own=lambda actor: Q(user_id=actor.user_id or 0),
    team=lambda actor: (
        Q(user_id=actor.user_id or 0)
        | Q(user_id__in=User.objects.filter(teams__in=sorted(actor.team_ids)).values("pk"))
    ),
    branch=lambda actor: (
        Q(user_id=actor.user_id or 0) | Q(user__department_id__in=sorted(actor.branch_ids))
    ),
)
