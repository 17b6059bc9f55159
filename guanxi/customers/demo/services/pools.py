"""The demo company's public pools: who claims from them, their rules, and who lies in them."""

from datetime import datetime, timedelta
from typing import Any, Final

from guanxi.customers.choices import Tier
from guanxi.customers.demo.companies import Draft
from guanxi.customers.demo.services.staff import Staff
from guanxi.customers.pools import services
from guanxi.kernel.actor import Actor
from guanxi.people.models import Department
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record

SILENT_DAYS: Final = 60
SHARE: Final = 60
"""Of so many customers about one lies in a pool."""

# Name, what it is for, which department claims from it.
POOLS: Final = (
    ("华东公海", "华东区久未联系的普通客户", "S1-E", "华东"),
    ("全国公海", "其余大区退回的客户", "MKT", ""),
)
RULES: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "普通客户 60 天未联系",
        "measure": "no_contact",
        "days": SILENT_DAYS,
        "warn_days": 5,
        "condition": {"all": [{"field": "tier", "op": "is", "value": Tier.ORDINARY.value}]},
    },
    {
        "name": "流失风险客户半年无订单",
        "measure": "no_order",
        "days": 180,
        "warn_days": 7,
        "condition": {
            "any": [
                {"field": "stage", "op": "is", "value": "at_risk"},
                {"field": "stage", "op": "is", "value": "churned"},
            ]
        },
    },
)


def add_pools(staff: Staff, drafts: list[Draft], *, actor: Actor, at: datetime) -> None:
    """Two pools with a rule each, not in force, and customers whom their owners let go."""
    made = {}
    for (name, words, code, region), rule in zip(POOLS, RULES, strict=True):
        values = {"name": name, "description": words}
        pool: Any = create_record(get_record_type("customers.pool"), values, actor=actor, at=at)
        receiver = Department.objects.get(code=code)
        services.open_pool(pool.pk, with_department=receiver.pk, may_claim=True, actor=actor, at=at)
        wanted = {**rule, "pool": pool.pk}
        create_record(get_record_type("customers.poolrule"), wanted, actor=actor, at=at)
        made[region] = pool
    for draft in _silent(staff, drafts, at):
        pool = made.get(staff.region_of[draft.owner.pk], made[""])
        services.release_customer(
            draft.customer.pk, pool=pool.pk, reason="久未联系，退回公海", actor=actor, at=at
        )


def _silent(staff: Staff, drafts: list[Draft], at: datetime) -> list[Draft]:
    """Ordinary customers of colleagues without a sign-in whom nobody has talked to for long."""
    spared = {staff.users[name].pk for name in ("sales", "junior_agent", "senior_agent")}
    silent = [
        d
        for d in drafts
        if d.owner.pk not in spared
        and d.customer.tier == Tier.ORDINARY
        and not any(t.occurred_at > at - timedelta(days=SILENT_DAYS) for t in d.talk)
    ]
    return silent[: max(4, len(drafts) // SHARE)]
