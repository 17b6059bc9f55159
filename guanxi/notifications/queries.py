"""Reads of notifications: always one's own, and only what is not held back."""

from datetime import datetime

from django.db.models import QuerySet

from guanxi.kernel.actor import Actor
from guanxi.notifications.models import Notification


def list_own(actor: Actor, at: datetime) -> QuerySet[Notification]:
    """What a person has been told by now, newest first."""
    own = Notification.objects.filter(user_id=actor.user_id or 0, not_before__lte=at)
    return own.order_by("-not_before", "-id")


def list_unread(actor: Actor, at: datetime) -> QuerySet[Notification]:
    """What a person has neither read nor is settled."""
    return list_own(actor, at).filter(read_at=None, settled_at=None)
