"""Several customers of a pool at once: each by itself, so that one refused holds back no other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext

from guanxi.customers.models import Customer
from guanxi.customers.pools.services.ownership import assign_customer, claim_customer
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Denied, NotFound, RuleViolation

MOST: Final = 50


@dataclass(frozen=True)
class Taken:
    """What became of one customer; a blank refusal means that it was taken."""

    customer_id: int
    label: str
    refusal: str = ""


def claim_many(ids: Sequence[int], *, actor: Actor, at: datetime) -> list[Taken]:
    """Claim each of these, and say of each why not."""
    return _each(ids, lambda pk: claim_customer(pk, actor=actor, at=at), actor)


def assign_many(ids: Sequence[int], *, to_user: int, actor: Actor, at: datetime) -> list[Taken]:
    """Assign each of these to a colleague, and say of each why not."""
    return _each(ids, lambda pk: assign_customer(pk, to_user=to_user, actor=actor, at=at), actor)


def _each(ids: Sequence[int], take: Callable[[int], Customer], actor: Actor) -> list[Taken]:
    seen = visible(actor, "customers.view", Customer.objects.filter(pk__in=ids[:MOST]))
    names = dict(seen.values_list("pk", "name"))
    found = []
    for pk in dict.fromkeys(ids[:MOST]):
        refusal = ""
        try:
            take(pk)
        except RuleViolation as error:
            refusal = error.text
        except Denied:
            refusal = gettext("You may not do this with this customer.")
        except NotFound:
            refusal = gettext("There is no such customer, or none for you.")
        found.append(Taken(pk, names.get(pk, f"#{pk}"), refusal))
    return found
