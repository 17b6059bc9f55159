"""Looking up whether a customer exists already, while it is typed (CUS-12, B05)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.utils.translation import gettext

from guanxi.customers.duplicates import queries
from guanxi.customers.duplicates.choices import REASONS
from guanxi.customers.duplicates.matching import Likeness
from guanxi.customers.models import Customer
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor

MOST_SHOWN: Final = 5


def find_duplicates(actor: Actor, typed: Mapping[str, str], at: datetime) -> list[dict[str, str]]:
    """What the form of a new customer says while its name, code or number is being typed."""
    del at
    found = queries.find_alike(queries.typed_profile(typed))
    likeness = {each.customer_id: each.likeness for each in found}
    rows = visible(actor, "customers.view", Customer.objects.filter(pk__in=likeness))
    own = sorted(rows.select_related("owner"), key=lambda c: (-likeness[c.pk].percent, c.pk))
    return [_own_hit(customer, likeness[customer.pk]) for customer in own[:MOST_SHOWN]]


def _own_hit(customer: Customer, likeness: Likeness) -> dict[str, str]:
    why = gettext(", ").join(str(REASONS[reason]) for reason in likeness.reasons[:3])
    parts = [why, customer.number, str(customer.owner or "")]
    return {
        "label": customer.name,
        "url": f"/customers/{customer.pk}/",
        "why": gettext(" · ").join(part for part in parts if part),
    }
