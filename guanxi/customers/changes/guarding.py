"""Key values of a customer that is there already change by request, but for who may (CUS-7)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import models

from guanxi.customers.changes import messages
from guanxi.customers.changes.access import KEY
from guanxi.customers.changes.models import KeyField
from guanxi.customers.duplicates.services.merging import refuse_merged
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.records import get_record_type

#: The values that a change request can name.
FIELDS: Final = ("name", "credit_code", "tier", "industry", "registered_address")


def field_names() -> Mapping[str, str]:
    """The fields that can be key, by their labels."""
    fields = get_record_type("customers.customer").declared()
    return {name: str(fields[name].label) for name in FIELDS}


def refuse_key_changes(
    customers: Sequence[models.Model],
    changes: Sequence[Mapping[str, tuple[Any, Any]]],
    actor: Actor,
    at: datetime,
) -> None:
    """Refuse to overwrite a key value; to fill in one that is missing changes nothing."""
    del customers, at
    if actor.is_system or actor.can(KEY):
        return
    overwritten = {
        name
        for each in changes
        for name in FIELDS
        if name in each and each[name][0] not in (None, "")
    }
    if not overwritten:
        return
    guarded = KeyField.objects.filter(field__in=overwritten, is_by_request=True, archived_at=None)
    found = guarded.order_by("field").values_list("field", flat=True).first()
    if found is not None:
        label = get_record_type("customers.customer").declared()[found].label
        raise RuleViolation("by_request", messages.BY_REQUEST, found, label=label)


def settle_customers(
    customers: Sequence[models.Model],
    changes: Sequence[Mapping[str, tuple[Any, Any]]],
    actor: Actor,
    at: datetime,
) -> None:
    """None of the changed customers is merged, and no key value changes without a request."""
    refuse_merged(customers, changes, actor, at)
    refuse_key_changes(customers, changes, actor, at)
