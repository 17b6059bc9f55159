"""The ticket's page: the conversation with its one composer, and the facts beside it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext

from guanxi.customers.choices import Channel
from guanxi.customers.page.related import size
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Difference
from guanxi.surfaces.drafts import TALK
from guanxi.surfaces.html.drafts import FormDraft
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.records import RecordPage
from guanxi.surfaces.records import get_record_type
from guanxi.tickets import queries
from guanxi.tickets.choices import CHANNELS, LIVE, Said, State
from guanxi.tickets.mail.quoting import Folded, fold_quoted
from guanxi.tickets.models import Message, Ticket

EMAIL: Final = Channel.EMAIL.value
#: What each way of speaking asks for.
RIGHTS: Final = {
    Said.REPLY.value: "tickets.reply",
    Said.NOTE.value: "tickets.note",
    Said.CUSTOMER.value: "tickets.hear",
}


@dataclass(frozen=True)
class Paper:
    """A file at a message as it is shown; one that was refused has no address."""

    name: str
    size: str
    url: str
    refused: str


@dataclass(frozen=True)
class Way:
    """How far a reply has come that leaves by mail."""

    state: str
    label: str
    to: str
    reason: str
    again_url: str


@dataclass(frozen=True)
class Bubble:
    """A message as it is shown."""

    seq: int
    said: str
    label: str
    who: str
    when: str
    iso: str
    body: str
    quoted: str
    channel: str
    origin: str
    papers: Sequence[Paper]
    way: Way | None


@dataclass(frozen=True)
class Talk:
    """A page of the conversation, and the way to what was said before."""

    bubbles: Sequence[Bubble]
    earlier_url: str = ""
    earlier_page_url: str = ""


@dataclass
class Composer:
    """The one place in which a reply, a note or the customer's word is written."""

    url: str
    public_seq: int
    ways: Sequence[tuple[str, str]]
    colleagues: Sequence[tuple[int, str]]
    wordings: str
    draft: FormDraft
    given: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[str] = ()
    newer: Sequence[Difference] = ()
    is_forbidden: bool = False
    channels: Sequence[tuple[str, Any]] = CHANNELS

    @cached_property
    def values(self) -> Mapping[str, str]:
        """What stands in it: what was refused, what was typed before, or nothing yet."""
        return self.draft.values_or(self.given)

    @property
    def said(self) -> str:
        """Which way of speaking is chosen."""
        chosen = self.values.get("said", "")
        offered = [value for value, _label in self.ways]
        return chosen if chosen in offered else offered[0]


class TicketPage(RecordPage):
    """What the ticket's template shows."""

    def __init__(self, request: HttpRequest, pk: int) -> None:
        super().__init__(request, get_record_type("tickets.ticket"), pk)

    @cached_property
    def ticket(self) -> Ticket:
        """The ticket itself."""
        found = self.instance
        assert isinstance(found, Ticket)  # noqa: S101
        return found

    @property
    def state(self) -> dict[str, str]:
        """How far it is, as a mark beside the name."""
        tone = {"new": "amber", "waiting": "indigo", "open": "jade"}.get(self.ticket.state, "")
        return {"label": self.ticket.get_state_display(), "tone": tone}

    @property
    def said_first(self) -> str:
        """What the customer came with."""
        return self.ticket.description

    def talk(self, before: int | None = None) -> Talk:
        """The newest page of what was said, or the one before a message."""
        found, has_more = queries.list_messages(self.id, before=before)
        first = found[0].seq if has_more else 0
        return Talk(
            bubbles_of(found, self.formatter),
            f"{self.url}messages/?before={first}" if has_more else "",
            f"{self.url}?before={first}" if has_more else "",
        )

    def composer(self, posted: Mapping[str, str] | None = None, **refused: Any) -> Composer | None:
        """The composer, holding what was typed when something in it was refused."""
        ways = ways_of(self.ticket, self.actor)
        if not ways or self.row.archived_at:
            return None
        is_refused = bool(refused)
        return Composer(
            url=f"{self.url}talk/",
            public_seq=self.ticket.public_seq,
            ways=ways,
            colleagues=queries.list_colleagues(self.ticket),
            wordings=json.dumps(queries.list_wordings(), ensure_ascii=False),
            draft=FormDraft(self.request, self.type, self.id, TALK, is_new=not is_refused),
            given=posted or {},
            **refused,
        )


def ways_of(ticket: Ticket, actor: Actor) -> list[tuple[str, str]]:
    """How the reader may speak on a ticket; who is answered is the customer, while it is open."""
    labels = {
        Said.REPLY.value: gettext("Reply to the customer"),
        Said.NOTE.value: gettext("Internal note"),
        Said.CUSTOMER.value: gettext("The customer said"),
    }
    closed = set() if ticket.state in LIVE else {Said.REPLY.value}
    if ticket.state == State.MERGED:
        return []
    return [
        (way, label)
        for way, label in labels.items()
        if way not in closed and actor.can(RIGHTS[way])
    ]


def bubbles_of(found: Sequence[Message], formatter: Formatter) -> list[Bubble]:
    """Messages as they are shown."""
    labels, channels = dict(Said.choices), dict(CHANNELS)
    return [
        Bubble(
            seq=each.seq,
            said=each.said,
            label=str(labels[each.said]),
            who=each.author_label,
            when=formatter.moment_short(each.at),
            iso=each.at.isoformat(),
            body=folded.said,
            quoted=folded.quoted,
            channel=str(channels.get(each.channel, "")),
            origin=each.origin,
            papers=papers_of(each),
            way=way_of(each),
        )
        for each in found
        for folded in (fold_quoted(each.body) if each.channel == EMAIL else Folded(each.body, ""),)
    ]


def papers_of(message: Message) -> list[Paper]:
    """The files that came with a message, or why one did not."""
    return [
        Paper(
            name=each.name,
            size=size(each.file.size) if each.file else "",
            url=f"/tickets/{message.ticket_id}/files/{each.pk}/" if each.file else "",
            refused=each.refused,
        )
        for each in message.files.all()
    ]


def way_of(message: Message) -> Way | None:
    """Whether a reply waits, has left, or did not reach the customer, and why."""
    state = queries.post_state(message)
    if state is None:
        return None
    labels = {
        "waiting": gettext("Waits to be sent by mail"),
        "sent": gettext("Sent by mail"),
        "failed": gettext("Not delivered"),
    }
    is_failed = state == "failed"
    return Way(
        state=state,
        label=labels[state],
        to=message.post.letter.sender.address,
        reason=message.post.error if is_failed else "",
        again_url=f"/tickets/{message.ticket_id}/resend/" if is_failed else "",
    )
