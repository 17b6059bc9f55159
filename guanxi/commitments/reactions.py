"""What follows from a new owner: of a customer, or of what somebody has to do."""

from collections.abc import Sequence

from guanxi.commitments.recurring import WHO
from guanxi.commitments.services import follow_hand_over
from guanxi.commitments.services.recurring import follow_customer
from guanxi.customers.events import CustomerTransferred
from guanxi.customers.pools.events import CustomerAssigned, CustomerClaimed
from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.events import changes_of, on
from guanxi.kernel.models import Event
from guanxi.surfaces.events import RecordChanged


@on(
    RecordChanged,
    CustomerTransferred,
    CustomerAssigned,
    CustomerClaimed,
    subjects=["customers.customer"],
)
def follow_owners(events: Sequence[Event]) -> None:
    """Promises and recurring work of a customer go to whoever looks after the customer now."""
    actor = system_actor(WHO, Channel.JOB)
    for event in events:
        before, after = changes_of(event).get("owner") or (None, None)
        if after and before != after and event.customer_id:
            follow_customer(
                event.customer_id, from_user=before, to_user=after, actor=actor, at=event.at
            )


@on(RecordChanged, subjects=["commitments.commitment"])
def follow_hand_overs(events: Sequence[Event]) -> None:
    """What moved with a whole book reminds whoever has it now."""
    actor = system_actor(WHO, Channel.JOB)
    for event in events:
        if "owner" in changes_of(event):
            follow_hand_over(int(event.subject_id), actor=actor, at=event.at)
