"""What may stand in a value model, its indicators and the RFM groups."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from guanxi.customers.choices import Tier
from guanxi.kernel.actor import Actor
from guanxi.segments import rules
from guanxi.segments.metrics import METRICS
from guanxi.segments.models import ValueModel

Values = dict[str, Any]


def check_model(values: Values, current: Mapping[str, Any]) -> Values:
    """The window, the tiers, the judgements and the thresholds can be computed."""
    return rules.check_model(values, current, Tier.values)


def check_indicator(values: Values, current: Mapping[str, Any]) -> Values:
    """A measure that exists; unless said otherwise its usual direction."""
    checked = rules.check_indicator(values, METRICS)
    if not current and "is_less_better" not in checked and "metric" in checked:
        checked["is_less_better"] = METRICS[checked["metric"]].is_less_better
    return checked


def check_group(values: Values, current: Mapping[str, Any]) -> Values:
    """Scores lie between 1 and 5, the lower one first."""
    return rules.check_group(values, current)


def follow_indicator(indicator: Any, changes: Any, actor: Actor, at: datetime) -> None:
    """Other indicators make another version of their model."""
    del changes, actor
    rows = ValueModel.objects.filter(pk=indicator.value_model_id)
    rows.update(version=F("version") + 1, updated_at=at)
