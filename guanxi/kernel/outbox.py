"""Hands events to their reactions: leased, fenced, retried with doubling delay, parked.

Deliveries are claimed per row, never by "id greater than a cursor": a slow transaction's
event would be lost. A reaction runs in the same transaction that marks it done, so its
effect on the database happens exactly once; the lease guards against two workers.
"""

import logging
import traceback
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.db import connection, transaction
from django.db.models import F, Q

from guanxi.kernel.events import Subscription, subscriptions
from guanxi.kernel.models import Delivery
from guanxi.kernel.watchdog import show_life

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 8
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)
log = logging.getLogger(__name__)


def deliver_due(*, at: datetime, limit: int = 500) -> int:
    """Claim due deliveries and run their reactions; returns how many were claimed.

    What a dead worker left behind follows one by one, so that an event that kills its worker
    (out of memory, say) takes no other with it and is parked after the same number of tries.
    """
    due = _claim(Q(state="due", due_at__lte=at), at, limit)
    _deliver_all(due, at)
    # What is leased was due; said again, it leads through the index of what is due.
    abandoned = _claim(Q(state="leased", due_at__lte=at, lease_until__lt=at), at, 1)
    if abandoned and abandoned[0].attempts > MAX_ATTEMPTS:
        _park(abandoned, "the worker died at every attempt")
    else:
        _deliver_all(abandoned, at)
    return len(due) + len(abandoned)


def deliver_at_once(consumer: str, *, at: datetime, limit: int = 500) -> int:
    """Run one reaction to what was recorded at this very instant, ahead of all that waits."""
    delivered = 0
    while mine := _claim(Q(state="due", due_at=at, consumer=consumer), at, limit):
        _deliver_all(mine, at)
        delivered += len(mine)
    return delivered


def _claim(ready: Q, at: datetime, limit: int) -> list[Delivery]:
    """Lease ready rows; on PostgreSQL rows that another worker holds are skipped."""
    if not Delivery.objects.filter(ready).exists():
        return []  # Mostly so: looking takes no lock.
    token = uuid.uuid4()
    with transaction.atomic():
        rows = Delivery.objects.filter(ready).order_by("due_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        ids = list(rows.values_list("id", flat=True)[:limit])
        if not ids:
            return []
        Delivery.objects.filter(ready, id__in=ids).update(
            state="leased", token=token, lease_until=at + LEASE, attempts=F("attempts") + 1
        )
    mine = Delivery.objects.filter(id__in=ids, token=token, state="leased")
    return list(mine.select_related("event"))


def _deliver_all(claimed: list[Delivery], at: datetime) -> None:
    claimed.sort(key=lambda d: (d.consumer, d.event_id))
    for consumer, group in groupby(claimed, key=lambda d: d.consumer):
        subscription = subscriptions().get(consumer)
        batch = list(group)
        if subscription is None:
            _park(batch, f"no reaction is named {consumer}")
            continue
        for start in range(0, len(batch), subscription.batch):
            show_life()
            _deliver(subscription, batch[start : start + subscription.batch], at)


def _deliver(subscription: Subscription, batch: Sequence[Delivery], at: datetime) -> None:
    try:
        with transaction.atomic():
            mine = Delivery.objects.filter(
                id__in=[d.id for d in batch], token=batch[0].token, state="leased"
            )
            held = set(mine.select_for_update().values_list("id", flat=True))
            if not held:
                return
            subscription.react([d.event for d in batch if d.id in held])
            if mine.update(state="done", done_at=at, error="") != len(held):
                raise RuntimeError("the lease was lost while the reaction ran")
    except Exception:  # noqa: BLE001  whatever a reaction raises is kept with the delivery
        _retry_or_split(subscription, batch, at, traceback.format_exc(limit=6))


def _retry_or_split(
    subscription: Subscription, batch: Sequence[Delivery], at: datetime, error: str
) -> None:
    """A poisoned event must not hold back its batch: try one by one, then back off."""
    if len(batch) > 1:
        for delivery in batch:
            _deliver(subscription, [delivery], at)
        return
    delivery = batch[0]
    log.warning("reaction %s failed on event %s", subscription.consumer, delivery.event_id)
    if delivery.attempts >= MAX_ATTEMPTS:
        _park(batch, error)
        return
    delay = min(FIRST_DELAY * 2 ** (delivery.attempts - 1), LONGEST_DELAY)
    Delivery.objects.filter(pk=delivery.pk, token=delivery.token).update(
        state="due", due_at=at + delay, error=error[-4000:], token=None, lease_until=None
    )


def _park(batch: Sequence[Delivery], error: str) -> None:
    for delivery in batch:
        Delivery.objects.filter(pk=delivery.pk, token=delivery.token).update(
            state="parked", error=error[-4000:], token=None, lease_until=None
        )


def pull_back(*, at: datetime) -> int:
    """Make due what no clock that goes right can have put off so far; how many."""
    far = at + 2 * LONGEST_DELAY
    due = Delivery.objects.filter(state="due", due_at__gt=far).update(due_at=at)
    leased = Delivery.objects.filter(state="leased", lease_until__gt=far)
    return due + leased.update(lease_until=at, due_at=at)
