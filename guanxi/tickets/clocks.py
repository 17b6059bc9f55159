"""The deadlines that tickets have (SVC-3, SVC-4)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from guanxi.deadlines.declarations import ClockKind, declare_clock
from guanxi.kernel.errors import Message
from guanxi.tickets.models import Ticket


def _owner(ticket: Ticket) -> int | None:
    return ticket.owner_id


def _department(ticket: Ticket) -> int | None:
    return ticket.department_id


def _team(ticket: Ticket) -> int | None:
    return ticket.team_id


def _clock(name: str, label: Message) -> str:
    kind = ClockKind(
        f"tickets.{name}", "tickets.ticket", label, owner=_owner, department=_department, team=_team
    )
    return declare_clock(kind).name


#: Until the first public reply, or the answered call.
RESPOND: Final = _clock("respond", _("First response"))
#: Until it is solved; held while the customer is to say something.
RESOLVE: Final = _clock("resolve", _("Resolve"))
#: Until somebody takes an emergency up.
BEGIN: Final = _clock("begin", _("Take up the emergency"))
#: Word to the customer of an emergency, again and again.
INFORM: Final = _clock("inform", _("Progress to the customer"))
ALL: Final = (RESPOND, RESOLVE, BEGIN, INFORM)
