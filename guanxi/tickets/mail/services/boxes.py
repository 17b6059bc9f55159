"""Mailboxes: their password, when they are looked into, how far they were read."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import models
from django.db.models import F
from django.utils.translation import gettext

from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.ciphers import encipher
from guanxi.kernel.connecting import is_trusted
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import record
from guanxi.people.services.steps import cleaned, save_columns
from guanxi.tickets.mail import messages, rules
from guanxi.tickets.mail.choices import Security
from guanxi.tickets.mail.events import MailboxSecured
from guanxi.tickets.mail.models import Mailbox

#: What the passwords of mailboxes are enciphered for.
PURPOSE: Final = "guanxi.tickets.mailbox"
LEASE: Final = timedelta(minutes=5)
_WHERE: Final = frozenset({"host", "port", "username", "folder"})
#: Whom a password is told; it is for nobody else.
_WHOM: Final = frozenset({"host", "port", "security", "username"})


def check_mailbox(values: dict[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Without TLS only where the operator allows it; a folder's name is plain."""
    both = {**current, **values}
    if both.get("security") == Security.NONE and not is_trusted(both.get("host") or ""):
        raise RuleViolation("not_enciphered", messages.NOT_ENCIPHERED, "security")
    for name in ("folder", "username", "host"):
        if not str(both.get(name) or "").isascii():
            raise RuleViolation("not_ascii", messages.NOT_ASCII, name)
    return values


def follow_mailbox(
    mailbox: models.Model, changes: Mapping[str, Any], actor: Actor, at: datetime
) -> None:
    """Another mailbox is read from its beginning; another server is told no former password."""
    del actor, at
    columns: dict[str, Any] = {"due_at": None, "attempts": 0, "trouble": ""}
    if _WHOM & changes.keys():
        columns |= {"secret": "", "trouble": gettext("Set the password again.")}
    if _WHERE & changes.keys():
        columns |= {"uid_validity": None, "last_uid": 0}
    Mailbox.objects.filter(pk=mailbox.pk).update(**columns)


@atomic_retried
def secure_mailbox(mailbox_id: int, *, password: str, actor: Actor, at: datetime) -> Mailbox:
    """Set the password; it is stored enciphered and shown to nobody."""
    rows = Mailbox.objects.filter(archived_at=None).select_for_update(of=("self",), no_key=True)
    mailbox = get_allowed(actor, "mailboxes.secure", rows, seen_by="mailboxes.view", pk=mailbox_id)
    secret = encipher(cleaned(password, "password", 500), PURPOSE)
    save_columns(mailbox, at, secret=secret, due_at=None, attempts=0, trouble="")
    record(MailboxSecured(mailbox.version), subject=mailbox, actor=actor, at=at)
    return mailbox


# While fetching -----------------------------------------------------------------------------------
def claim_mailbox(mailbox: Mailbox, *, at: datetime) -> bool:
    """Take a mailbox that is due; of several workers one does."""
    rows = Mailbox.objects.filter(pk=mailbox.pk, due_at=mailbox.due_at)
    return bool(rows.update(due_at=at + LEASE, attempts=F("attempts") + 1))


def keep_place(mailbox: Mailbox, uid_validity: int, uid: int) -> None:
    """Note that everything up to a letter was taken in."""
    Mailbox.objects.filter(pk=mailbox.pk).update(uid_validity=uid_validity, last_uid=uid)


def note_fetched(mailbox: Mailbox, *, at: datetime, has_more: bool) -> None:
    """The mailbox was read; it is looked into again in a while."""
    Mailbox.objects.filter(pk=mailbox.pk).update(
        due_at=at if has_more else at + rules.EVERY, attempts=0, checked_at=at, trouble=""
    )


def note_trouble(mailbox: Mailbox, words: str, *, at: datetime) -> None:
    """The mailbox could not be read: say so, and wait ever longer."""
    rows = Mailbox.objects.filter(pk=mailbox.pk)
    attempts = rows.values_list("attempts", flat=True).get()
    rows.update(due_at=at + rules.wait_after(attempts), trouble=words[:500])
