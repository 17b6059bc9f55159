"""What is said on a ticket: replies, the customer's word, notes among ourselves.

Whoever replies says which public message they saw last; a newer one is shown to them first. One
conditional update of the ticket decides who was quicker, so of any number exactly one is sent.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import Difference, RuleViolation, StaleVersion
from guanxi.notifications.services import notify, settle_notifications
from guanxi.tickets import messages, queries, rules
from guanxi.tickets.choices import After, Because, Said
from guanxi.tickets.events import CustomerHeard, TicketNoted, TicketReplied
from guanxi.tickets.mail.services.sending import queue_reply
from guanxi.tickets.models import Message, Ticket
from guanxi.tickets.notifications import HEARD, MENTIONED
from guanxi.tickets.services import timing
from guanxi.tickets.services.capacity import seize
from guanxi.tickets.services.filing import Offered, attach
from guanxi.tickets.services.owning import who_goes_on
from guanxi.tickets.services.steps import create_beside, fetch, read_body, tell

MOST_TOLD: Final = 10


@atomic_retried
def reply_to_ticket(
    ticket_id: int,
    *,
    body: str,
    public_seq: int,
    then: str = After.OPEN,
    is_meant: bool = False,
    files: Sequence[Offered] = (),
    actor: Actor,
    at: datetime,
) -> Ticket:
    """Answer the customer, having read everything up to `public_seq`."""
    ticket = fetch(ticket_id, "reply", actor)
    body = read_body(body)
    state = rules.after_reply(ticket.state, then)
    if not is_meant:
        require_fit(body)
    columns: dict[str, Any] = {"state": state, "replied_at": ticket.replied_at or at}
    if ticket.owner_id is None and actor.user_id and seize(actor.user_id, at):
        columns |= {"owner_id": actor.user_id, "because": Because.TAKEN}
    said = say(ticket, Said.REPLY, body, actor, at, seen=public_seq, files=files, **columns)
    queue_reply(said, at=at)
    if "owner_id" in columns:
        timing.follow_owner(ticket, actor, at, is_other_team=False)
    timing.after_reply(ticket, actor, at)
    settle_notifications(ticket, kinds=[HEARD.code], at=at)
    return tell(ticket, TicketReplied(ticket.version, ticket.last_seq, state), actor, at)


@atomic_retried
def note_on_ticket(
    ticket_id: int,
    *,
    body: str,
    mentions: Iterable[int] = (),
    files: Sequence[Offered] = (),
    actor: Actor,
    at: datetime,
) -> Ticket:
    """Write something down for colleagues; who is mentioned hears of it."""
    ticket = fetch(ticket_id, "note", actor)
    say(ticket, Said.NOTE, read_body(body), actor, at, files=files)
    told = set(mentions) - {actor.user_id}
    if told:
        key = f"{MENTIONED.code}:{ticket.pk}:{ticket.last_seq}"
        who = {"who": actor.label}
        notify(MENTIONED.code, told, subject=ticket, params=who, key=key, actor=actor, at=at)
    return tell(ticket, TicketNoted(ticket.version, ticket.last_seq), actor, at)


@atomic_retried
def hear_customer(
    ticket_id: int,
    *,
    body: str,
    channel: str = "",
    files: Sequence[Offered] = (),
    actor: Actor,
    at: datetime,
) -> Ticket:
    """The customer's own word; of what was solved long ago a new ticket is made, which follows."""
    ticket = fetch(ticket_id, "hear", actor)
    body = read_body(body)
    rules.after_hearing(ticket.state)
    if is_over(ticket, at):
        made = follow(ticket, actor, at, channel=channel, description="" if files else body)
        if files:
            say(made, Said.CUSTOMER, body, actor, at, files=files)
        return made
    hear(ticket, body, actor, at, channel=channel, files=files)
    return ticket


def is_over(ticket: Ticket, at: datetime) -> bool:
    """Whether it was settled so long ago that a new ticket follows it."""
    return ticket.state not in rules.LIVE and rules.is_too_late(ticket.solved_at, at)


def hear(ticket: Ticket, body: str, actor: Actor, at: datetime, **how: Any) -> Message:
    """Write down the customer's word on a ticket that goes on with it; `how` as for `say`."""
    state = rules.after_hearing(ticket.state)
    is_settled = ticket.state not in rules.LIVE
    columns: dict[str, Any] = {"state": state}
    if is_settled:
        columns |= {"solved_at": None, "closed_at": None, "recontacted_at": at}
        columns |= who_goes_on(ticket, at)
    said = say(ticket, Said.CUSTOMER, body, actor, at, **how, **columns)
    if is_settled:
        timing.run_on(ticket, actor, at)
    timing.hold_or_run(ticket, actor, at)
    _tell_owner(ticket, actor, at)
    tell(ticket, CustomerHeard(ticket.version, ticket.last_seq, state), actor, at)
    return said


def follow(
    ticket: Ticket, actor: Actor, at: datetime, *, channel: str = "", **values: Any
) -> Ticket:
    """A new ticket of the same matter."""
    given = {"subject": ticket.subject, "kind": ticket.kind, **values}
    made = create_beside(ticket, actor, at, **given, channel=channel or ticket.channel)
    Ticket.objects.filter(pk=made.pk).update(follows=ticket)
    made.follows = ticket
    return made


def _tell_owner(ticket: Ticket, actor: Actor, at: datetime) -> None:
    if ticket.owner_id is None or ticket.owner_id == actor.user_id:
        return
    key = f"{HEARD.code}:{ticket.pk}:{ticket.last_seq}"
    notify(HEARD.code, [ticket.owner_id], subject=ticket, params={}, key=key, actor=actor, at=at)


# How a message is written -------------------------------------------------------------------------
def say(
    ticket: Ticket,
    said: str,
    body: str,
    actor: Actor,
    at: datetime,
    *,
    seen: int | None = None,
    channel: str = "",
    author: str = "",
    files: Sequence[Offered] = (),
    **columns: Any,
) -> Message:
    """Take the next number of the ticket and write the message; whoever has read less is told."""
    rows = Ticket.objects.filter(pk=ticket.pk)
    if seen is not None:
        rows = rows.filter(public_seq=seen)
    if said != Said.NOTE:
        columns["public_seq"] = F("last_seq") + 1
    taken = rows.update(
        last_seq=F("last_seq") + 1,
        version=F("version") + 1,
        spoken_at=at,
        updated_at=at,
        **columns,
    )
    if not taken:
        raise newer(ticket, seen or 0)
    ticket.refresh_from_db()
    message = Message.objects.create(
        ticket=ticket,
        seq=ticket.last_seq,
        said=said,
        channel=channel or ticket.channel,
        body=body,
        author_id=actor.user_id,
        author_label=(author or actor.label)[:150],
        at=at,
    )
    if files:
        attach(message, files, user_id=actor.user_id, at=at)
    return message


def newer(ticket: Ticket, seen: int) -> StaleVersion:
    """What was said to or by the customer since somebody last looked."""
    found = queries.list_newer(ticket, seen)[:MOST_TOLD]
    label = _("New message")
    differences = [
        Difference("public_seq", label, seen, seen, each.body, by=each.author_label, at=each.at)
        for each in found
    ]
    return StaleVersion(ticket.version, differences)


def require_fit(body: str) -> None:
    """What is not to be said to a customer is said only by whoever means it (COM-4)."""
    found = rules.forbidden(body, queries.list_wordings())
    if found is None:
        return
    phrase, instead = found
    raise RuleViolation(
        "forbidden_wording", messages.FORBIDDEN_WORDING, "body", phrase=phrase, instead=instead
    )
