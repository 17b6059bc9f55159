"""Tickets, made by the services as the product makes them."""

from typing import Any

from guanxi.customers.tests.factories import AT, SYSTEM, minutes
from guanxi.deadlines.models import Clock, Policy
from guanxi.deadlines.services import bring_policy
from guanxi.kernel.actor import Actor
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record
from guanxi.tickets.models import Ticket

__all__ = ["AT", "SYSTEM", "TYPE", "clock", "minutes", "policy", "ticket"]

ALL_STEPS = ("greet", "confirm", "handle")


def TYPE() -> Any:  # noqa: N802  read when asked, not when imported
    """The record type."""
    return get_record_type("tickets.ticket")


def ticket(actor: Actor = SYSTEM, **values: Any) -> Ticket:
    """A ticket of whoever writes it down."""
    at = values.pop("at", AT)
    given = {"subject": "水泵漏水", "channel": "wechat", **values}
    found = create_record(TYPE(), given, actor=actor, at=at)
    assert isinstance(found, Ticket)
    return found


def policy(kind: str, unit: str = "minutes", amount: int = 10, **more: Any) -> Policy:
    """A promise for every ticket."""
    name = f"{kind} {amount}"
    values = {"kind": f"tickets.{kind}", "unit": unit, "amount": amount, "condition": {}, **more}
    bring_policy(name, values, actor=SYSTEM, at=AT)
    return Policy.objects.get(name=name)


def clock(of: Ticket, kind: str) -> Clock:
    """A deadline of a ticket."""
    return Clock.objects.get(record_key="tickets.ticket", object_id=of.pk, kind=f"tickets.{kind}")
