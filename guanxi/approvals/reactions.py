"""What follows when the clock of a step speaks up, and when somebody who is asked leaves."""

from collections.abc import Sequence

from django.utils.translation import gettext_noop

from guanxi.approvals.queries import list_waiting_for
from guanxi.approvals.services import reseat_request
from guanxi.approvals.services.timing import remind
from guanxi.deadlines.events import ClockSpoke
from guanxi.kernel.actor import system_actor
from guanxi.kernel.events import on
from guanxi.kernel.models import Event
from guanxi.people.events import UserDeactivated


@on(UserDeactivated)
def ask_somebody_else(rows: Sequence[Event]) -> None:
    """What waited for somebody who has left waits for the next one."""
    left = [int(row.subject_id) for row in rows]
    for pk in list_waiting_for(left):
        reseat_request(pk, actor=system_actor(gettext_noop("approvals")), at=rows[-1].at)


@on(ClockSpoke)
def remind_of_approval(rows: Sequence[Event]) -> None:
    """Everybody who is asked hears of it, each once."""
    remind(rows, rows[-1].at)
