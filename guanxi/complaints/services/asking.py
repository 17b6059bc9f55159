"""Asking the customer how they find the handling: a link that works once (CPL-4)."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from guanxi.complaints.choices import EntryKind
from guanxi.complaints.events import CustomerAsked, HandlingRated
from guanxi.complaints.models import Complaint, SatisfactionLink
from guanxi.complaints.services.steps import note_step, open_complaint, take_step, write_entry
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import NotFound
from guanxi.people.services.steps import save_columns

LASTS: Final = timedelta(days=14)


def hash_key(key: str) -> str:
    """The stored form of a link's key; its 256 random bits need no salt."""
    return hashlib.sha256(key.encode()).hexdigest()


@atomic_retried
def invite_customer(complaint_id: int, *, actor: Actor, at: datetime) -> str:
    """A link for one answer within two weeks; an older one ends. Its key is returned this once."""
    complaint = open_complaint(complaint_id, "invite", actor)
    take_step(complaint, "invite", CustomerAsked, actor=actor, at=at)
    SatisfactionLink.objects.filter(complaint=complaint, used_at=None).delete()
    key = secrets.token_urlsafe(32)
    SatisfactionLink.objects.create(
        complaint=complaint, token_hash=hash_key(key), made_at=at, expires_at=at + LASTS
    )
    return key


def find_link(key: str, *, at: datetime) -> SatisfactionLink:
    """A link that may still be answered; NotFound for any other reason."""
    rows = SatisfactionLink.objects.filter(used_at=None, expires_at__gt=at)
    found = rows.select_related("complaint").filter(token_hash=hash_key(key)).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def rate_handling(
    key: str, *, satisfaction: str, comment: str, actor: Actor, at: datetime
) -> Complaint:
    """Take the customer's one answer; of two at the same moment the first counts."""
    link = find_link(key, at=at)
    if not SatisfactionLink.objects.filter(pk=link.pk, used_at=None).update(used_at=at):
        raise NotFound
    rows = Complaint.objects.select_for_update(of=("self",), no_key=True)
    complaint = rows.get(pk=link.complaint_id)
    save_columns(complaint, at, satisfaction=satisfaction)
    if comment:
        write_entry(complaint, EntryKind.HEARD, comment, actor=actor, at=at, channel="web_form")
    return note_step(complaint, HandlingRated, actor=actor, at=at, note=satisfaction)
