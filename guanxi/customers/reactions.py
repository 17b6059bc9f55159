"""What follows from orders a second later."""

from collections.abc import Sequence

from guanxi.customers.services import refresh_totals
from guanxi.kernel.events import on
from guanxi.kernel.models import Event
from guanxi.surfaces.events import (
    RecordArchived,
    RecordChanged,
    RecordCreated,
    RecordRestored,
)


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
