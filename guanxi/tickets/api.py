"""What tickets do over the API beyond the generic addresses: the conversation, page by page."""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from guanxi.kernel.access import get_visible
from guanxi.kernel.errors import BadRequest
from guanxi.surfaces.api.components import TEXT, Schema, nothing_else
from guanxi.surfaces.api.file_operations import BYTES
from guanxi.surfaces.api.operations import Operation, answer, describes, in_query
from guanxi.surfaces.api.views import RecordView
from guanxi.surfaces.downloads import hand_out
from guanxi.surfaces.parsing import is_number
from guanxi.tickets import queries, services
from guanxi.tickets.choices import CHANNELS, Said
from guanxi.tickets.models import Message, MessageFile, Ticket


class TicketMessages(RecordView):
    """GET what was said on a ticket, oldest first, after a message that one has read."""

    needs: ClassVar[Mapping[str, str]] = {"GET": "view"}

    def get(self, request: Request, pk: int) -> Response:
        """One page; `next` leads on, without it one has read everything."""
        del request
        ticket = get_visible(self.actor, "tickets.view", Ticket.objects.all(), pk=pk)
        query = self.query(frozenset({"after"}))
        found, has_more = queries.list_messages(ticket.pk, after=_number(query, "after"))
        query_on = urlencode({"after": found[-1].seq}) if has_more else ""
        return Response(
            {
                "results": [document_of(each) for each in found],
                "public_seq": ticket.public_seq,
                "next": f"{self.url(pk)}messages/?{query_on}" if has_more else None,
            }
        )


def _number(query: Mapping[str, str], name: str) -> int:
    written = query.get(name, "0")
    if not is_number(written) or len(written) > 18:
        raise BadRequest("bad_number", _("“%(name)s” is not a number here."), name=name)
    return int(written)


def document_of(message: Message) -> dict[str, Any]:
    """A message as JSON."""
    return {
        "seq": message.seq,
        "said": message.said,
        "channel": message.channel,
        "body": message.body,
        "author": {"id": message.author_id, "label": message.author_label},
        "origin": message.origin,
        "files": [_paper(message, each) for each in message.files.all()],
        "mail": _mail(message),
        "at": message.at,
    }


def _mail(message: Message) -> dict[str, str] | None:
    """How far a reply has come that leaves by mail."""
    state = queries.post_state(message)
    if state is None:
        return None
    reason = message.post.error if state == "failed" else ""
    return {"state": state, "to": message.post.letter.sender.address, "reason": reason}


def _paper(message: Message, paper: MessageFile) -> dict[str, Any]:
    stored = paper.file
    return {
        "id": paper.pk,
        "name": paper.name,
        "size": stored.size if stored else None,
        "mime": stored.mime if stored else "",
        "url": f"/api/v1/tickets/{message.ticket_id}/file/?id={paper.pk}" if stored else None,
        "refused": paper.refused,
    }


class TicketFile(RecordView):
    """GET a file that came with a message."""

    needs: ClassVar[Mapping[str, str]] = {"GET": "view"}

    def get(self, request: Request, pk: int) -> Any:
        """The bytes, to be kept and never run; the access log says who took them."""
        del request
        file_id = _number(self.query(frozenset({"id"})), "id")
        return hand_out(services.download_file(pk, file_id=file_id, actor=self.actor, at=self.at))


_COUNT: Schema = {"type": "integer", "minimum": 0}
_AUTHOR = nothing_else({"id": {"type": ["integer", "null"]}, "label": TEXT}, ("id", "label"))
_PAPER: dict[str, Schema] = {
    "id": {"type": "integer"},
    "name": TEXT,
    "size": {"type": ["integer", "null"]},
    "mime": TEXT,
    "url": {"type": ["string", "null"]},
    "refused": TEXT,
}
_MAIL = nothing_else(
    {"state": {**TEXT, "enum": ["waiting", "sent", "failed"]}, "to": TEXT, "reason": TEXT},
    ("state", "to", "reason"),
)
_MESSAGE: dict[str, Schema] = {
    "seq": _COUNT,
    "said": {**TEXT, "enum": list(Said.values)},
    "channel": {**TEXT, "enum": [value for value, _label in CHANNELS]},
    "body": TEXT,
    "author": _AUTHOR,
    "origin": TEXT,
    "files": {"type": "array", "items": nothing_else(_PAPER, tuple(_PAPER))},
    "mail": {"oneOf": [_MAIL, {"type": "null"}]},
    "at": {**TEXT, "format": "date-time"},
}


@describes(TicketMessages, "GET")
def _messages(view: TicketMessages) -> Operation:
    results = {"type": "array", "items": nothing_else(_MESSAGE, tuple(_MESSAGE))}
    next_one: Schema = {"type": ["string", "null"], "format": "uri"}
    page = nothing_else(
        {"results": results, "public_seq": _COUNT, "next": next_one},
        ("results", "public_seq", "next"),
    )
    return Operation(
        "tickets_messages",
        gettext("What was said on a ticket, oldest first"),
        "tickets",
        {200: answer(page, gettext("A page of messages."))},
        (400, 404, 429),
        parameters=[in_query("after", _COUNT, gettext("The last message that was read."))],
        permission=view.permission("GET"),
    )


@describes(TicketFile, "GET")
def _file(view: TicketFile) -> Operation:
    file: Schema = {
        "description": gettext("The file."),
        "content": {"*/*": {"schema": BYTES}},
    }
    return Operation(
        "tickets_file",
        gettext("A file that came with a message"),
        "tickets",
        {200: file},
        (400, 404, 429),
        parameters=[in_query("id", _COUNT, gettext("The id of the file at its message."))],
        permission=view.permission("GET"),
    )
