"""The worker's regular work: look into the mailboxes, send the replies."""

import logging
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.chores import chore
from guanxi.kernel.ciphers import InvalidToken, decipher
from guanxi.kernel.outages import outage_of
from guanxi.kernel.watchdog import show_life
from guanxi.notifications.jobs import Outgoing, send_due
from guanxi.notifications.services.mails import claim
from guanxi.tickets.mail import queries, rules
from guanxi.tickets.mail.fetching import LARGEST, MOST_AT_ONCE, Fetched, Trouble, reading
from guanxi.tickets.mail.models import Mailbox, Post
from guanxi.tickets.mail.services import boxes, failing
from guanxi.tickets.mail.services.taking import take_mail
from guanxi.tickets.mail.writing import write_reply

#: A turn of the worker reads for so long at most; reactions and runs wait meanwhile.
TURN_SECONDS: Final = 5.0
log = logging.getLogger(__name__)


@chore("replies", every=timedelta(seconds=2))
def send_replies(at: datetime) -> int:
    """Send the replies that are due; how many left."""
    actor = system_actor(gettext_noop("mail"), Channel.JOB)
    rows = Post.objects.select_related("message__ticket", "letter__sender", "letter__mailbox")
    way = Outgoing(
        claim=lambda now: claim(rows, at=now),
        write=lambda post, _now: write_reply(post),
        sent=lambda post, now: failing.note_sent(post, actor=actor, at=now),
        gave_up=lambda post, why, now: failing.note_failure(post, why, actor=actor, at=now),
    )
    return send_due(way, at)


@chore("mailboxes", every=timedelta(seconds=10))
def fetch_mail(at: datetime) -> int:
    """Take in what arrived in the mailboxes that are due; how many letters."""
    began, taken = monotonic(), 0
    for mailbox in queries.list_due(at):
        if monotonic() - began > TURN_SECONDS:
            break
        if boxes.claim_mailbox(mailbox, at=at):
            taken += _fetch(mailbox, began + TURN_SECONDS)
    return taken


def _fetch(mailbox: Mailbox, until: float) -> int:
    """Read one mailbox; what goes wrong is noted at it, the others go on."""
    read = taken = 0
    try:
        password = decipher(mailbox.secret, boxes.PURPOSE)
        with reading(mailbox, password) as box:
            is_same = box.uid_validity == mailbox.uid_validity
            last, since = (mailbox.last_uid if is_same else 0), mailbox.created_at.date()
            waiting = box.list_new(last, since)
            for uid in waiting[:MOST_AT_ONCE]:
                show_life()
                taken += _take(mailbox, uid, box.fetch(uid))
                boxes.keep_place(mailbox, box.uid_validity, uid)
                read += 1
                if monotonic() > until:
                    break
        boxes.note_fetched(mailbox, at=timezone.now(), has_more=read < len(waiting))
    except InvalidToken:
        boxes.note_trouble(mailbox, gettext("Set the password again."), at=timezone.now())
    except Trouble as error:
        boxes.note_trouble(mailbox, str(error), at=timezone.now())
    return taken


def _take(mailbox: Mailbox, uid: int, fetched: Fetched | None) -> int:
    """Take one letter in; one that cannot be is left out after some tries."""
    if fetched is None:
        return 0
    words = gettext("This mail is larger than %(limit)s MB; it lies in the mailbox.")
    beyond = words % {"limit": LARGEST >> 20} if fetched.is_cut else ""
    actor = system_actor(gettext_noop("mail"), Channel.JOB)
    try:
        letter = take_mail(
            fetched.raw, mailbox=mailbox, actor=actor, at=timezone.now(), beyond=beyond
        )
    except Exception as error:
        if outage_of(error):
            raise
        log.exception("mail %s of %s could not be taken in", uid, mailbox.address)
        if mailbox.attempts < rules.MOST_TRIES:
            told = gettext("Mail number %(uid)s could not be taken in.") % {"uid": uid}
            raise Trouble(told) from error
        return 0
    return 1 if letter else 0
