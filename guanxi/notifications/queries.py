"""Reads of notifications: always one's own, and only what is not held back."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound
from guanxi.notifications.models import Notification
from guanxi.surfaces.bells import MOST


def list_own(actor: Actor, at: datetime) -> QuerySet[Notification]:
    """Return what a person has been told by now, newest first."""
    own = Notification.objects.filter(user_id=actor.user_id or 0, not_before__lte=at)
    return own.order_by("-not_before", "-id")


def list_unread(actor: Actor, at: datetime) -> QuerySet[Notification]:
    """Return what a person has neither read nor is settled."""
    return list_own(actor, at).filter(read_at=None, settled_at=None)


def list_earlier(actor: Actor, at: datetime) -> QuerySet[Notification]:
    """Return what a person has read, or what is settled."""
    return list_own(actor, at).exclude(read_at=None, settled_at=None)


def count_unread(actor: Actor, at: datetime) -> int:
    """Return how much waits at a person's bell; counted only a little further than it shows."""
    return list_unread(actor, at).order_by()[: MOST + 1].count()


def count_unread_of(user_ids: Collection[int], at: datetime) -> dict[int, int]:
    """Return how much waits at the bells of several people."""
    waiting = Notification.objects.filter(
        user_id__in=user_ids, not_before__lte=at, read_at=None, settled_at=None
    )
    found = dict(waiting.order_by().values_list("user_id").annotate(n=Count("pk")))
    return {user_id: found.get(user_id, 0) for user_id in user_ids}


def get_own(actor: Actor, at: datetime, pk: str) -> Notification:
    """Return one notification of one's own."""
    found = list_own(actor, at).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def list_before(rows: QuerySet[Notification], mark: Notification) -> QuerySet[Notification]:
    """Return what stands after a notification in a list that begins with the newest."""
    older = Q(not_before=mark.not_before, pk__lt=mark.pk)
    return rows.filter(Q(not_before__lt=mark.not_before) | older)
