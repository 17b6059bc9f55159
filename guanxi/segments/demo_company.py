"""How the demo company rates its customers: a model in force, the standard groups and stages."""

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
#: What the demo company takes from the standard pack as it is.
OF_THE_PACK: Final = {
    "rfm_groups": ("segments.rfmgroup", "name"),
    "lifecycle_stages": ("segments.lifecyclestage", "stage"),
}


def add_model(staff: Staff, drafts: Sequence[Draft], *, actor: Actor, at: datetime) -> None:
    """The model with its indicators, the groups and the stages of the standard pack."""
    del staff, drafts
    model = create_record(get_record_type("segments.valuemodel"), MODEL, actor=actor, at=at)
    for metric, scaling, weight in INDICATORS:
        values = {"value_model": model.pk, "metric": metric, "scaling": scaling, "weight": weight}
        create_record(get_record_type("segments.indicator"), values, actor=actor, at=at)
    for section, (key, name) in OF_THE_PACK.items():
        source = resources.files("guanxi.packs") / "standard" / f"{section}.yaml"
        for entry in yaml.safe_load(source.read_text(encoding="utf-8"))[section]:
            values = {name if key_of == "name" else key_of: v for key_of, v in entry.items()}
            create_record(get_record_type(key), values, actor=actor, at=at)


declare_part(add_model)
