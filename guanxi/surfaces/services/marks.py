"""A person's own marks on records: favourite, follow, recently viewed."""

from datetime import datetime
from typing import Any

from django.db import transaction

from guanxi.kernel.access import get_visible
from guanxi.kernel.actor import Actor, Level
from guanxi.kernel.events import Seen, record_access
from guanxi.surfaces.models import Mark, MarkKind
from guanxi.surfaces.records import RecordType


@transaction.atomic
def mark_record(
    record_type: RecordType, pk: int, kind: MarkKind, *, actor: Actor, at: datetime
) -> Mark:
    """Mark a record in scope; marking twice is the same as once."""
    get_visible(actor, record_type.allows("view"), record_type.model._base_manager.all(), pk=pk)
    mark, _is_new = Mark.objects.update_or_create(
        user_id=actor.user_id or 0,
        kind=kind,
        record_key=record_type.key,
        object_id=pk,
        defaults={"at": at},
    )
    return mark


@transaction.atomic
def unmark_record(record_type: RecordType, pk: int, kind: MarkKind, *, actor: Actor) -> None:
    """Take one's own mark away."""
    Mark.objects.filter(
        user_id=actor.user_id or 0, kind=kind, record_key=record_type.key, object_id=pk
    ).delete()


@transaction.atomic
def note_viewed(
    record_type: RecordType, pk: int, customer_id: int | None, *, actor: Actor, at: datetime
) -> None:
    """Remember what a person opened; where personal data was shown, the access log says so."""
    if actor.user_id is not None:
        mark = Mark(
            user_id=actor.user_id,
            kind=MarkKind.RECENT,
            record_key=record_type.key,
            object_id=pk,
            at=at,
        )
        Mark.objects.bulk_create(
            [mark],
            update_conflicts=True,
            unique_fields=["user_id", "kind", "record_key", "object_id"],
            update_fields=["at"],
        )
    note_read(record_type, pk, customer_id, actor=actor, at=at)


def note_read(
    record_type: RecordType, pk: Any, customer_id: int | None, *, actor: Actor, at: datetime
) -> None:
    """Write into the access log that personal data of one record was shown in clear (M02)."""
    shown = sorted(
        f.name for f in record_type.fields if f.personal and actor.level(f.group) is Level.CLEAR
    )
    if shown:
        seen = Seen("view", record_type.key, str(pk), customer_id, tuple(shown))
        record_access(seen, actor=actor, at=at)


def note_refused(
    record_type: RecordType, pk: Any, wanted: str, *, actor: Actor, at: datetime
) -> None:
    """Write into the access log that somebody asked for a record and did not get it (M02)."""
    seen = Seen("refused", record_type.key, str(pk)[:40], reason=wanted)
    record_access(seen, actor=actor, at=at)
