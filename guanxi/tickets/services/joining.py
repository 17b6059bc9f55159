"""Several tickets that are one matter, and one that is several."""

from datetime import datetime

from django.db.models import F

from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import RuleViolation
from guanxi.notifications.services import settle_notifications
from guanxi.people.services.steps import save_columns
from guanxi.tickets import messages, rules
from guanxi.tickets.choices import Said, State
from guanxi.tickets.events import TicketJoined, TicketLinked, TicketMerged, TicketSplit
from guanxi.tickets.models import Message, Ticket
from guanxi.tickets.notifications import ASSIGNED, HEARD
from guanxi.tickets.services import timing
from guanxi.tickets.services.capacity import release
from guanxi.tickets.services.steps import create_beside, fetch, tell


@atomic_retried
def merge_ticket(ticket_id: int, *, into: int, actor: Actor, at: datetime) -> Ticket:
    """Lead one ticket into another of the same customer: what was said on it goes on there."""
    # Both are locked in one order, so that two who merge crosswise do not wait for each other.
    found = {pk: fetch(pk, "merge", actor) for pk in sorted({ticket_id, into})}
    source, target = found[ticket_id], found[into]
    rules.check_merging(source, target)
    _carry(source, target, at)
    source.links.clear()
    if source.state in rules.LIVE:
        release(source.owner_id)
    save_columns(source, at, state=State.MERGED, merged_into_id=target.pk, archived_at=at)
    timing.cancel(source, actor, at)
    settle_notifications(source, kinds=[HEARD.code, ASSIGNED.code], at=at)
    joined = TicketJoined(target.version, target.last_seq, source.pk)
    tell(target, joined, actor, at)
    return tell(source, TicketMerged(source.version, target.pk), actor, at)


def _carry(source: Ticket, target: Ticket, at: datetime) -> None:
    """Everything that was said on one goes behind what was said on the other."""
    offset, last = target.last_seq + 1, target.last_seq + 1 + source.last_seq
    Message.objects.filter(ticket=source).update(
        ticket=target, seq=F("seq") + offset, origin=source.number
    )
    Message.objects.create(
        ticket=target,
        seq=offset,
        said=Said.CUSTOMER,
        channel=source.channel,
        body=f"{source.subject}\n{source.description}".strip(),
        author_label=source.customer.name if source.customer else "",
        origin=source.number,
        at=source.created_at,
    )
    public = max(target.public_seq, offset, offset + source.public_seq)
    save_columns(target, at, last_seq=last, public_seq=public, spoken_at=at)


@atomic_retried
def split_ticket(
    ticket_id: int, *, subject: str, description: str = "", actor: Actor, at: datetime
) -> Ticket:
    """Make a ticket of its own for a second matter of the same customer."""
    ticket = fetch(ticket_id, "split", actor)
    rules.require_live(ticket.state)
    made = create_beside(ticket, actor, at, subject=subject, description=description)
    ticket.links.add(made)
    save_columns(ticket, at)
    tell(ticket, TicketSplit(ticket.version, made.pk), actor, at)
    return made


@atomic_retried
def link_ticket(ticket_id: int, *, other: int, actor: Actor, at: datetime) -> Ticket:
    """Note that two tickets have to do with each other."""
    ticket = fetch(ticket_id, "link", actor)
    if other == ticket.pk:
        raise RuleViolation("same_ticket", messages.SAME_TICKET, "other")
    ticket.links.add(other)
    save_columns(ticket, at)
    return tell(ticket, TicketLinked(ticket.version, other), actor, at)
