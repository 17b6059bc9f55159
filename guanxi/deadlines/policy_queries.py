"""Policies read: the one in force for a record, and which running clocks a change would touch."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import BooleanField, Case, Model, Q, QuerySet, When

from guanxi.deadlines.choices import LIVE
from guanxi.deadlines.declarations import clock_kinds, get_kind
from guanxi.deadlines.models import Clock, Policy, PolicyVersion
from guanxi.kernel.actor import system_actor
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.models import SavedView, Visibility
from guanxi.surfaces.records import get_record_type

_READER = system_actor("deadlines")


def kind_names() -> Mapping[str, str]:
    """The kinds of deadline by what they are called, with their records."""
    return {
        kind.name: f"{get_record_type(kind.record_key).label} · {kind.label}"
        for kind in clock_kinds()
    }


def audiences() -> Mapping[str, str]:
    """The shared views of records that have deadlines, by id."""
    keys = {kind.record_key for kind in clock_kinds()}
    rows = SavedView.objects.filter(
        record_key__in=keys, visibility=Visibility.SHARED, archived_at=None
    ).order_by("record_key", "name")
    return {str(row.pk): f"{get_record_type(row.record_key).label} · {row.name}" for row in rows}


def get_audience(policy: Mapping[str, Any] | Policy) -> SavedView | None:
    """The view that a policy is narrowed to, if it is one of its records."""
    given = vars(policy) if isinstance(policy, Policy) else policy
    key = get_kind(str(given["kind"])).record_key
    rows = SavedView.objects.filter(
        record_key=key, visibility=Visibility.SHARED, archived_at=None, pk=given["audience"]
    )
    return rows.first()


def in_force(kind: str) -> QuerySet[Policy]:
    """The policies of a kind of deadline in the order in which they are asked."""
    rows = Policy.objects.filter(kind=kind, is_on=True, archived_at=None)
    return rows.order_by("position", "id")


def choose(record: Model, kind: str, *, at: datetime) -> PolicyVersion | None:
    """The policy in force for a record: the first whose condition it meets."""
    return choose_many([record], kind, at=at).get(record.pk)


def choose_many(
    records: Sequence[Model], kind: str, *, at: datetime
) -> dict[Any, PolicyVersion | None]:
    """The policy in force for each of some records of one type, by their ids."""
    rest = {record.pk for record in records}
    found: dict[Any, PolicyVersion | None] = {}
    for policy in in_force(kind).select_related("current"):
        met = rest
        if policy.condition and rest:
            rows = type(records[0])._base_manager.filter(condition_of(policy, at), pk__in=rest)
            met = set(rows.values_list("pk", flat=True))
        found |= dict.fromkeys(met, policy.current)
        rest = rest - met
    return found


def choose_kinds(record: Model, kinds: Sequence[str], *, at: datetime) -> dict[str, PolicyVersion]:
    """The policies in force for several deadlines of one record: one look at the record for all."""
    rows = Policy.objects.filter(kind__in=kinds, is_on=True, archived_at=None)
    policies = list(rows.select_related("current").order_by("position", "id"))
    listing = _listing(policies[0], at) if policies else None
    marks = {
        f"meets_{policy.pk}": Case(
            When(listing.compile(policy.condition), then=True),
            default=False,
            output_field=BooleanField(),
        )
        for policy in policies
        if policy.condition and listing
    }
    met: set[str] = set()
    if marks:
        for row in type(record)._base_manager.filter(pk=record.pk).values(**marks):
            met |= {name for name, is_met in row.items() if is_met}
    found: dict[str, PolicyVersion] = {}
    for policy in policies:
        is_met = not policy.condition or f"meets_{policy.pk}" in met
        if is_met and policy.current:
            found.setdefault(policy.kind, policy.current)
    return found


def _listing(policy: Policy, at: datetime) -> Listing:
    record_type = get_record_type(get_kind(policy.kind).record_key)
    return Listing(record_type, _READER, at=at)


def condition_of(policy: Policy, at: datetime) -> Q:
    """Which records a policy is about; no condition is every one of the type."""
    return _listing(policy, at).compile(policy.condition) if policy.condition else Q()


def model_of(record_key: str) -> type[Model]:
    """The model of a record type."""
    return apps.get_model(record_key)


def list_touched(policy: Policy, *, at: datetime) -> QuerySet[Clock]:
    """The running clocks that would get another promise: its own, or one that it takes over."""
    record_key = get_kind(policy.kind).record_key
    subjects = model_of(record_key)._base_manager.all()
    for earlier in _asked_before(policy):
        if not earlier.condition:
            return Clock.objects.none()
        subjects = subjects.exclude(pk__in=subjects.filter(condition_of(earlier, at)).values("pk"))
    subjects = subjects.filter(condition_of(policy, at))
    clocks = Clock.objects.filter(kind=policy.kind, phase__in=LIVE, breached_at=None)
    is_other = Q(policy=None) | ~Q(policy=policy.current_id)
    return clocks.filter(is_other, object_id__in=subjects.values("pk")).order_by("due_at", "id")


def _asked_before(policy: Policy) -> Iterator[Policy]:
    for each in in_force(policy.kind):
        if each.pk == policy.pk:
            return
        if (each.position, each.pk) < (policy.position, policy.pk):
            yield each
