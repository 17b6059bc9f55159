"""How far rights reach over what belongs to duplicates, and what strangers may read."""

from guanxi.customers.access import Reaching
from guanxi.customers.duplicates import messages
from guanxi.customers.duplicates.models import CooperationRequest
from guanxi.customers.models import Customer
from guanxi.kernel.access import declare_scope
from guanxi.kernel.errors import Message

_through = Reaching("customer__")
declare_scope(CooperationRequest, own=_through.own, team=_through.team, branch=_through.branch)


def mask_name(name: str) -> str:
    """What a stranger may read of a name: its beginning, never its length."""
    return f"{name[: 2 if len(name) > 4 else 1]}***"


def standing_of(customer: Customer) -> Message:
    """Whose care a customer is in, as far as a stranger may know."""
    return messages.IN_CARE if customer.owner_id else messages.IN_NO_CARE
