"""Saved views, segments and how a person keeps a list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import require
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Denied, RuleViolation, StaleVersion, VersionMissing
from guanxi.kernel.events import record
from guanxi.kernel.text import TextError, clean_text
from guanxi.surfaces.events import RecordArchived, RecordChanged, RecordCreated
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.models import ListSetting, SavedView, Visibility
from guanxi.surfaces.records import RecordType, get_record_type
from guanxi.surfaces.segments import get_view


@dataclass(frozen=True)
class ViewSpec:
    """What a saved view says."""

    name: str
    condition: Any = None
    visibility: str = Visibility.PRIVATE
    is_segment: bool = False
    sort: str = ""
    columns: tuple[str, ...] = field(default=())
    frozen: str = ""


@transaction.atomic
def create_view(
    record_type: RecordType, spec: ViewSpec, *, actor: Actor, at: datetime
) -> SavedView:
    """Keep a condition under a name; sharing needs the right to share."""
    require(actor, record_type.allows("view"))
    _check(record_type, spec, actor, at)
    view = SavedView.objects.create(
        record_key=record_type.key,
        owner_id=actor.user_id or 0,
        department_id=actor.department_id,
        created_at=at,
        updated_at=at,
        created_by_id=actor.user_id,
        **_columns(spec),
    )
    record(RecordCreated(), subject=view, actor=actor, at=at, changes={"name": (None, view.name)})
    return view


@transaction.atomic
def change_view(
    view_id: str,
    record_key: str,
    spec: ViewSpec,
    *,
    version: int | None,
    actor: Actor,
    at: datetime,
) -> SavedView:
    """Change one's own view; others' shared views are for use only."""
    view = _own(view_id, record_key, actor)
    record_type = get_record_type(view.record_key)
    _check(record_type, spec, actor, at)
    if version is None:
        raise VersionMissing
    taken = SavedView.objects.filter(pk=view.pk, version=version).update(
        **_columns(spec), updated_at=at, version=F("version") + 1
    )
    if not taken:
        raise StaleVersion(view.version)
    changes = {"name": (view.name, spec.name), "condition": (view.condition, spec.condition)}
    record(RecordChanged(version + 1), subject=view, actor=actor, at=at, changes=changes)
    view.refresh_from_db()
    return view


@transaction.atomic
def archive_view(
    view_id: str, record_key: str, *, version: int | None = None, actor: Actor, at: datetime
) -> None:
    """Take one's own view away; lists that name it answer "not found" from now on."""
    view = _own(view_id, record_key, actor)
    if version is not None and version != view.version:
        raise StaleVersion(view.version)
    SavedView.objects.filter(pk=view.pk).update(
        archived_at=at, updated_at=at, version=F("version") + 1
    )
    record(RecordArchived(), subject=view, actor=actor, at=at)


@transaction.atomic
def keep_list_settings(
    record_type: RecordType, settings: Mapping[str, Any], *, actor: Actor
) -> ListSetting:
    """Keep a person's columns, widths, frozen column, pinned and default views of a list."""
    kept, _is_new = ListSetting.objects.update_or_create(
        user_id=actor.user_id or 0,
        record_key=record_type.key,
        defaults={"settings": dict(settings)},
    )
    return kept


def _own(view_id: str, record_key: str, actor: Actor) -> SavedView:
    view = get_view(view_id, record_key, actor)
    if view.owner_id != actor.user_id and not actor.is_system:
        raise Denied("views.change")
    return view


def _check(record_type: RecordType, spec: ViewSpec, actor: Actor, at: datetime) -> None:
    """The condition, sort and columns must be readable by the one who saves them (D03)."""
    if not _name(spec):
        raise RuleViolation("required", _("Give the view a name."), "name")
    if spec.visibility not in Visibility.values:
        raise RuleViolation("bad_choice", _("This is none of the allowed choices."), "visibility")
    listing = Listing(record_type, actor, at=at)
    if spec.condition:
        listing.compile(spec.condition)
    request = ListRequest(sort=spec.sort, columns=tuple(spec.columns), frozen=spec.frozen)
    listing.check(request)


def _name(spec: ViewSpec) -> str:
    try:
        return clean_text(spec.name, max_length=60)
    except TextError as error:
        raise error.as_violation("name") from error


def _columns(spec: ViewSpec) -> dict[str, Any]:
    return {
        "name": _name(spec),
        "condition": spec.condition or {},
        "visibility": spec.visibility,
        "is_segment": spec.is_segment,
        "sort": spec.sort,
        "columns": list(spec.columns),
        "frozen": spec.frozen,
    }
