"""Taking back one's own last change, as long as nobody changed the same fields since."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.kernel.events import changes_of
from guanxi.kernel.models import Event
from guanxi.kernel.values import to_json
from guanxi.surfaces.events import RecordArchived, RecordChanged, RecordCreated, RecordRestored
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import RecordType, get_record_type
from guanxi.surfaces.services.records import (
    archive_record,
    change_record,
    fetch_for,
    restore_record,
)


@transaction.atomic
def undo_event(event_id: int, *, actor: Actor, at: datetime) -> models.Model:
    """Take back a change, an archive, a restore or a creation that the actor made."""
    event = Event.objects.filter(pk=event_id, actor_user_id=actor.user_id).first()
    if event is None:
        raise NotFound
    try:
        record_type = get_record_type(event.subject_type)
    except KeyError as error:
        raise NotFound from error
    return undo_one(record_type, event, actor=actor, at=at)


def undo_one(record_type: RecordType, event: Event, *, actor: Actor, at: datetime) -> models.Model:
    """Take back one event of a record."""
    instance = fetch_for(record_type, _key(event), "view", actor)
    if event.kind == RecordChanged.kind:
        return _undo_change(record_type, instance, event, actor=actor, at=at)
    version = instance.version
    if event.kind in {RecordCreated.kind, RecordRestored.kind}:
        return archive_record(record_type, instance.pk, version=version, actor=actor, at=at)
    if event.kind == RecordArchived.kind:
        return restore_record(record_type, instance.pk, version=version, actor=actor, at=at)
    raise RuleViolation("not_undoable", _("This cannot be taken back here."))


def _undo_change(
    record_type: RecordType, instance: Any, event: Event, *, actor: Actor, at: datetime
) -> models.Model:
    fields = record_type.all_fields()
    changes = changes_of(event)
    touched = [
        str(fields[n].label)
        for n, (_old, new) in changes.items()
        if n in fields and to_json(fields[n].read(instance)) != new
    ]
    if touched:
        raise RuleViolation(
            "changed_since",
            _("Changed again since by somebody: %(fields)s. Nothing was taken back."),
            fields=", ".join(touched),
        )
    values = _old_values(fields, changes, actor)
    return change_record(
        record_type, instance.pk, values,
        version=instance.version, actor=actor, at=at, is_return=True,
    )  # fmt: skip


def _key(event: Event) -> Any:
    """The key of the record as its model has it."""
    return int(event.subject_id) if event.subject_id.isdigit() else event.subject_id


def _old_values(
    fields: Mapping[str, Field], changes: Mapping[str, list[Any]], actor: Actor
) -> dict[str, Any]:
    return {
        n: fields[n].parse(old, actor=actor)
        for n, (old, _new) in changes.items()
        if n in fields and not fields[n].readonly
    }
