"""Who deals with a ticket: whoever takes it, or to whom it is given."""

from datetime import datetime
from typing import Any

from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import RuleViolation
from guanxi.notifications.services import notify, settle_notifications
from guanxi.people.models import Department, Team
from guanxi.people.services.steps import cleaned, save_columns
from guanxi.tickets import messages, rules
from guanxi.tickets.choices import Because, Kind, Priority
from guanxi.tickets.events import EmergencyDeclared, TicketAssigned
from guanxi.tickets.models import Ticket
from guanxi.tickets.notifications import ASSIGNED, EMERGENCY
from guanxi.tickets.services import timing
from guanxi.tickets.services.capacity import release, seize
from guanxi.tickets.services.steps import fetch, tell


@atomic_retried
def take_ticket(ticket_id: int, *, actor: Actor, at: datetime) -> Ticket:
    """Take what nobody has yet; of two at once one does."""
    ticket = fetch(ticket_id, "take", actor)
    rules.require_live(ticket.state)
    if ticket.owner_id is not None:
        raise RuleViolation("taken_already", messages.TAKEN_ALREADY)
    give(ticket, actor.user_id, Because.TAKEN, at)
    timing.follow_owner(ticket, actor, at, is_other_team=False)
    timing.taken_up(ticket, actor, at)
    changes = {"owner": (None, actor.user_id)}
    return tell(ticket, TicketAssigned(ticket.version, Because.TAKEN), actor, at, changes)


@atomic_retried
def assign_ticket(
    ticket_id: int,
    *,
    owner: int | None = None,
    team: int | None = None,
    reason: str = "",
    actor: Actor,
    at: datetime,
) -> Ticket:
    """Give it to somebody, or to a queue where it waits for one."""
    ticket = fetch(ticket_id, "assign", actor)
    rules.require_live(ticket.state)
    reason = cleaned(reason, "reason", 200)
    before = {"owner": ticket.owner_id, "team": ticket.team_id}
    if team and team != ticket.team_id:
        department = Team.objects.values_list("department_id", flat=True).get(pk=team)
        save_columns(ticket, at, team_id=team, department_id=department)
    give(ticket, owner, Because.HAND, at)
    is_other_team = ticket.team_id != before["team"]
    timing.follow_owner(ticket, actor, at, is_other_team=is_other_team)
    tell_owner(ticket, actor, at)
    after = {"owner": ticket.owner_id, "team": ticket.team_id}
    changes = {n: (before[n], after[n]) for n in before if before[n] != after[n]}
    return tell(ticket, TicketAssigned(ticket.version, Because.HAND, reason), actor, at, changes)


def give(ticket: Ticket, user_id: int | None, because: str, at: datetime) -> None:
    """Write down who has it, and why; nobody gets more than they can take."""
    if user_id == ticket.owner_id:
        return
    if user_id is not None and not seize(user_id, at):
        raise RuleViolation("not_free", messages.NOT_FREE, "owner")
    release(ticket.owner_id)
    save_columns(ticket, at, owner_id=user_id, because=because if user_id else "")


def who_goes_on(ticket: Ticket, at: datetime) -> dict[str, Any]:
    """Opened again, a ticket goes to whoever had it, if they have room; else it waits."""
    if ticket.owner_id is None or seize(ticket.owner_id, at):
        return {}
    return {"owner_id": None, "because": Because.NOBODY}


def tell_owner(ticket: Ticket, actor: Actor, at: datetime) -> None:
    """Whoever was given a ticket hears of it; who had it before no more."""
    if ticket.version > 1:
        settle_notifications(ticket, kinds=[ASSIGNED.code], at=at)
    if ticket.owner_id is None or ticket.owner_id == actor.user_id:
        return
    key = f"{ASSIGNED.code}:{ticket.pk}:{ticket.version}"
    notify(ASSIGNED.code, [ticket.owner_id], subject=ticket, params={}, key=key, actor=actor, at=at)


@atomic_retried
def declare_emergency(ticket_id: int, *, reason: str, actor: Actor, at: datetime) -> Ticket:
    """Declare an emergency: its clocks begin, owner and head hear of it at once (SVC-4)."""
    ticket = fetch(ticket_id, "declare", actor)
    rules.require_live(ticket.state)
    if ticket.kind == Kind.EMERGENCY:
        raise RuleViolation("emergency_already", messages.EMERGENCY_ALREADY)
    reason = cleaned(reason, "reason", 200)
    changes = {
        "kind": (ticket.kind, Kind.EMERGENCY.value),
        "priority": (ticket.priority, Priority.URGENT.value),
    }
    save_columns(ticket, at, kind=Kind.EMERGENCY, priority=Priority.URGENT)
    timing.declare(ticket, actor, at)
    head = Department.objects.filter(pk=ticket.department_id or 0).values_list("head_id", flat=True)
    told = {ticket.owner_id, *head} - {None, actor.user_id}
    key = f"{EMERGENCY.code}:{ticket.pk}"
    notify(
        EMERGENCY.code,
        [pk for pk in told if pk],
        subject=ticket,
        params={},
        key=key,
        actor=actor,
        at=at,
    )
    return tell(ticket, EmergencyDeclared(ticket.version, reason), actor, at, changes)
