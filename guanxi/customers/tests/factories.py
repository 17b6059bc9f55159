"""Customers and what belongs to them, made by the services as the product makes them."""

import io
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from guanxi.customers import services
from guanxi.customers.models import Attachment, Contact, Customer, Interaction, Order, Payment, Tag
from guanxi.kernel.actor import Actor, system_actor
from guanxi.kernel.files import accept_upload
from guanxi.kernel.models import Event
from guanxi.people.middleware import SEEN_AT, SIGNED_IN_AT
from guanxi.people.models import User
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record

AT = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)
SYSTEM = system_actor()


def minutes(count: int) -> datetime:
    """So many minutes after the tests' instant."""
    return AT + timedelta(minutes=count)


def made(key: str, values: dict[str, Any], actor: Actor = SYSTEM, at: datetime = AT) -> Any:
    """A record made by the generic service."""
    return create_record(get_record_type(f"customers.{key}"), values, actor=actor, at=at)


def customer(actor: Actor, name: str = "上海云澜精密电子有限公司", **values: Any) -> Customer:
    """A customer of whoever makes it."""
    return made("customer", {"name": name, **values}, actor)


def contact(of: Customer, name: str = "李娜", **values: Any) -> Contact:
    """A contact of a customer."""
    return made("contact", {"customer": of.pk, "name": name, **values})


def talk(of: Customer, content: str = "谈了报价", **values: Any) -> Interaction:
    """A talk with a customer."""
    actor = values.pop("actor", SYSTEM)
    at = values.pop("at", AT)
    return made("interaction", {"customer": of.pk, "content": content, **values}, actor, at)


def order(of: Customer, amount_minor: int = 100_00, **values: Any) -> Order:
    """An order of a customer."""
    actor, at = values.pop("actor", SYSTEM), values.pop("at", AT)
    given = {"customer": of.pk, "amount_minor": amount_minor, "placed_at": at, **values}
    return made("order", given, actor, at)


def payment(of: Customer, amount_minor: int = 100_00, **values: Any) -> Payment:
    """A payment of a customer."""
    given = {"customer": of.pk, "amount_minor": amount_minor, "paid_on": AT.date(), **values}
    return made("payment", given)


def tag(name: str) -> Tag:
    """A tag of the library."""
    return made("tag", {"name": name})


def attachment(
    of: Customer, title: str = "合同", kind: str = "contract", **more: Any
) -> Attachment:
    """A filed document of a customer."""
    accepted = accept_upload(io.BytesIO(b"words"), f"{title}.txt", max_bytes=1000)
    filing = services.Filing(kind, more.pop("year", 2026), title, more.pop("paper_location", ""))
    given = {"actor": SYSTEM, "at": AT} | more
    return services.add_attachment(of.pk, accepted=accepted, filing=filing, **given)


def last_event(kind: str = "") -> Event:
    """What was recorded last (of this kind)."""
    rows = Event.objects.filter(kind=kind) if kind else Event.objects.all()
    return rows.latest("pk")


def signed_in(user: User) -> Client:
    """A browser in which this person has just signed in."""
    client = Client()
    client.force_login(user, backend="guanxi.people.backends.AccountBackend")
    session = client.session
    session[SIGNED_IN_AT] = session[SEEN_AT] = int(time.time())
    session.save()
    return client
