"""What the page of a change request shows beside the values asked for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from guanxi.customers.changes.models import ChangeRequest
from guanxi.kernel.actor import Actor
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.records import get_record_type


def approval(actor: Actor, change: Model, at: datetime) -> Mapping[str, Any]:
    """The approvals of a request that the reader may see, newest first, and what was overtaken."""
    assert isinstance(change, ChangeRequest)  # noqa: S101
    kind, formatter = get_record_type("approvals.request"), Formatter(actor, at)
    rows = kind.in_scope(actor).filter(subject_type="customers.changerequest", subject_id=change.pk)
    fields = get_record_type("customers.changerequest").declared()
    return {
        "requests": [(each, formatter.when(each.updated_at)) for each in rows.order_by("-pk")[:5]],
        "stale": [fields[name].label for name in change.stale],
    }
