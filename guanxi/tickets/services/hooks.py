"""What the generic services ask of tickets when one is written down, changed or put away."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models

from guanxi.customers.models import Contact, Customer
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.people.models import Team
from guanxi.tickets import messages, rules
from guanxi.tickets.choices import State
from guanxi.tickets.models import Ticket
from guanxi.tickets.services import timing
from guanxi.tickets.services.capacity import release
from guanxi.tickets.services.owning import tell_owner
from guanxi.tickets.services.routing import route

Values = dict[str, Any]


def check_ticket(values: Values, current: Mapping[str, Any]) -> Values:
    """The contact is one of the customer's; an emergency stays one."""
    rules.check_kind(values, current)
    contact_id = values.get("contact")
    if contact_id:
        of = Contact.objects.filter(pk=contact_id).values_list("customer_id", flat=True).first()
        customer_id = values.get("customer", current.get("customer"))
        if customer_id is None:
            return {**values, "customer": of}
        if of != customer_id:
            raise RuleViolation("of_another", messages.OF_ANOTHER, "contact")
    return values


def fill_ticket(made: Sequence[models.Model], actor: Actor, at: datetime) -> None:
    """A new one goes to the queue of the customer's team, or of whoever writes it down."""
    for each in made:
        assert isinstance(each, Ticket)  # noqa: S101  tells the type checker
        customer = Customer.objects.filter(pk=each.customer_id or 0).first()
        if each.team_id is None:
            each.team_id = customer.team_id if customer else None
        if each.team_id is None and actor.team_ids:
            each.team_id = min(actor.team_ids)
        each.department_id = _department(each, customer, actor)
        each.owner_id, each.because = route(each, customer, actor, at)


def _department(ticket: Ticket, customer: Customer | None, actor: Actor) -> int | None:
    if ticket.team_id:
        of_team = Team.objects.filter(pk=ticket.team_id).values_list("department_id", flat=True)
        return of_team.first()
    return customer.department_id if customer else actor.department_id


def begin_ticket(
    ticket: models.Model, changes: Mapping[str, Any], actor: Actor, at: datetime
) -> Mapping[str, tuple[Any, Any]] | None:
    """With the ticket its deadlines begin; they follow what is changed about it."""
    assert isinstance(ticket, Ticket)  # noqa: S101
    if ticket.version == 1:
        _note_recontact(ticket, at)
        timing.begin(ticket, actor, at)
        tell_owner(ticket, actor, at)
        return None
    if {"kind", "channel", "customer"} & changes.keys():
        timing.follow_kind(ticket, actor, at)
    if "team" not in changes:
        return None
    before = ticket.department_id
    ticket.department_id = _department(ticket, ticket.customer, actor)
    Ticket.objects.filter(pk=ticket.pk).update(department_id=ticket.department_id)
    timing.follow_owner(ticket, actor, at, is_other_team=True)
    return {} if before == ticket.department_id else {"department": (before, ticket.department_id)}


def _note_recontact(ticket: Ticket, at: datetime) -> None:
    """The customer comes back within seven days of what was said to be solved: it was not (FCR)."""
    if ticket.customer_id is None:
        return
    earlier = Ticket.objects.filter(
        customer_id=ticket.customer_id,
        kind=ticket.kind,
        state__in=(State.SOLVED, State.CLOSED),
        solved_at__gt=at - rules.REOPEN_WINDOW,
        recontacted_at=None,
    )
    earlier.update(recontacted_at=at)


def before_archive(
    ticket: models.Model, archived_at: datetime | None, actor: Actor, at: datetime
) -> None:
    """What is put away is due no more."""
    assert isinstance(ticket, Ticket)  # noqa: S101
    if archived_at:
        timing.cancel(ticket, actor, at)
    if archived_at and ticket.state in rules.LIVE:
        release(ticket.owner_id)
