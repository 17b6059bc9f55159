"""What the services of tickets share: fetching one for a verb, and writing down what happened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import EventBase, record
from guanxi.kernel.text import TextError, clean_text
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record
from guanxi.tickets import messages
from guanxi.tickets.models import Ticket

KEY: Final = "tickets.ticket"
LONGEST: Final = 20_000


def fetch(ticket_id: int, verb: str, actor: Actor) -> Ticket:
    """Lock and fetch a ticket for a verb."""
    rows = Ticket.objects.filter(archived_at=None).select_for_update(of=("self",), no_key=True)
    return get_allowed(actor, f"tickets.{verb}", rows, seen_by="tickets.view", pk=ticket_id)


def create_beside(ticket: Ticket, actor: Actor, at: datetime, **values: Any) -> Ticket:
    """Make another ticket of the same customer and team."""
    shared = {
        "channel": ticket.channel,
        "customer": ticket.customer_id,
        "contact": ticket.contact_id,
        "team": ticket.team_id,
    }
    given = {name: value for name, value in {**shared, **values}.items() if value}
    made = create_record(get_record_type(KEY), given, actor=actor, at=at)
    assert isinstance(made, Ticket)  # noqa: S101
    return made


def tell(
    ticket: Ticket,
    happened: EventBase,
    actor: Actor,
    at: datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
) -> Ticket:
    """Write down what happened to a ticket."""
    record(
        happened,
        subject=ticket,
        customer_id=ticket.customer_id,
        actor=actor,
        at=at,
        changes=changes,
    )
    return ticket


def read_body(written: str) -> str:
    """A message as it is stored; an empty one says nothing."""
    try:
        body = clean_text(written, max_length=LONGEST, multiline=True)
    except TextError as error:
        raise error.as_violation("body") from error
    if not body:
        raise RuleViolation("nothing_said", messages.NOTHING_SAID, "body")
    return body
