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
from guanxi.surfaces.api.operations import Operation, answer, describes, in_query
from guanxi.surfaces.api.views import RecordView
from guanxi.surfaces.parsing import is_number
from guanxi.tickets import queries
from guanxi.tickets.choices import CHANNELS, Said
from guanxi.tickets.models import Message, Ticket


class TicketMessages(RecordView):
    """GET what was said on a ticket, oldest first, after a message that one has read."""

    needs: ClassVar[Mapping[str, str]] = {"GET": "view"}

    def get(self, request: Request, pk: int) -> Response:
        """One page; `next` leads on, without it one has read everything."""
        del request
        ticket = get_visible(self.actor, "tickets.view", Ticket.objects.all(), pk=pk)
        query = self.query(frozenset({"after"}))
        found, has_more = queries.list_messages(ticket.pk, after=_after(query))
        query_on = urlencode({"after": found[-1].seq}) if has_more else ""
        return Response(
            {
                "results": [document_of(each) for each in found],
                "public_seq": ticket.public_seq,
                "next": f"{self.url(pk)}messages/?{query_on}" if has_more else None,
            }
        )


def _after(query: Mapping[str, str]) -> int:
    written = query.get("after", "0")
    if not is_number(written) or len(written) > 9:
        raise BadRequest("bad_number", _("“%(name)s” is not a number here."), name="after")
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
        "at": message.at,
    }


_COUNT: Schema = {"type": "integer", "minimum": 0}
_AUTHOR = nothing_else({"id": {"type": ["integer", "null"]}, "label": TEXT}, ("id", "label"))
_MESSAGE: dict[str, Schema] = {
    "seq": _COUNT,
    "said": {**TEXT, "enum": list(Said.values)},
    "channel": {**TEXT, "enum": [value for value, _label in CHANNELS]},
    "body": TEXT,
    "author": _AUTHOR,
    "origin": TEXT,
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
