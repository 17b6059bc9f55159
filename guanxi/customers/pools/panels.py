"""What the pages of pool rules show beside the facts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from guanxi.customers.models import Customer
from guanxi.customers.pools import candidates
from guanxi.customers.pools.choices import HandOverState
from guanxi.customers.pools.models import HandOver, PoolRule
from guanxi.customers.pools.services import handing
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor

LINES = 8
KINDS = ("tonight", "warn")


def chosen(rule: PoolRule, kind: str, actor: Actor, at: datetime) -> QuerySet[Customer]:
    """Whom a rule would release or warn tonight, as far as the reader may know of them."""
    rows = candidates.tonight(rule, at) if kind == "tonight" else candidates.to_warn(rule, at)
    return visible(actor, "customers.view", rows.select_related("owner"))


def preview(actor: Actor, rule: Model, at: datetime) -> Mapping[str, Any]:
    """The first customers that the rule would release tonight, and those it would warn."""
    assert isinstance(rule, PoolRule)  # noqa: S101
    parts = []
    for kind in KINDS:
        rows = list(chosen(rule, kind, actor, at).order_by("pk")[: LINES + 1])
        url = f"/pool-rules/{rule.pk}/{kind}/" if len(rows) > LINES else ""
        parts.append({"kind": kind, "rows": rows[:LINES], "all_url": url})
    return {"parts": parts, "why": candidates.why(rule), "is_on": rule.is_on}


def book(actor: Actor, hand_over: Model, at: datetime) -> Mapping[str, Any]:
    """What would move, by type, and what the reader may not move; once begun, how it went."""
    del at
    assert isinstance(hand_over, HandOver)  # noqa: S101
    is_draft = hand_over.state == HandOverState.DRAFT
    return {"parts": handing.preview(hand_over, actor) if is_draft else [], "it": hand_over}


def of_pool(actor: Actor, pool: Model, at: datetime) -> Mapping[str, Any]:
    """The way to the customers of a pool."""
    del actor, at
    return {"url": f"/pools/{pool.pk}/board/", "listed_url": f"/customers/?view=&pool={pool.pk}"}
