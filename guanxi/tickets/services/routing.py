"""To whom a ticket goes: skill, room, shift; core customers to their senior (SVC-5, SVC-6).

Whoever is chosen is taken by one conditional update: if somebody else was quicker the next one is
tried, so nobody ever has more than they can take. Each decision says why.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Case, F, IntegerField, QuerySet, Value, When

from guanxi.customers.choices import Tier
from guanxi.customers.models import Customer
from guanxi.deadlines.models import DutyShift
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.people.services.steps import save_columns
from guanxi.tickets import queries
from guanxi.tickets.choices import AT_ONCE, Because
from guanxi.tickets.events import TicketAssigned
from guanxi.tickets.models import Agent, Ticket
from guanxi.tickets.services import timing
from guanxi.tickets.services.capacity import seize
from guanxi.tickets.services.owning import tell_owner
from guanxi.tickets.services.steps import fetch, tell

MOST_TRIED: Final = 50
AT_ONCE_DRAINED: Final = 200
#: Worth waiting for while they are given another ticket; of the others somebody else will do.
_PREFERRED: Final = frozenset({Because.NAMED, Because.BEFORE})
_FIRST_TIERS: Final = Case(
    When(customer__tier=Tier.CORE, then=Value(0)),
    When(customer__tier=Tier.POTENTIAL, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


class Choice(NamedTuple):
    """Who gets it, and why."""

    user_id: int | None
    because: str


def route(ticket: Ticket, customer: Customer | None, actor: Actor, at: datetime) -> Choice:
    """Choose somebody for a ticket and take one of their places; nobody when none is free."""
    if _is_with_actor(ticket, actor) and actor.user_id and seize(actor.user_id, at):
        return Choice(actor.user_id, Because.TAKEN)
    is_core = customer is not None and customer.tier == Tier.CORE
    ways = list(_for_core(ticket, customer) if is_core else _for_others(ticket, customer))
    for is_last_try in (False, True):
        for choice in ways:
            waits = is_last_try or choice.because in _PREFERRED
            if choice.user_id and seize(choice.user_id, at, waits=waits):
                return choice
    duty = _on_duty(ticket, at) if is_core else None
    return Choice(duty, Because.DUTY) if duty else Choice(None, Because.NOBODY)


def _is_with_actor(ticket: Ticket, actor: Actor) -> bool:
    """Whether an agent has the customer on the line while they write it down."""
    is_talk = actor.channel == "web" and ticket.channel in AT_ONCE
    return is_talk and Agent.objects.filter(user_id=actor.user_id or 0, archived_at=None).exists()


def _for_core(ticket: Ticket, customer: Customer | None) -> Iterator[Choice]:
    """The named senior consultant, then any senior."""
    seniors = _skilled(queries.free_agents().filter(is_senior=True), ticket)
    named = customer.owner_id if customer else None
    if named and named in seniors:
        yield Choice(named, Because.NAMED)
    yield from (Choice(user_id, Because.SENIOR) for user_id in seniors)


def _for_others(ticket: Ticket, customer: Customer | None) -> Iterator[Choice]:
    """Who dealt with the customer before, then the least loaded; seniors last."""
    if ticket.team_id is None:
        return
    able = _skilled(queries.free_agents().filter(user__teams=ticket.team_id), ticket)
    before = queries.last_owner(customer.pk) if customer else None
    if before in able:
        yield Choice(before, Because.BEFORE)
    yield from (Choice(user_id, Because.LOAD) for user_id in able)


def _skilled(agents: QuerySet[Agent], ticket: Ticket) -> list[int]:
    """Those of them who can do such tickets, the least loaded first, then who waits longest."""
    share = F("load") * 1000 / F("capacity")
    rows = agents.order_by("is_senior", share, F("given_at").asc(nulls_first=True), "pk")
    found = rows.values_list("user_id", "skills")
    return [pk for pk, skills in found if not skills or ticket.kind in skills][:MOST_TRIED]


def _on_duty(ticket: Ticket, at: datetime) -> int | None:
    """Who is on duty now, in the ticket's department before elsewhere."""
    shifts = DutyShift.objects.filter(starts_at__lte=at, ends_at__gt=at, archived_at=None)
    here = shifts.filter(department_id=ticket.department_id or 0)
    for rows in (here, shifts.filter(department=None)):
        found = rows.order_by("pk").values_list("person_id", flat=True).first()
        if found:
            return found
    return None


# The backlog --------------------------------------------------------------------------------------
def drain_backlog(*, actor: Actor, at: datetime) -> int:
    """Give what waits to whoever has room by now: by tier, then by deadline; how many."""
    if not queries.free_agents().exists():
        return 0
    waiting = queries.backlog().order_by(_FIRST_TIERS, F("due_at").asc(nulls_last=True), "pk")
    ids = list(waiting.values_list("pk", flat=True)[:AT_ONCE_DRAINED])
    return sum(_route_waiting(pk, actor, at) for pk in ids)


@atomic_retried
def _route_waiting(ticket_id: int, actor: Actor, at: datetime) -> bool:
    ticket = fetch(ticket_id, "assign", actor)
    if ticket.owner_id is not None:
        return False
    choice = route(ticket, ticket.customer, actor, at)
    if choice.user_id is None:
        return False
    save_columns(ticket, at, owner_id=choice.user_id, because=choice.because)
    timing.follow_owner(ticket, actor, at, is_other_team=False)
    tell_owner(ticket, actor, at)
    changes = {"owner": (None, choice.user_id)}
    tell(ticket, TicketAssigned(ticket.version, choice.because), actor, at, changes)
    return True
