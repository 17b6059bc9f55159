"""One's calendar for other programs: what is open, to whoever has the link."""

import hmac
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils.translation import gettext, override

from guanxi.commitments import queries
from guanxi.commitments.icalendar import Happening, write_calendar
from guanxi.commitments.models import CalendarFeed
from guanxi.commitments.services.feeds import hash_key
from guanxi.customers.models import Customer
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor, Channel
from guanxi.kernel.errors import NotFound
from guanxi.people.queries import build_actor
from guanxi.surfaces.limits import RateLimit

MOST: Final = 1000
BEHIND: Final = timedelta(days=60)
AHEAD: Final = timedelta(days=400)
#: A program asks every quarter of an hour at most; whoever guesses gets nowhere.
readers = RateLimit(per_minute=6, burst=12)
guessers = RateLimit(per_minute=10, burst=20)


def get_feed(key: str, ip: str) -> tuple[CalendarFeed, Actor]:
    """The feed of a key with its owner as they are now; NotFound for any other reason (A09)."""
    guessers.require(ip)
    given = hash_key(key)
    feed = CalendarFeed.objects.select_related("user").filter(token_hash=given).first()
    if feed is None or not hmac.compare_digest(feed.token_hash, given):
        guessers.take(ip)
        raise NotFound
    readers.take(feed.pk)
    actor = build_actor(feed.user, channel=Channel.API, ip=ip)
    if not actor.can("commitments.view"):
        raise NotFound
    return feed, actor


def write_feed(actor: Actor, at: datetime) -> bytes:
    """What is open of the owner's, with the customer's name where they may see the customer."""
    rows = queries.of_mine(actor).filter(open_until__gte=at - BEHIND, open_until__lt=at + AHEAD)
    found = list(
        rows.values_list("pk", "title", "kind", "due_at", "updated_at", "version", "customer_id")[
            :MOST
        ]
    )
    names = _customer_names(actor, {row[-1] for row in found if row[-1]})
    with override(actor.locale):
        promised = gettext("Promise")
        happenings = [
            Happening(
                uid=f"commitment-{pk}@guanxi",
                due_at=due_at,
                changed_at=changed_at,
                summary=f"[{promised}] {title}" if kind == "promise" else title,
                description=names.get(customer_id, ""),
                url=f"{settings.SITE_URL.rstrip('/')}/commitments/{pk}/",
                sequence=version - 1,
            )
            for pk, title, kind, due_at, changed_at, version, customer_id in found
        ]
        return write_calendar(gettext("To-dos and promises"), happenings)


def _customer_names(actor: Actor, ids: set[int]) -> dict[int, str]:
    rows = Customer.objects.filter(pk__in=ids)
    return dict(visible(actor, "customers.view", rows).values_list("pk", "name"))
