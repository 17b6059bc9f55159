"""Reads about approvals that are not plain lists."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from guanxi.approvals.choices import RequestState
from guanxi.approvals.declarations import subjects
from guanxi.approvals.models import Flow, Request
from guanxi.kernel.actor import system_actor
from guanxi.kernel.events import subject_type
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.models import SavedView, Visibility
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


def list_waiting_for(people: Sequence[int]) -> list[int]:
    """The open requests that wait for any of these people."""
    rows = Request.objects.filter(state=RequestState.OPEN, waiting_for__in=people)
    return sorted(set(rows.values_list("pk", flat=True)))


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


def audiences() -> Mapping[str, str]:
    """The shared views of what can be approved, by id."""
    rows = _shared().filter(record_key__in=list(subjects())).order_by("record_key", "name")
    return {str(row.pk): f"{get_record_type(row.record_key).label} · {row.name}" for row in rows}


def get_audience(view_id: str, record_key: str) -> SavedView | None:
    """A shared view of a record type, or none."""
    try:
        return _shared().filter(pk=UUID(view_id), record_key=record_key).first()
    except ValueError:
        return None


def _shared() -> QuerySet[SavedView]:
    return SavedView.objects.filter(visibility=Visibility.SHARED, archived_at=None)
