"""What follows a second later: from orders their sums, from a new customer how soon it came."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from guanxi.customers.clocks import ENTER
from guanxi.customers.models import Customer
from guanxi.customers.services import refresh_totals
from guanxi.deadlines import services as deadlines
from guanxi.kernel.actor import system_actor
from guanxi.kernel.events import on
from guanxi.kernel.models import Event
from guanxi.surfaces.events import (
    RecordArchived,
    RecordChanged,
    RecordCreated,
    RecordRestored,
)

#: What was collected longer ago is history that somebody brought in, not work of today.
RECENT: Final = timedelta(days=30)


@on(
    RecordCreated,
    subjects=["customers.customer"],
    batch=500,
    only=lambda customer: customer.collected_at is not None,
)
def time_entries(events: Sequence[Event]) -> None:
    """Say whether a customer came into the books within a day of its collection (CUS-5)."""
    created = {int(event.subject_id): event.at for event in events}
    ended = [
        deadlines.Ended(customer, collected, at)
        for customer in Customer.objects.filter(pk__in=created)
        if (collected := customer.collected_at) is not None
        and timedelta(0) <= (at := created[customer.pk]) - collected <= RECENT
    ]
    deadlines.note_ended(ended, ENTER.name, actor=system_actor("deadlines"))


@on(
    RecordCreated,
    RecordChanged,
    RecordArchived,
    RecordRestored,
    subjects=["customers.order"],
    batch=2000,
)
def recount_orders(events: Sequence[Event]) -> None:
    """Keep the customer's order count, total and last order in step with the orders."""
    touched = {e.customer_id for e in events if e.customer_id}
    for event in events:
        moved = event.data.get("changes", {}).get("customer", [])
        touched.update(pk for pk in moved if pk)
    refresh_totals(touched)
