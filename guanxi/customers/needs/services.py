"""Saying what the stages ask for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from guanxi.customers.events import StageNeedsSet
from guanxi.customers.needs.models import StageNeeds
from guanxi.customers.needs.queries import forget_stage_needs
from guanxi.kernel.access import require
from guanxi.kernel.actor import Actor
from guanxi.kernel.events import record


@transaction.atomic
def set_stage_needs(wanted: Mapping[str, dict[str, Any]], actor: Actor, at: datetime) -> None:
    """Let stages ask for these fields from now on; customers who are there already stay there."""
    require(actor, "custom_fields.change")
    for stage, values in wanted.items():
        needs = values.get("needs") or []
        row, _made = StageNeeds.objects.update_or_create(stage=stage, defaults={"needs": needs})
        happened = StageNeedsSet(stage, [need["field"] for need in needs])
        record(happened, subject=row, actor=actor, at=at)
    transaction.on_commit(forget_stage_needs)
    forget_stage_needs()
