"""To-dos and promises, made by the services as the product makes them."""

from datetime import timedelta
from typing import Any

from guanxi.commitments.models import Commitment
from guanxi.customers.tests.factories import AT, SYSTEM
from guanxi.kernel.actor import Actor
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record

__all__ = ["AT", "SYSTEM", "TYPE", "made", "promise", "todo"]


def TYPE() -> Any:  # noqa: N802  read when asked, not when imported
    """The record type."""
    return get_record_type("commitments.commitment")


def made(actor: Actor = SYSTEM, **values: Any) -> Commitment:
    """A commitment, due in a day unless said otherwise."""
    given = {"title": "发送报价", "due_at": AT + timedelta(days=1), **values}
    found = create_record(TYPE(), given, actor=actor, at=AT)
    assert isinstance(found, Commitment)
    return found


def todo(actor: Actor, **values: Any) -> Commitment:
    """A to-do of whoever writes it down."""
    return made(actor, kind="todo", **values)


def promise(actor: Actor, customer: Any, **values: Any) -> Commitment:
    """A promise to a customer."""
    return made(actor, kind="promise", customer=customer.pk, **values)
