"""Reads of mail: whose letter it is, which ticket it belongs to, which mailboxes are due."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from guanxi.customers.models import Contact
from guanxi.tickets.mail.choices import Mark
from guanxi.tickets.mail.models import Letter, Mailbox, Post, Sender
from guanxi.tickets.mail.quoting import token_in
from guanxi.tickets.mail.reading import Incoming
from guanxi.tickets.models import Ticket

_SALT: Final = "guanxi.tickets.mail"
_MOST_MERGES: Final = 10


def find_contact(address: str) -> int | None:
    """The contact with this address; none when several customers have one."""
    rows = Contact.objects.alias(lower=Lower("email")).filter(lower=address.lower())
    rows = rows.filter(archived_at=None).order_by("pk")
    found = list(rows.values_list("pk", "customer_id")[:10]) if address else []
    return found[0][0] if len({customer for _pk, customer in found}) == 1 else None


def is_known(found: Incoming) -> bool:
    """Whether a letter was taken in before, or is one of ours that came back round."""
    is_own = bool(found.message_id) and find_posts([found.message_id]).exists()
    return is_own or Letter.objects.filter(key=found.key).exists()


def token_of(ticket: Ticket) -> str:
    """Our own mark in a subject: only we can write one (L07)."""
    return f"[{ticket.number}-{_seal(ticket.number)}]"


def _seal(number: str) -> str:
    return salted_hmac(_SALT, number).hexdigest()[:10]


def find_named(found: Incoming, sender: Sender) -> Ticket | None:
    """The ticket that a letter names: by our own mark, our reply, or the sender's own letter."""
    token = token_in(found.subject)
    if token and compare_digest(token[1], _seal(token[0])):
        ticket = Ticket.objects.filter(number=token[0]).first()
        if ticket:
            return ticket
    post = find_posts(found.references).order_by("-created_at").first()
    if post:
        return post.message.ticket
    own = Letter.objects.filter(sender=sender, mail_id__in=found.references)
    letter = own.exclude(message=None).select_related("message__ticket").order_by("-pk").first()
    return letter.message.ticket if letter and letter.message else None


def standing(ticket: Ticket | None) -> Ticket | None:
    """The ticket into which this one was merged, and so on; none when it was put away."""
    for _step in range(_MOST_MERGES):
        if ticket is None or ticket.merged_into is None:
            break
        ticket = ticket.merged_into
    return ticket if ticket and ticket.archived_at is None else None


def last_letter(ticket_id: int) -> Letter | None:
    """The newest letter of a ticket, which a reply answers."""
    rows = Letter.objects.filter(message__ticket=ticket_id).exclude(mark=Mark.BOUNCE)
    return rows.exclude(sender__address="").order_by("-pk").first()


def find_posts(mail_ids: Iterable[str]) -> QuerySet[Post]:
    """Our own replies among these letters, by the ids that only their receivers know."""
    ids = [each for each in (_own_id(mail_id) for mail_id in mail_ids) if each]
    return Post.objects.filter(pk__in=ids).select_related(
        "message__ticket", "letter__sender", "letter__mailbox"
    )


def _own_id(mail_id: str) -> UUID | None:
    try:
        return UUID(mail_id.partition("@")[0])
    except ValueError:
        return None


def list_due(at: datetime) -> Sequence[Mailbox]:
    """The mailboxes that are to be looked into, the longest due first."""
    due = Q(due_at__lte=at) | Q(due_at=None)
    rows = Mailbox.objects.filter(due, is_on=True, archived_at=None).exclude(secret="")
    return list(rows.order_by("due_at", "pk"))
