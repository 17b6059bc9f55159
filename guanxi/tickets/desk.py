"""What waits on the desk: one's own tickets by deadline, and what waits in one's queues."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import F, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.surfaces.blocks import Block, declare_block
from guanxi.surfaces.html.formats import Formatter
from guanxi.tickets import queries
from guanxi.tickets.choices import LIVE
from guanxi.tickets.models import Ticket
from guanxi.tickets.panels import rows_of

MOST: Final = 8
_LIVE: Final = ",".join(LIVE)


def mine(actor: Actor, at: datetime) -> Mapping[str, Any]:
    """What the person deals with, soonest deadline first."""
    return {
        "rows": _rows(queries.mine(actor), actor, at),
        "all_url": f"/tickets/?view=&state={_LIVE}&owner=me",
    }


def queue(actor: Actor, at: datetime) -> Mapping[str, Any]:
    """What waits for somebody in the person's queues."""
    return {
        "rows": _rows(queries.queue(actor), actor, at),
        "empty": gettext("Nothing waits in the queue."),
        "all_url": f"/tickets/?view=&state={_LIVE}&owner__empty=true",
    }


def _rows(rows: QuerySet[Ticket], actor: Actor, at: datetime) -> list[dict[str, Any]]:
    ordered = rows.order_by(F("due_at").asc(nulls_last=True), "pk")
    found = queries.as_lines(ordered, MOST)
    return rows_of(found, Formatter(actor, at), beside="customer__name")


declare_block(
    Block(
        "tickets",
        _("My tickets"),
        "tickets/_lines.html",
        mine,
        permission="tickets.reply",
        order=7,
        hides_empty=True,
    )
)
declare_block(
    Block(
        "tickets_queue",
        _("Tickets in the queue"),
        "tickets/_lines.html",
        queue,
        permission="tickets.take",
        order=9,
        hides_empty=True,
    )
)
