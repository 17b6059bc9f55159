"""Mails on their way: claimed one by one with a lease, sent, marked; retried, parked, cleared."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from guanxi.notifications import queries, rules
from guanxi.notifications.models import Mail, Notification, Posted
from guanxi.notifications.services.notices import open_digest

M = TypeVar("M", bound=Posted)
LEASE: Final = timedelta(minutes=2)
#: How long what is over is kept.
KEPT: Final = timedelta(days=180)
AT_ONCE: Final = 5000


def claim_mail(*, at: datetime) -> Mail | None:
    """Lease the mail that is due the longest; a digest is about what waits for it now."""

    def begin(mail: Mail) -> None:
        if mail.is_open:
            Mail.objects.filter(pk=mail.pk).update(is_open=False)
            collect(mail, at)

    return claim(Mail.objects.select_related("user"), at=at, begin=begin)


def claim(rows: QuerySet[M], *, at: datetime, begin: Callable[[M], None] | None = None) -> M | None:
    """Lease the one of these mails that is due the longest."""
    plain = rows.model._base_manager.all()
    abandoned = Q(lease_until__lt=at) | Q(lease_until__gt=at + 2 * LEASE)  # H13: a clock put back
    ready = Q(state="due", due_at__lte=at) | (Q(state="leased") & abandoned)
    if not plain.filter(ready).exists():
        return None  # Mostly so: looking takes no lock.
    with transaction.atomic():
        due = plain.filter(ready).order_by("due_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        found = due.first()
        if found is None:
            return None
        taken = plain.filter(ready, pk=found.pk).update(
            state="leased",
            token=uuid.uuid4(),
            lease_until=at + LEASE,
            attempts=F("attempts") + 1,
        )
        if not taken:
            return None
        if begin:
            begin(found)
    return rows.get(pk=found.pk)


def collect(mail: Mail, at: datetime) -> None:
    """Make a digest about what waits for it; what is still held back opens the next one."""
    waiting = Notification.objects.filter(user_id=mail.user_id, for_digest=True, mail=None)
    waiting.filter(not_before__lte=at).update(mail=mail)
    later = waiting.order_by("not_before").values_list("not_before", flat=True).first()
    if later is not None:
        wish, zone = queries.get_wish(mail.user_id), mail.user.time_zone
        due = rules.next_digest(later, wish.hour, zone)
        Mail.objects.bulk_create([open_digest(mail.user_id, due, at)], ignore_conflicts=True)


def renew_lease(mail: Posted, *, at: datetime) -> bool:
    """Make sure, right before sending, that no other worker has taken the mail over (H08)."""
    return bool(_mine(mail).update(lease_until=at + LEASE))


def close_mail(mail: Posted, *, is_sent: bool, at: datetime) -> None:
    """Note that a mail was taken by the server, or that nothing was left to tell."""
    _mine(mail).update(state="done", done_at=at, is_sent=is_sent, lease_until=None, error="")


def put_off(mail: Posted, error: str, *, at: datetime, is_final: bool = False) -> bool:
    """Try a mail again later, ever later, or give it up after so many tries; whether it is."""
    is_over = is_final or mail.attempts >= rules.MAX_ATTEMPTS
    _mine(mail).update(
        state="parked" if is_over else "due",
        due_at=at + rules.delay_after(mail.attempts),
        lease_until=None,
        token=None,
        error=error[-2000:],
    )
    return is_over


def hand_back(mail: Posted, error: str, *, at: datetime) -> None:
    """Leave a mail for later without counting a try: no server was there to take it."""
    _mine(mail).update(
        state="due",
        due_at=at,
        lease_until=None,
        token=None,
        attempts=F("attempts") - 1,
        error=error[-2000:],
    )


def _mine(mail: Posted) -> QuerySet[Posted]:
    """The mail's row while nobody else has taken it over."""
    return type(mail)._base_manager.filter(pk=mail.pk, token=mail.token, state="leased")


def retry_parked(*, at: datetime) -> int:
    """Send what was given up once more; how many mails."""
    return queries.list_parked().update(state="due", due_at=at, attempts=0)


def fix_digests() -> None:
    """Before a restored copy holds its mails: what each digest is about, so that no other is."""
    for mail in Mail.objects.filter(is_open=True).select_related("user"):
        waiting = Notification.objects.filter(user_id=mail.user_id, for_digest=True, mail=None)
        waiting.update(mail=mail)
        Mail.objects.filter(pk=mail.pk).update(is_open=False)


def clear_old(*, at: datetime) -> int:
    """Forget what is over since long; how many rows."""
    before = at - KEPT
    over = Q(read_at__lt=before) | Q(settled_at__lt=before) | Q(not_before__lt=before - KEPT)
    old = Notification.objects.filter(over).values_list("pk", flat=True)[:AT_ONCE]
    count, _by_model = Notification.objects.filter(pk__in=list(old)).delete()
    done = Mail.objects.filter(state="done", done_at__lt=before, notifications=None)
    closed = list(done.values_list("pk", flat=True)[:AT_ONCE])
    gone, _by_model = Mail.objects.filter(pk__in=closed).delete()
    return count + gone
