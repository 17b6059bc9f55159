"""Replies to letters on their way out: queued with the reply, sent by the worker (H05).

A reply that was said is one mail with one Message-ID, however often it has to be tried.
"""

from datetime import datetime

from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import RuleViolation
from guanxi.tickets.mail import messages, queries
from guanxi.tickets.mail.events import ReplyResent
from guanxi.tickets.mail.models import Post
from guanxi.tickets.models import Message, Ticket
from guanxi.tickets.services.steps import fetch, tell


def queue_reply(message: Message, *, at: datetime) -> None:
    """Let a reply leave by mail if the customer wrote by mail; in the reply's own transaction."""
    letter = queries.last_letter(message.ticket_id)
    if letter is not None:
        Post.objects.create(message=message, letter=letter, created_at=at, due_at=at)


@atomic_retried
def resend_reply(ticket_id: int, *, seq: int, actor: Actor, at: datetime) -> Ticket:
    """Try a reply again that could not be delivered: the same mail under the same Message-ID."""
    ticket = fetch(ticket_id, "reply", actor)
    rows = Post.objects.filter(message__ticket=ticket, message__seq=seq, state="parked")
    found = rows.values_list("pk", flat=True).first()
    if found is None:
        raise RuleViolation("not_failed", messages.NOT_FAILED, "seq")
    Post.objects.filter(pk=found).update(state="due", due_at=at, attempts=0, is_sent=False)
    return tell(ticket, ReplyResent(ticket.version, seq), actor, at)
