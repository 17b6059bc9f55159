"""The secret link under which other programs read one's calendar: made, renewed, taken back."""

import hashlib
import secrets
from datetime import datetime

from django.db import transaction

from guanxi.commitments.events import FeedMade, FeedRevoked
from guanxi.commitments.models import CalendarFeed
from guanxi.kernel.access import require, require_recent
from guanxi.kernel.actor import Actor
from guanxi.kernel.events import record
from guanxi.people.models import User


def hash_key(key: str) -> str:
    """The stored form of a link's key; its 256 random bits need no salt."""
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def make_feed(*, actor: Actor, at: datetime) -> str:
    """A new link for oneself; an older one ends with it. Its key is returned this once."""
    require(actor, "commitments.view")
    require_recent(actor, at)
    user = User.objects.select_for_update(of=("self",)).get(pk=actor.user_id or 0)
    key = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        user=user, defaults={"token_hash": hash_key(key), "made_at": at, "read_at": None}
    )
    record(FeedMade(), subject=user, actor=actor, at=at)
    return key


@transaction.atomic
def revoke_feed(*, actor: Actor, at: datetime) -> None:
    """Take one's link back: whoever has it reads nothing more."""
    require(actor, "commitments.view")
    feeds = CalendarFeed.objects.filter(user_id=actor.user_id or 0)
    found = feeds.select_related("user").first()
    if found is None:
        return
    feeds.delete()
    record(FeedRevoked(), subject=found.user, actor=actor, at=at)


def note_feed_read(feed: CalendarFeed, *, at: datetime) -> None:
    """When the calendar was last fetched, for its owner to see."""
    CalendarFeed.objects.filter(pk=feed.pk).update(read_at=at)
