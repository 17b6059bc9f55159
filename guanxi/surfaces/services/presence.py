"""Who is editing what at this moment: told by open forms, forgotten by itself."""

from datetime import datetime, timedelta
from uuid import UUID

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound
from guanxi.surfaces import limits
from guanxi.surfaces.drafts import EDIT, Showing
from guanxi.surfaces.editors import LASTS
from guanxi.surfaces.models import Presence
from guanxi.surfaces.records import get_record_type

_SWEPT_AFTER = timedelta(hours=1)


def note_editing(showing: Showing, *, actor: Actor, at: datetime) -> None:
    """Say that this form is open and in use; whoever may not see the record finds none."""
    limits.presence.take(actor.user_id)
    if showing.user_id != actor.user_id or showing.purpose != EDIT:
        raise NotFound
    record_type = get_record_type(showing.record_key)
    if not record_type.in_scope(actor).filter(pk=showing.object_id).exists():
        raise NotFound
    row = Presence(
        id=UUID(showing.id),
        record_key=showing.record_key,
        object_id=showing.object_id,
        user_id=showing.user_id,
        label=actor.label[:150],
        seen_at=at,
    )
    Presence.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["id"], update_fields=["seen_at"]
    )


def note_left(showing: Showing, *, actor: Actor) -> None:
    """Say that the form has been left."""
    Presence.objects.filter(pk=showing.id, user_id=actor.user_id or 0).delete()


def sweep_presence(*, at: datetime) -> int:
    """Remove what the browsers did not take back themselves."""
    return Presence.objects.filter(seen_at__lt=at - LASTS - _SWEPT_AFTER).delete()[0]
