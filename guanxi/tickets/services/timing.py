"""The deadlines of a ticket, and the column that says which comes next (SVC-3, SVC-4)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import Min

from guanxi.deadlines.choices import PauseReason, Phase
from guanxi.deadlines.models import Clock
from guanxi.deadlines.services import (
    cancel_clocks,
    follow_clocks,
    pause_clock,
    reopen_clock,
    resume_clock,
    retarget_clock,
    start_clock,
    start_clocks,
    stop_clock,
    transfer_clock,
    update_clock,
)
from guanxi.kernel.actor import Actor
from guanxi.tickets import clocks, queries
from guanxi.tickets.choices import AT_ONCE, Kind
from guanxi.tickets.models import Ticket

AT_ONCE_MOVED: Final = 1000
CUSTOMER: Final = PauseReason.CUSTOMER.value


def begin(ticket: Ticket, actor: Actor, at: datetime) -> None:
    """Start what was promised; whoever is on the line is answered already."""
    kinds = [clocks.RESPOND, clocks.RESOLVE]
    if ticket.kind == Kind.EMERGENCY:
        kinds += [clocks.BEGIN, clocks.INFORM]
    started = start_clocks(ticket, kinds, actor=actor, at=at)
    if actor.user_id and actor.channel == "web" and ticket.channel in AT_ONCE:
        ticket.replied_at = at
        Ticket.objects.filter(pk=ticket.pk).update(replied_at=at)
        stop_clock(ticket, clocks.RESPOND, actor=actor, at=at)
        keep_due(ticket)
    elif started:
        ticket.due_at = min((c.due_at for c in started if c.due_at), default=None)
        Ticket.objects.filter(pk=ticket.pk).update(due_at=ticket.due_at)


def keep_due(ticket: Ticket) -> None:
    """The soonest of the deadlines that run."""
    running = Clock.objects.filter(
        record_key="tickets.ticket", object_id=ticket.pk, phase=Phase.RUNNING
    )
    due_at = running.aggregate(soonest=Min("due_at"))["soonest"]
    if due_at != ticket.due_at:
        ticket.due_at = due_at
        Ticket.objects.filter(pk=ticket.pk).update(due_at=due_at)


def follow_moved() -> int:
    """Keep the column in step with deadlines that another calendar or policy has moved."""
    moved = queries.list_moved(AT_ONCE_MOVED)
    for pk, due_at in moved:
        Ticket.objects.filter(pk=pk).update(due_at=due_at)
    return len(moved)


def after_reply(ticket: Ticket, actor: Actor, at: datetime) -> None:
    """A person answered: the first response is given, word of an emergency too (never a bot)."""
    if actor.user_id:
        answered(ticket, actor, at)
    update_clock(ticket, clocks.INFORM, actor=actor, at=at)
    hold_or_run(ticket, actor, at)


def answered(ticket: Ticket, actor: Actor, at: datetime) -> None:
    """The customer has a person's answer."""
    for kind in (clocks.RESPOND, clocks.BEGIN):
        stop_clock(ticket, kind, actor=actor, at=at)
    keep_due(ticket)


def taken_up(ticket: Ticket, actor: Actor, at: datetime) -> None:
    """Somebody deals with the emergency."""
    stop_clock(ticket, clocks.BEGIN, actor=actor, at=at)
    keep_due(ticket)


def hold_or_run(ticket: Ticket, actor: Actor, at: datetime) -> None:
    """While the customer is to say something, what may be held is held."""
    if ticket.state != "waiting":
        resume_clock(ticket, clocks.RESOLVE, reason=CUSTOMER, actor=actor, at=at)
    elif _may_be_held(ticket):
        pause_clock(ticket, clocks.RESOLVE, reason=CUSTOMER, actor=actor, at=at)
    keep_due(ticket)


def _may_be_held(ticket: Ticket) -> bool:
    rows = Clock.objects.filter(
        record_key="tickets.ticket", object_id=ticket.pk, kind=clocks.RESOLVE, key=""
    )
    reasons = rows.values_list("reasons", flat=True).first()
    return CUSTOMER in (reasons or ())


def stop_all(ticket: Ticket, actor: Actor, at: datetime) -> None:
    """It is solved."""
    for kind in clocks.ALL:
        stop_clock(ticket, kind, actor=actor, at=at)
    keep_due(ticket)


def run_on(ticket: Ticket, actor: Actor, at: datetime) -> None:
    """It is not solved after all: what ran until then runs on."""
    kinds: Iterable[str] = (clocks.RESOLVE,)
    if ticket.kind == Kind.EMERGENCY:
        kinds = (clocks.RESOLVE, clocks.INFORM)
    for kind in kinds:
        reopen_clock(ticket, kind, actor=actor, at=at)
    keep_due(ticket)


def follow_kind(ticket: Ticket, actor: Actor, at: datetime) -> None:
    """Another kind or way has other promises."""
    for kind in (clocks.RESPOND, clocks.RESOLVE):
        retarget_clock(ticket, kind, actor=actor, at=at)
    if ticket.replied_at is None:
        start_clock(ticket, clocks.RESPOND, actor=actor, at=at)
    start_clock(ticket, clocks.RESOLVE, actor=actor, at=at)
    keep_due(ticket)


def follow_owner(ticket: Ticket, actor: Actor, at: datetime, *, is_other_team: bool) -> None:
    """The deadlines go to whoever answers for the ticket now, and run by their calendar."""
    follow_clocks(ticket)
    if is_other_team:
        for kind in clocks.ALL:
            transfer_clock(ticket, kind, actor=actor, at=at)
        keep_due(ticket)


def declare(ticket: Ticket, actor: Actor, at: datetime) -> None:
    """An emergency is taken up within the hour, with word every half hour."""
    for kind in (clocks.BEGIN, clocks.INFORM):
        start_clock(ticket, kind, actor=actor, at=at)
    keep_due(ticket)


def cancel(ticket: Ticket, actor: Actor, at: datetime) -> None:
    """Nothing is due on it any more."""
    cancel_clocks(ticket, actor=actor, at=at)
    keep_due(ticket)
