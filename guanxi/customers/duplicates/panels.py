"""What the page of a pair shows beside the facts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from guanxi.customers.duplicates.choices import REASONS
from guanxi.customers.duplicates.matching import Reason
from guanxi.customers.duplicates.models import DuplicatePair
from guanxi.kernel.actor import Actor


def compare(actor: Actor, pair: Model, at: datetime) -> Mapping[str, Any]:
    """Every reason, and the way to the merge for whoever may merge at once."""
    del at
    assert isinstance(pair, DuplicatePair)  # noqa: S101  tells the type checker
    return {
        "pair": pair,
        "reasons": [str(REASONS[Reason(code)]) for code in pair.reasons.split(",") if code],
        "may_merge": actor.can("customers.merge") and pair.state in {"open", "confirmed"},
    }
