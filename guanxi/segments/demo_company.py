"""How the demo company rates its customers: a model in force, and the standard RFM groups."""

from collections.abc import Sequence
from datetime import datetime
from importlib import resources
from typing import Any, Final

import yaml

from guanxi.customers.demo.companies import Draft
from guanxi.customers.demo.services import Staff, declare_part
from guanxi.kernel.actor import Actor
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record

MODEL: Final[dict[str, Any]] = {
    "name": "客户价值模型",
    "months": 12,
    "cuts": {"core": 8, "potential": 27},
    "is_on": True,
}
#: Measure, scale and weight; the direction is the measure's own.
INDICATORS: Final = (
    ("amount", "percentile", 35),
    ("frequency", "percentile", 20),
    ("recency", "percentile", 15),
    ("months", "minmax", 10),
    ("growth", "percentile", 15),
    ("return_share", "minmax", 5),
)


def add_model(staff: Staff, drafts: Sequence[Draft], *, actor: Actor, at: datetime) -> None:
    """The model with its indicators, and the groups of the standard pack."""
    del staff, drafts
    model = create_record(get_record_type("segments.valuemodel"), MODEL, actor=actor, at=at)
    for metric, scaling, weight in INDICATORS:
        values = {"value_model": model.pk, "metric": metric, "scaling": scaling, "weight": weight}
        create_record(get_record_type("segments.indicator"), values, actor=actor, at=at)
    source = resources.files("guanxi.packs") / "standard" / "rfm_groups.yaml"
    for group in yaml.safe_load(source.read_text(encoding="utf-8"))["rfm_groups"]:
        create_record(get_record_type("segments.rfmgroup"), group, actor=actor, at=at)


declare_part(add_model)
