"""How a ticket ends: waiting, the standard process, solved, closed, opened again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.notifications.services import settle_notifications
from guanxi.people.services.steps import cleaned, save_columns
from guanxi.tickets import rules
from guanxi.tickets.choices import State, Step
from guanxi.tickets.events import (
    StepTicked,
    TicketClosed,
    TicketReopened,
    TicketSolved,
    TicketWaits,
)
from guanxi.tickets.models import Ticket
from guanxi.tickets.notifications import ASSIGNED, HEARD
from guanxi.tickets.services import timing
from guanxi.tickets.services.capacity import release
from guanxi.tickets.services.owning import who_goes_on
from guanxi.tickets.services.steps import fetch, tell

AT_ONCE: Final = 500


@atomic_retried
def wait_for_customer(ticket_id: int, *, actor: Actor, at: datetime) -> Ticket:
    """It is the customer's turn: what may be held is held until then."""
    ticket = fetch(ticket_id, "wait", actor)
    rules.require_live(ticket.state)
    save_columns(ticket, at, state=State.WAITING)
    timing.hold_or_run(ticket, actor, at)
    return tell(ticket, TicketWaits(ticket.version), actor, at)


@atomic_retried
def tick_step(ticket_id: int, *, step: str, actor: Actor, at: datetime) -> Ticket:
    """Tick a step of the standard process, or take the tick back (SVC-2)."""
    ticket = fetch(ticket_id, "tick", actor)
    steps = [s for s in Step.values if (s in ticket.steps) != (s == step)]
    save_columns(ticket, at, steps=steps)
    return tell(ticket, StepTicked(ticket.version, step, step in steps), actor, at)


@atomic_retried
def solve_ticket(
    ticket_id: int, *, steps: Iterable[str] = (), actor: Actor, at: datetime
) -> Ticket:
    """The customer has what they needed, by the standard process; its clocks stop."""
    ticket = fetch(ticket_id, "solve", actor)
    done = [s for s in Step.values if s in {*ticket.steps, *steps}]
    names = {value: str(label) for value, label in Step.choices}
    rules.check_solving(ticket.state, done, names)
    save_columns(ticket, at, state=State.SOLVED, solved_at=at, steps=done)
    release(ticket.owner_id)
    timing.stop_all(ticket, actor, at)
    settle_notifications(ticket, kinds=[HEARD.code, ASSIGNED.code], at=at)
    return tell(ticket, TicketSolved(ticket.version, tuple(done)), actor, at)


@atomic_retried
def close_ticket(ticket_id: int, *, actor: Actor, at: datetime) -> Ticket:
    """Nothing more is to come of what was solved."""
    ticket = fetch(ticket_id, "close", actor)
    rules.check_closing(ticket.state)
    save_columns(ticket, at, state=State.CLOSED, closed_at=at)
    return tell(ticket, TicketClosed(ticket.version), actor, at)


def close_settled(*, actor: Actor, at: datetime) -> int:
    """What was solved seven days ago is closed by rule; how many."""
    long_ago = at - rules.REOPEN_WINDOW
    rows = Ticket.objects.filter(state=State.SOLVED, solved_at__lt=long_ago, archived_at=None)
    ids = list(rows.order_by("solved_at", "pk").values_list("pk", flat=True)[:AT_ONCE])
    return sum(_close_if_settled(pk, actor, at) for pk in ids)


@atomic_retried
def _close_if_settled(ticket_id: int, actor: Actor, at: datetime) -> bool:
    ticket = fetch(ticket_id, "close", actor)
    if ticket.state != State.SOLVED:
        return False
    save_columns(ticket, at, state=State.CLOSED, closed_at=at)
    tell(ticket, TicketClosed(ticket.version), actor, at)
    return True


@atomic_retried
def reopen_ticket(ticket_id: int, *, reason: str, actor: Actor, at: datetime) -> Ticket:
    """It is not solved after all; within seven days its clocks run on."""
    ticket = fetch(ticket_id, "reopen", actor)
    rules.check_reopening(ticket.state, ticket.solved_at, at)
    reason = cleaned(reason, "reason", 200)
    reopened = {"state": State.OPEN, "solved_at": None, "closed_at": None, "recontacted_at": at}
    save_columns(ticket, at, **reopened, **who_goes_on(ticket, at))
    timing.run_on(ticket, actor, at)
    return tell(ticket, TicketReopened(ticket.version, reason), actor, at)
