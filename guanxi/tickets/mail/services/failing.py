"""What is done when a reply did not reach the customer, or reached them after all (L06)."""

from datetime import datetime

from django.utils.translation import gettext

from guanxi.deadlines.services import fail_delivery
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.notifications.services import notify
from guanxi.tickets import clocks
from guanxi.tickets.choices import Said
from guanxi.tickets.events import TicketNoted
from guanxi.tickets.mail.models import Post
from guanxi.tickets.models import Message, Ticket
from guanxi.tickets.notifications import UNDELIVERED
from guanxi.tickets.services import talking, timing
from guanxi.tickets.services.steps import fetch, tell


@atomic_retried
def note_failure(post: Post, reason: str, *, actor: Actor, at: datetime) -> Message:
    """Write down that a reply was not delivered; if it was the first, the customer still waits."""
    ticket = fetch(post.message.ticket_id, "note", actor)
    Post.objects.filter(pk=post.pk).update(state="parked", is_sent=False, error=reason[:2000])
    address = post.letter.sender.address
    words = gettext("The mail to %(address)s was not delivered: %(reason)s")
    body = words % {"address": address, "reason": reason[:500]}
    noted = talking.say(ticket, Said.NOTE, body, actor, at)
    if post.message.author_id and not _was_answered(ticket, post):
        Ticket.objects.filter(pk=ticket.pk).update(replied_at=None)
        fail_delivery(ticket, clocks.RESPOND, actor=actor, at=at)
        timing.keep_due(ticket)
    if ticket.owner_id:
        key = f"{UNDELIVERED.code}:{ticket.pk}:{ticket.last_seq}"
        notify(
            UNDELIVERED.code, [ticket.owner_id], subject=ticket, params={}, key=key,
            actor=actor, at=at,
        )  # fmt: skip
    tell(ticket, TicketNoted(ticket.version, ticket.last_seq), actor, at)
    return noted


def _was_answered(ticket: Ticket, post: Post) -> bool:
    """Whether another reply of a person has reached the customer, or is on its way."""
    others = Message.objects.filter(ticket=ticket, said=Said.REPLY, author__isnull=False)
    return others.exclude(pk=post.message_id).exclude(post__state="parked").exists()


@atomic_retried
def note_sent(post: Post, *, actor: Actor, at: datetime) -> None:
    """A reply left; after a failure it is the answer that the customer waited for."""
    waits = Ticket.objects.filter(pk=post.message.ticket_id, replied_at=None)
    if post.message.author_id and waits.exists():
        ticket = fetch(post.message.ticket_id, "note", actor)
        Ticket.objects.filter(pk=ticket.pk).update(replied_at=at)
        timing.answered(ticket, actor, at)
