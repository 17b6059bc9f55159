"""What the page of a change request shows beside the values asked for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from guanxi.approvals.panels import approvals_of
from guanxi.customers.changes.models import ChangeRequest
from guanxi.kernel.actor import Actor
from guanxi.surfaces.records import get_record_type


def approval(actor: Actor, change: Model, at: datetime) -> Mapping[str, Any]:
    """The approvals of a request that the reader may see, newest first, and what was overtaken."""
    assert isinstance(change, ChangeRequest)  # noqa: S101
    fields = get_record_type("customers.changerequest").declared()
    stale = [fields[name].label for name in change.stale]
    return {**approvals_of(actor, change, at), "stale": stale}
