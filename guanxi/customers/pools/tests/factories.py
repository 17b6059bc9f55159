"""Pools made by the services as the product makes them."""

from typing import Any

from django.utils import timezone

from guanxi.customers.models import Customer
from guanxi.customers.pools import services
from guanxi.customers.pools.models import Pool, PoolRule
from guanxi.customers.tests.factories import SYSTEM
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record


def pool(name: str = "华东公海", **values: Any) -> Pool:
    """A pool that nobody sees yet."""
    given = {"name": name, **values}
    return create_record(get_record_type("customers.pool"), given, actor=SYSTEM, at=timezone.now())


def opened(company: Any, name: str = "华东公海", may_claim: bool = True, **values: Any) -> Pool:
    """A pool from which the team of the sales people and the South claim."""
    made = pool(name, **values)
    for team in ("east one", "south"):
        services.open_pool(
            made.pk,
            with_team=company.teams[team].pk,
            may_claim=may_claim,
            actor=SYSTEM,
            at=timezone.now(),
        )
    return made


def put(customer: Customer, into: Pool, at: Any = None) -> Customer:
    """The customer released to a pool."""
    at = at or timezone.now()
    services.release_customer(customer.pk, pool=into.pk, reason="无人跟进", actor=SYSTEM, at=at)
    customer.refresh_from_db()
    return customer


def rule(into: Pool, **values: Any) -> PoolRule:
    """A rule of a pool."""
    given = {"name": "久未跟进", "pool": into.pk, **values}
    kind = get_record_type("customers.poolrule")
    return create_record(kind, given, actor=SYSTEM, at=timezone.now())
