"""Reads about pools that are not plain lists."""

from collections.abc import Mapping
from typing import Any

from guanxi.customers.pools.choices import HandOverState
from guanxi.surfaces.models import SavedView, Visibility
from guanxi.surfaces.records import get_record_type

KIND = "customers.customer"


def is_in_pool(values: Mapping[str, Any]) -> bool:
    """Whether a customer with these values can be claimed or assigned."""
    return bool(values.get("pool"))


def is_owned(values: Mapping[str, Any]) -> bool:
    """Whether a customer with these values can be released."""
    return not values.get("pool")


def is_draft(values: Mapping[str, Any]) -> bool:
    """Whether a hand-over with these values can begin."""
    return values.get("state") == HandOverState.DRAFT


def is_done(values: Mapping[str, Any]) -> bool:
    """Whether a hand-over with these values can be taken back."""
    return values.get("state") == HandOverState.DONE


def shared_views() -> Mapping[str, str]:
    """The views of customers that everybody may use, by id."""
    rows = SavedView.objects.filter(
        record_key=KIND, visibility=Visibility.SHARED, archived_at=None
    ).order_by("name")
    return {str(pk): name for pk, name in rows.values_list("pk", "name")}


def date_fields() -> Mapping[str, str]:
    """The dates of a customer that a rule may count from."""
    fields = get_record_type(KIND).all_fields().values()
    return {f.name: str(f.label) for f in fields if f.type in {"date", "datetime"} and f.filterable}
