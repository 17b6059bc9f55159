"""How far rights reach over what belongs to duplicates, and what strangers may read."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from guanxi.customers.access import Reaching
from guanxi.customers.duplicates import messages
from guanxi.customers.duplicates.models import CooperationRequest, DuplicatePair
from guanxi.customers.models import Customer
from guanxi.kernel.access import declare_permission, declare_scope
from guanxi.kernel.errors import Message

_through = Reaching("customer__")
declare_scope(CooperationRequest, own=_through.own, team=_through.team, branch=_through.branch)
_low, _high = Reaching("low__"), Reaching("high__")
# Of a pair nobody sees more than of both its customers.
declare_scope(
    DuplicatePair,
    own=lambda actor: _low.own(actor) & _high.own(actor),
    team=lambda actor: _low.team(actor) & _high.team(actor),
    branch=lambda actor: _low.branch(actor) & _high.branch(actor),
)
declare_permission("duplicate_pairs.scan", _("Look for duplicates everywhere"))


def mask_name(name: str) -> str:
    """What a stranger may read of a name: its beginning, never its length."""
    return f"{name[: 2 if len(name) > 4 else 1]}***"


def standing_of(customer: Customer, at: datetime) -> Message:
    """Whose care a customer is in, as far as a stranger may know."""
    if customer.pool_id is not None:
        return messages.IN_POOL
    kept_until = [each for each in (customer.protected_until, customer.locked_until) if each]
    if any(until > at for until in kept_until):
        return messages.PROTECTED
    return messages.IN_CARE if customer.owner_id else messages.IN_NO_CARE
