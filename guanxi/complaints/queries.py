"""Reads about complaints that are not plain lists."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeVar

from django.db.models import F, Model, OuterRef, QuerySet, Subquery

from guanxi.approvals.models import Request
from guanxi.approvals.queries import list_running
from guanxi.complaints import rules
from guanxi.complaints.models import Complaint, Entry
from guanxi.deadlines.choices import Phase
from guanxi.deadlines.declarations import get_kind
from guanxi.deadlines.models import Clock
from guanxi.kernel.access import get_visible, visible
from guanxi.kernel.actor import Actor
from guanxi.kernel.models import Event, StoredFile
from guanxi.surfaces.records import get_record_type

KEY = "complaints.complaint"
PAGE: Final = 100
P = TypeVar("P", bound=Model)


def get_complaint(
    complaint_id: int, actor: Actor, permission: str = "complaints.view"
) -> Complaint:
    """A complaint in the reader's sight."""
    rows = Complaint.objects.select_related("customer", "handler", "department")
    return get_visible(actor, permission, rows, pk=complaint_id)


def list_entries(complaint: Complaint) -> list[Entry]:
    """The file of a complaint, in order."""
    return list(complaint.entries.select_related("by", "file").order_by("at", "pk"))


def list_parts(parts: QuerySet[P], after: int) -> tuple[list[P], bool]:
    """The parts of a complaint after one that was read, and whether more follow."""
    found = list(parts.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
    return found[:PAGE], len(found) > PAGE


def list_handled(actor: Actor, most: int) -> list[tuple[Complaint, datetime | None]]:
    """What one handles and is not ended, each with what is due next, soonest first."""
    mine = Complaint.objects.filter(handler_id=actor.user_id or 0, archived_at=None)
    clocks = Clock.objects.filter(record_key=KEY, object_id=OuterRef("pk"), phase=Phase.RUNNING)
    due = clocks.filter(due_at__isnull=False).order_by("due_at").values("due_at")[:1]
    open_ones = visible(actor, "complaints.view", mine.filter(state__in=rules.UNENDED))
    rows = open_ones.select_related("customer").annotate(next_due=Subquery(due))
    ordered = rows.order_by(F("next_due").asc(nulls_last=True), "pk")[:most]
    return [(each, each.next_due) for each in ordered]


def list_arrivals(complaint: Complaint) -> Mapping[str, tuple[datetime, str]]:
    """When each state was reached last, and by whom."""
    rows = Event.objects.filter(subject_type=KEY, subject_id=str(complaint.pk))
    found = {"registered": (complaint.created_at, "")}
    for kind, data, at, who in rows.order_by("pk").values_list("kind", "data", "at", "actor_label"):
        if kind == "record.created":
            found["registered"] = (at, who)
        state = data.get("state")
        if state and found.get("last", (None, ""))[1] != state:
            found[state] = (at, who)
            found["last"] = (at, state)
    return found


def next_due(complaint: Complaint) -> Clock | None:
    """The deadline that comes first."""
    rows = Clock.objects.filter(record_key=KEY, object_id=complaint.pk, phase=Phase.RUNNING)
    return rows.filter(due_at__isnull=False).order_by("due_at").first()


def list_requests(complaint: Complaint, actor: Actor) -> list[Request]:
    """The approvals of a complaint that the reader may see, newest first."""
    rows = get_record_type("approvals.request").in_scope(actor)
    return list(rows.filter(subject_type=KEY, subject_id=complaint.pk).order_by("-pk")[:10])


def list_of_customer(customer_id: int, actor: Actor, most: int) -> list[Complaint]:
    """A customer's complaints, as far as the reader may know of them."""
    rows = visible(actor, "complaints.view", Complaint.objects.filter(customer_id=customer_id))
    return list(rows.filter(archived_at=None).order_by("-received_at", "-pk")[:most])


def get_evidence(complaint: Complaint, entry_id: int) -> StoredFile | None:
    """A file of a complaint."""
    found = complaint.entries.filter(pk=entry_id).select_related("file").first()
    return found.file if found else None


def get_running(complaint: Complaint) -> Request | None:
    """The approval that is running, whoever may see it."""
    running: Request | None = list_running(complaint).first()
    return running


def clock_label(clock: Clock) -> str:
    """What a deadline is for."""
    return str(get_kind(clock.kind).label)
