"""Who may see shares and substitutes: whoever they concern, and whoever has the customer."""

from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.customers.access import Reaching
from guanxi.customers.models import Customer
from guanxi.customers.pools.models import HandOver, Pool
from guanxi.kernel.access import NONE, Opening, declare_permission, declare_scope
from guanxi.kernel.actor import Actor
from guanxi.kernel.models import Share, Substitution

SHARE: Final = declare_permission("customers.share", _("Share with others"))
CLAIM: Final = declare_permission("customers.claim", _("Claim from a pool"), share="write")
ASSIGN: Final = declare_permission("customers.assign", _("Assign from a pool"), share="write")
RELEASE: Final = declare_permission("customers.release", _("Release to a pool"))
PROTECT: Final = declare_permission("customers.protect", _("Protect from being released"))
LOCK: Final = declare_permission("customers.lock", _("Lock against claims and releases"))


def _with_me(actor: Actor) -> Q:
    """Shares that the actor made, or that are with them."""
    me = actor.user_id or 0
    mine = Q(created_by_id=me) | Q(with_user_id=me)
    return mine | Q(with_team_id__in=sorted(actor.team_ids))


def _of(customers: Q) -> Q:
    """Shares of these customers."""
    ids = Customer.objects.filter(customers).values("pk")
    return Q(subject_type="customers.customer", subject_id__in=ids)


def _of_person(actor: Actor) -> Q:
    """One's own substitutes: nobody names themselves the substitute of somebody else."""
    return Q(person_id=actor.user_id or 0)


declare_scope(
    Share,
    own=lambda actor: _with_me(actor) | _of(Reaching().own(actor)),
    team=lambda actor: _with_me(actor) | _of(Reaching().team(actor)),
    branch=lambda actor: _with_me(actor) | _of(Reaching().branch(actor)),
)
declare_scope(
    Substitution,
    own=_of_person,
    team=_of_person,
    branch=lambda actor: _of_person(actor) | Q(person__department__in=sorted(actor.branch_ids)),
)
declare_scope(
    Pool,
    own=lambda _: NONE,
    team=lambda _: NONE,
    branch=lambda _: NONE,
    openings=(Opening("customers.pool", "pk", frozenset({"pools.view"})),),
)


def _of_hand_over(actor: Actor) -> Q:
    """Hand-overs that one prepared; receivers hear of theirs by what they now own."""
    return Q(created_by_id=actor.user_id or 0)


declare_scope(
    HandOver,
    own=_of_hand_over,
    team=_of_hand_over,
    branch=lambda actor: Q(person__department__in=sorted(actor.branch_ids)),
)
