"""The writes of notifications: told once, marked read, settled when the matter is."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import models, transaction

from guanxi.kernel.actor import Actor
from guanxi.kernel.events import subject_type
from guanxi.notifications import queries
from guanxi.notifications.declarations import get_kind
from guanxi.notifications.models import Notification
from guanxi.people.queries import list_active_ids


@transaction.atomic
def notify(
    kind: str,
    user_ids: Iterable[int],
    *,
    subject: models.Model,
    params: Mapping[str, str],
    key: str,
    actor: Actor,
    at: datetime,
    not_before: datetime | None = None,
) -> int:
    """Tell people of something in the caller's transaction, each once per key; how many are new.

    Nobody who may not sign in is told. Params hold no personal values: what the subject is called
    is read with the receiver's rights when it is shown. `not_before` holds it back until then.
    """
    del actor  # Who did it is in the event of the same transaction.
    rows = [
        Notification(
            user_id=user_id,
            kind=get_kind(kind).code,
            subject_type=subject_type(type(subject)),
            subject_id=str(subject.pk),
            params=dict(params),
            key=key,
            created_at=at,
            not_before=max(at, not_before or at),
        )
        for user_id in list_active_ids(user_ids)
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return Notification.objects.filter(pk__in=[row.pk for row in rows]).count() if rows else 0


def settle_notifications(
    subject: models.Model,
    *,
    kinds: Iterable[str],
    at: datetime,
    user_ids: Iterable[int] | None = None,
) -> int:
    """Mark what was told of a subject as done, for everybody or for these people; how many."""
    codes = [get_kind(code).code for code in kinds]
    rows = Notification.objects.filter(
        subject_type=subject_type(type(subject)),
        subject_id=str(subject.pk),
        kind__in=codes,
        settled_at=None,
    )
    if user_ids is not None:
        rows = rows.filter(user_id__in=list(user_ids))
    return rows.update(settled_at=at)


def mark_read(notification_id: str, *, actor: Actor, at: datetime) -> Notification:
    """Note that one has read a notification of one's own."""
    mine = queries.list_own(actor, at).filter(pk=notification_id)
    mine.filter(read_at=None).update(read_at=at)
    return queries.get_own(actor, at, notification_id)


def mark_all_read(*, actor: Actor, at: datetime) -> int:
    """Note that one has read everything that one was told so far; how many that were."""
    unread = queries.list_own(actor, at).filter(read_at=None, settled_at=None)
    return unread.update(read_at=at)
