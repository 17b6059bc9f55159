"""What the pages of tickets and of customers show beside the facts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Model
from django.utils.translation import gettext

from guanxi.kernel.actor import Actor
from guanxi.surfaces.html.formats import Formatter
from guanxi.tickets import queries
from guanxi.tickets.choices import LIVE, State, Step
from guanxi.tickets.models import Ticket
from guanxi.tickets.queries import Line

MOST: Final = 6


def process(actor: Actor, ticket: Model, at: datetime) -> Mapping[str, Any]:
    """The standard process, each step to be ticked (SVC-2)."""
    del at
    assert isinstance(ticket, Ticket)  # noqa: S101
    may = actor.can("tickets.tick") and ticket.state in LIVE
    return {
        "url": f"/tickets/{ticket.pk}/tick/" if may else "",
        "steps": [
            {"value": value, "label": label, "is_done": value in ticket.steps}
            for value, label in Step.choices
        ],
    }


def related(actor: Actor, ticket: Model, at: datetime) -> Mapping[str, Any]:
    """What has to do with a ticket."""
    assert isinstance(ticket, Ticket)  # noqa: S101
    found = queries.as_lines(queries.related(ticket, actor), MOST)
    return {"rows": rows_of(found, Formatter(actor, at))}


def of_customer(actor: Actor, customer: Any, at: datetime) -> Mapping[str, Any]:
    """The customer's latest tickets, and the way to a new one."""
    found = queries.as_lines(queries.of_customer(customer.pk, actor), MOST)
    may_add = actor.can("tickets.create") and not customer.archived_at
    return {
        "rows": rows_of(found, Formatter(actor, at)),
        "empty": gettext("No tickets so far."),
        "add_url": f"/tickets/new/?customer={customer.pk}" if may_add else "",
        "all_url": f"/tickets/?view=&customer={customer.pk}",
    }


def rows_of(
    found: Sequence[Line], formatter: Formatter, *, beside: str = "owner__name"
) -> list[dict[str, Any]]:
    """Tickets as lines: what, how far, whose, when it is due or when something happened."""
    states = dict(State.choices)
    return [
        {
            "url": f"/tickets/{each.pk}/",
            "name": each.subject,
            "number": each.number,
            "state": states[each.state],
            "is_live": each.state in LIVE,
            "note": getattr(each, beside) or "",
            "when": formatter.due(each.due_at) if each.due_at else formatter.when(each.updated_at),
        }
        for each in found
    ]
