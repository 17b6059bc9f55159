"""The demo company's approvals: the flow of the standard pack, and changes that wait for heads."""

from datetime import datetime, timedelta
from importlib import resources
from typing import Any, Final

import yaml

from guanxi.approvals.services.packs import write_flows
from guanxi.customers.changes.services import request_change
from guanxi.customers.choices import Tier
from guanxi.customers.demo.companies import Draft
from guanxi.customers.demo.services.staff import Staff
from guanxi.customers.models import Customer
from guanxi.kernel.actor import Actor

_STEP: Final = {"mode": "any", "is_by_head": False, "roles": [], "people": [], "hours": None}
#: What is asked for, and why.
CHANGES: Final[tuple[tuple[dict[str, str], str], ...]] = (
    ({"tier": Tier.CORE.value}, "年采购额已达核心客户标准"),
    ({"registered_address": "上海市浦东新区张江路 88 号"}, "公司迁址，营业执照已换发"),
    ({"industry": "新能源装备"}, "主营业务调整"),
)


def add_approvals(staff: Staff, drafts: list[Draft], *, actor: Actor, at: datetime) -> None:
    """The standard flow, and changes asked for by a seller and by their head."""
    write_flows(_standard_flows(), actor, at)
    seller = staff.users["sales"].pk
    mine = [d.customer.pk for d in drafts if d.owner.pk == seller]
    customers = Customer.objects.filter(pk__in=mine, owner_id=seller).exclude(tier=Tier.CORE)
    askers = [seller, seller, staff.heads["华东"].pk]
    found = customers.order_by("pk")
    for number, (customer, asker) in enumerate(zip(found, askers, strict=False)):
        values, reason = CHANGES[number]
        request_change(
            customer.pk,
            reason=reason,
            version=customer.version,
            actor=staff.actors[asker],
            at=at - timedelta(hours=2 + 9 * number),
            **values,  # type: ignore[arg-type]
        )


def _standard_flows() -> dict[str, dict[str, Any]]:
    """The flows of the standard pack with what they leave to its defaults."""
    source = resources.files("guanxi.packs") / "standard" / "flows.yaml"
    written = yaml.safe_load(source.read_text(encoding="utf-8"))["flows"]
    flows = {}
    for each in written:
        steps = [{**_STEP, **step} for step in each.pop("steps")]
        defaults = {"is_for_all": False, "condition": {}, "place": 100}
        defaults |= {"is_different": True, "is_on": True}
        flows[each.pop("name")] = {**defaults, **each, "steps": steps}
    return flows
