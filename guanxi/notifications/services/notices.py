"""Telling people: once per person and key, by the ways they chose, settled with the matter."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import models, transaction

from guanxi.kernel.actor import Actor
from guanxi.kernel.events import subject_type
from guanxi.notifications import queries, rules
from guanxi.notifications.choices import Channel, MailMode
from guanxi.notifications.declarations import Kind, get_kind
from guanxi.notifications.models import Mail, Notification
from guanxi.notifications.queries import Receiver


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

    Nobody who may not sign in or does not want this kind is told. Params hold no personal
    values: what the subject is called is read with the receiver's rights when it is shown.
    `not_before` holds it back until then. What goes by mail is queued with it.
    """
    del actor  # Who did it is in the event of the same transaction.
    declared = get_kind(kind)
    receivers = [r for r in queries.list_receivers(user_ids) if r.channel(declared) != Channel.NONE]
    rows = {
        receiver: Notification(
            user_id=receiver.user_id,
            kind=declared.code,
            subject_type=subject_type(type(subject)),
            subject_id=str(subject.pk),
            params=dict(params),
            key=key,
            created_at=at,
            not_before=max(at, not_before or at),
            for_digest=_way(receiver, declared) == MailMode.DIGEST,
        )
        for receiver in receivers
    }
    Notification.objects.bulk_create(rows.values(), ignore_conflicts=True)
    told = set(_made(row.pk for row in rows.values()))
    _queue_mails({r: row for r, row in rows.items() if row.pk in told}, declared, at)
    return len(told)


def _made(ids: Iterable[UUID]) -> Iterable[UUID]:
    wanted = list(ids)
    if not wanted:
        return []
    return Notification.objects.filter(pk__in=wanted).values_list("pk", flat=True)


def _way(receiver: Receiver, kind: Kind) -> str:
    """When a kind is mailed to a receiver; what is urgent waits for no digest."""
    if not settings.EMAIL_HOST or not receiver.email or receiver.channel(kind) != Channel.ALL:
        return MailMode.NONE
    is_at_once = kind.urgent and receiver.mode == MailMode.DIGEST
    return MailMode.EACH if is_at_once else receiver.mode


def _queue_mails(told: Mapping[Receiver, Notification], kind: Kind, at: datetime) -> None:
    """A mail for each notification that goes by itself, one open digest for who reads that."""
    single, digests = [], []
    for receiver, row in told.items():
        way = _way(receiver, kind)
        if way == MailMode.EACH:
            row.mail = Mail(user_id=row.user_id, created_at=at, due_at=row.not_before)
            single.append(row)
        elif way == MailMode.DIGEST:
            due = rules.next_digest(row.not_before, receiver.hour, receiver.time_zone)
            digests.append(open_digest(row.user_id, due, at))
    if single:
        Mail.objects.bulk_create(row.mail for row in single if row.mail)
        Notification.objects.bulk_update(single, ["mail"])
    if digests:
        Mail.objects.bulk_create(digests, ignore_conflicts=True)


def open_digest(user_id: int, due_at: datetime, at: datetime) -> Mail:
    """A digest that collects until it is due; stored only where there is none yet."""
    return Mail(user_id=user_id, is_digest=True, is_open=True, created_at=at, due_at=due_at)


def settle_notifications(
    subject: models.Model,
    *,
    kinds: Iterable[str],
    at: datetime,
    user_ids: Iterable[int] | None = None,
) -> int:
    """Mark what was told of a subject as done, for everybody or for these people; how many.

    What was not mailed yet is not mailed any more.
    """
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
