"""Who sees a commitment: who owes it, who asked for it, and who looks after its customer.

Whoever owes a promise knows the customer's name, even of a customer that is out of their sight.
"""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.commitments.models import Cadence, Commitment
from guanxi.customers.access import Reaching
from guanxi.customers.models import Customer
from guanxi.kernel.access import NONE, Opening, declare_permission, declare_scope
from guanxi.kernel.actor import Actor

# The rights to see, create, change and so on come with the record type.
declare_permission("commitments.complete", _("Mark as done"), share="write")
declare_permission("commitments.tell", _("Note that the customer was told"), share="write")
declare_permission("commitments.reopen", _("Open again"), share="write")
declare_permission("commitments.reschedule", _("Reschedule"), share="write")
declare_permission("commitments.drop", _("Drop"), share="write")

_CUSTOMERS = Reaching()


def _of_customers(scope: Q) -> Q:
    """Through the customers' own index: their number is small at the narrow reaches."""
    return Q(customer_id__in=Customer.objects.filter(scope).order_by().values("pk"))


def own(actor: Actor) -> Q:
    """What one owes or asked for, and what is owed to one's customers."""
    me = actor.user_id or 0
    return Q(owner_id=me) | Q(created_by_id=me) | _of_customers(_CUSTOMERS.own(actor))


def team(actor: Actor) -> Q:
    """Also what is owed to the customers of one's teams."""
    return own(actor) | _of_customers(_CUSTOMERS.team(actor))


def branch(actor: Actor) -> Q:
    """Also what people of one's department and below owe, and what is owed to its customers."""
    departments = sorted(actor.branch_ids)
    of_people = Q(owner__department_id__in=departments)
    return of_people | team(actor) | Q(customer__department_id__in=departments)


declare_scope(
    Commitment,
    own=own,
    team=team,
    branch=branch,
    openings=(Opening("customers.customer", "customer_id"),),
    owner_path="owner_id",
)
# Recurring work is the whole company's.
declare_scope(Cadence, own=lambda _: NONE, team=lambda _: NONE, branch=lambda _: NONE)
