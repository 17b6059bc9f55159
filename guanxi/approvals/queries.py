"""Reads about approvals that are not plain lists."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from guanxi.approvals.choices import RequestState
from guanxi.approvals.declarations import subjects
from guanxi.approvals.models import Flow, Request
from guanxi.kernel.actor import system_actor
from guanxi.kernel.events import subject_type
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.records import get_record_type


def find_flow(record: Any, at: datetime) -> Flow | None:
    """The first flow in use that fits a record."""
    key = subject_type(type(record))
    flows = Flow.objects.filter(record_key=key, is_on=True, archived_at=None)
    for flow in flows.order_by("place", "pk"):
        if flow.is_for_all or _fits(flow, record, at):
            return flow
    return None


def _fits(flow: Flow, record: Any, at: datetime) -> bool:
    listing = Listing(get_record_type(flow.record_key), system_actor(), at=at)
    return bool(flow.condition) and listing.matches(flow.condition, record.pk)


def list_running(record: Any) -> Any:
    """The approvals of a record that are not ended."""
    return Request.objects.filter(
        subject_type=subject_type(type(record)),
        subject_id=record.pk,
        state__in=[RequestState.OPEN, RequestState.RETURNED],
    )


def record_keys() -> Mapping[str, str]:
    """What can be approved, by its name."""
    return {key: str(get_record_type(key).label) for key in subjects()}


def is_open(values: Mapping[str, Any]) -> bool:
    """Whether a request with these values waits for a decision."""
    return values.get("state") == RequestState.OPEN


def is_returned(values: Mapping[str, Any]) -> bool:
    """Whether a request with these values lies with its requester."""
    return values.get("state") == RequestState.RETURNED


def is_running(values: Mapping[str, Any]) -> bool:
    """Whether a request with these values is not ended."""
    return is_open(values) or is_returned(values)
