"""Taking letters in: each once, into the ticket that it belongs to (SVC-1, G06-G08, L06, L07).

The row of the sender is made or locked first, so of any number of first letters of one person one
opens the ticket and the others join it, and the same letter brought twice is seen to be known.
Whoever a letter says it comes from, it is a customer's word and never an act of ours.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from django.utils.translation import gettext

from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.text import clean_text
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record
from guanxi.tickets.choices import Said
from guanxi.tickets.events import CustomerHeard, TicketNoted
from guanxi.tickets.mail import queries, rules
from guanxi.tickets.mail.choices import Mark
from guanxi.tickets.mail.models import Letter, Mailbox, Sender
from guanxi.tickets.mail.quoting import plain_subject
from guanxi.tickets.mail.reading import Bounce, Incoming, Part, read_mail
from guanxi.tickets.mail.services import failing
from guanxi.tickets.models import Message, Ticket
from guanxi.tickets.services import filing, talking
from guanxi.tickets.services.steps import KEY, LONGEST, fetch, tell

EMAIL: Final = "email"
LONGEST_SUBJECT: Final = 190


def take_mail(
    raw: bytes, *, mailbox: Mailbox, actor: Actor, at: datetime, beyond: str = ""
) -> Letter | None:
    """Take in one mail; None when it is known. `beyond` says why its insides are not here."""
    found = read_mail(raw)
    if beyond:
        found = replace(found, text=beyond, parts=())
    if queries.is_known(found):
        return None
    if len(found.text) > LONGEST:
        found = replace(found, parts=(Part("message.txt", found.text.encode()), *found.parts))
    offered = filing.offer_all((part.name, BytesIO(part.content)) for part in found.parts)
    try:
        letter = _take(found, offered, mailbox, actor, at)
    except BaseException:
        filing.discard_all(offered)
        raise
    if letter is None:
        filing.discard_all(offered)
    return letter


@atomic_retried
def _take(
    found: Incoming, offered: Sequence[filing.Offered], mailbox: Mailbox, actor: Actor, at: datetime
) -> Letter | None:
    sender = _meet(found, at)
    if queries.is_known(found):
        return None
    letter = Letter.objects.create(
        key=found.key,
        mail_id=found.message_id,
        references=list(found.references),
        subject=found.subject[:LONGEST_SUBJECT],
        mark=rules.mark_of(found),
        mailbox=mailbox,
        sender=sender,
        at=at,
    )
    if found.bounce:
        return _give_back(letter, found.bounce, actor, at)
    letter.message = _tell_ticket(found, letter, actor, at)
    letter.save(update_fields=["message"])
    filing.attach(letter.message, offered, user_id=None, at=at)
    Sender.objects.filter(pk=sender.pk).update(ticket=letter.message.ticket_id)
    return letter


def _give_back(letter: Letter, bounce: Bounce, actor: Actor, at: datetime) -> Letter:
    """A reply of ours came back; what came back of others' letters is only kept."""
    post = queries.find_posts(bounce.about).first()
    if post is not None and post.state != "parked":
        letter.message = failing.note_failure(post, bounce.reason, actor=actor, at=at)
        letter.save(update_fields=["message"])
    return letter


def _meet(found: Incoming, at: datetime) -> Sender:
    """Who writes: one row for an address, locked until the letter is taken in."""
    rows = Sender.objects.filter(address=found.sender)
    if not rows.exists():
        new = Sender(
            address=found.sender,
            name=found.sender_name,
            contact_id=queries.find_contact(found.sender),
            created_at=at,
        )
        Sender.objects.bulk_create([new], ignore_conflicts=True)
    return rows.select_for_update(of=("self",)).select_related("ticket").get()


def _tell_ticket(found: Incoming, letter: Letter, actor: Actor, at: datetime) -> Message:
    """Say a letter's words on the ticket that it belongs to, or on a new one."""
    ticket = _ticket_of(found, letter.sender)
    body = _body_of(found)
    how: dict[str, Any] = {"channel": EMAIL, "author": found.who}
    if ticket is None:
        ticket = _open(found, letter, actor, at)
    elif letter.mark == Mark.AUTO_REPLY:
        ticket = fetch(ticket.pk, "note", actor)
        noted = talking.say(ticket, Said.NOTE, body, actor, at, **how)
        tell(ticket, TicketNoted(ticket.version, ticket.last_seq), actor, at)
        return noted
    else:
        ticket = fetch(ticket.pk, "hear", actor)
        if not talking.is_over(ticket, at):
            return talking.hear(ticket, body, actor, at, **how)
        ticket = talking.follow(ticket, actor, at, channel=EMAIL)
    said = talking.say(ticket, Said.CUSTOMER, body, actor, at, **how)
    tell(ticket, CustomerHeard(ticket.version, ticket.last_seq, ticket.state), actor, at)
    return said


def _ticket_of(found: Incoming, sender: Sender) -> Ticket | None:
    """The ticket that a letter names, or the open one of whoever wrote it."""
    named = queries.standing(queries.find_named(found, sender))
    if named or not sender.address:
        return named
    last = queries.standing(sender.ticket)
    return last if last and rules.joins(last, found) else None


def _open(found: Incoming, letter: Letter, actor: Actor, at: datetime) -> Ticket:
    subject = clean_text(plain_subject(found.subject)[:LONGEST_SUBJECT])
    values = {
        "subject": subject or gettext("(no subject)"),
        "channel": EMAIL,
        "contact": letter.sender.contact_id,
        "team": letter.mailbox.team_id,
    }
    given = {name: value for name, value in values.items() if value}
    made = create_record(get_record_type(KEY), given, actor=actor, at=at)
    assert isinstance(made, Ticket)  # noqa: S101  tells the type checker
    return made


def _body_of(found: Incoming) -> str:
    """The words as they are stored; what is too long lies beside them as a file."""
    words = clean_text(found.text[:LONGEST], max_length=4 * LONGEST, multiline=True)
    return words[:LONGEST] or gettext("(no text)")
