"""What the pages of commitments and of customers show of them beside the facts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import Model

from guanxi.commitments import queries, recurring
from guanxi.commitments.choices import OwnerRule
from guanxi.commitments.lines import line
from guanxi.commitments.models import Cadence, Commitment
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor
from guanxi.surfaces.html.formats import Formatter

MOST: Final = 6


def source(actor: Actor, commitment: Model, at: datetime) -> Mapping[str, Any]:
    """The record that the commitment came from."""
    del at
    assert isinstance(commitment, Commitment)  # noqa: S101
    return {"source": queries.get_source(commitment, actor)}


def of_customer(actor: Actor, customer: Any, at: datetime) -> Mapping[str, Any]:
    """What waits for a customer, and the line in which one writes the next thing down."""
    formatter = Formatter(actor, at)
    found = queries.list_of_customer(customer.pk, actor, MOST)
    may_add = actor.can("commitments.create") and not customer.archived_at
    return {
        "lines": [line(each, formatter, f"/customers/{customer.pk}/") for each in found],
        "add_to": f"/customers/{customer.pk}/commitments/" if may_add else "",
        "day": formatter.today.isoformat(),
        "all_url": f"/commitments/?view=&customer={customer.pk}",
    }


def tonight(actor: Actor, cadence: Model, at: datetime) -> Mapping[str, Any]:
    """What the next night would write down, as far as the reader may know of the customers."""
    assert isinstance(cadence, Cadence)  # noqa: S101
    period = recurring.current_period(cadence, at)
    rows = visible(actor, "customers.view", recurring.list_due(cadence, at))
    unowned = 0
    if cadence.owner_rule == OwnerRule.CUSTOMER:
        unowned = recurring.list_matching(cadence, at).filter(owner=None).count()
    return {
        "is_on": cadence.is_on,
        "period": period,
        "first": period.first.isoformat() if period else "",
        "last": period.last.isoformat() if period else "",
        "due": Formatter(actor, at).moment(recurring.due_at(cadence, period)) if period else "",
        "rows": [
            {"url": f"/customers/{pk}/", "name": name, "who": who or ""}
            for pk, name, who in rows.order_by("pk").values_list("pk", "name", "owner__name")[:MOST]
        ],
        "count": rows.count(),
        "unowned": unowned,
    }
