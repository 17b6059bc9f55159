"""Pools and their rules as settings: what may be in them, and to whom a pool is open."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from guanxi.customers.choices import Tier
from guanxi.customers.pools import rules
from guanxi.customers.pools.events import PoolOpened
from guanxi.customers.pools.models import Pool
from guanxi.customers.pools.services.sharing import Terms, find_receiver, write_share
from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.events import record
from guanxi.kernel.models import Share
from guanxi.surfaces.records import get_record_type

SUBJECT = "customers.pool"


def check_pool(values: dict[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Caps per tier are numbers by tier."""
    del current
    return rules.check_pool(values, Tier.values)


def check_rule(values: dict[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """A rule in force says which customers, what counts, and warns in time."""
    fields = get_record_type("customers.customer").all_fields().values()
    dates = {f.name for f in fields if f.type in {"date", "datetime"} and f.filterable}
    names = ("is_on", "condition", "audience", "days", "warn_days", "measure", "date_field")
    defaults = {"days": 30, "warn_days": 3, "measure": "no_contact"}
    found = {n: values.get(n, current.get(n, defaults.get(n))) for n in names}
    rules.check_rule(found, dates)
    return values


@transaction.atomic
def open_pool(
    pool_id: int,
    *,
    with_user: int | None = None,
    with_team: int | None = None,
    with_department: int | None = None,
    may_claim: bool = False,
    actor: Actor,
    at: datetime,
) -> Share:
    """Let a person, team or department see a pool, or claim from it, too."""
    pool = get_allowed(
        actor, "pools.open", Pool.objects.filter(archived_at=None), seen_by="pools.view", pk=pool_id
    )
    receiver = find_receiver(with_user, with_team, with_department)
    terms = Terms(SUBJECT, pool.pk, pool.name, may_write=may_claim)
    share = write_share(receiver, terms, actor=actor, at=at)
    happened = PoolOpened(str(receiver), may_claim, is_open=True)
    record(happened, subject=pool, actor=actor, at=at)
    return share
