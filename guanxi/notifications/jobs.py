"""The worker's regular work: send what is due, clear what is over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final, Generic, TypeVar

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone, translation

from guanxi.kernel.actor import Channel, get_actor
from guanxi.kernel.chores import chore, is_night
from guanxi.kernel.watchdog import show_life
from guanxi.notifications import queries
from guanxi.notifications.mailing import write_mail
from guanxi.notifications.models import Mail, Posted
from guanxi.notifications.services import mails
from guanxi.notifications.telling import tell_all

#: A turn of the worker sends for so long at most; reactions and runs wait meanwhile.
TURN_SECONDS: Final = 5.0
#: Nobody is asked more often than so whether a server that was away is back.
REST: Final = timedelta(seconds=30)
M = TypeVar("M", bound=Posted)
_rest_until: list[datetime] = []


@dataclass(frozen=True)
class Outgoing(Generic[M]):
    """A kind of mails: how one is claimed and written, and who hears how it went.

    One that is written as None has nothing to say any more.
    """

    claim: Callable[[datetime], M | None]
    write: Callable[[M, datetime], EmailMessage | None]
    sent: Callable[[M, datetime], object] | None = None
    gave_up: Callable[[M, str, datetime], object] | None = None


@chore("mail", every=timedelta(seconds=2))
def send_mails(at: datetime) -> int:
    """Send the notifications that are due; how many mails left."""
    return send_due(Outgoing(lambda now: mails.claim_mail(at=now), _write), at)


def send_due(way: Outgoing[M], at: datetime) -> int:
    """Send what is due over one connection; how many mails left."""
    if not settings.EMAIL_HOST or (_rest_until and at < _rest_until[0] <= at + REST):
        return 0
    began, sent = monotonic(), 0
    server = get_connection()
    try:
        while monotonic() - began < TURN_SECONDS:
            mail = way.claim(timezone.now())
            if mail is None:
                break
            show_life()
            if not _open(server, mail):
                break
            sent += _send(server, way, mail)
    finally:
        _close(server)
    return sent


def _open(server: BaseEmailBackend, mail: Posted) -> bool:
    """Whether there is a server; while there is none, mails wait without counting tries."""
    try:
        server.open()
    except OSError as error:
        now = timezone.now()
        mails.hand_back(mail, f"no mail server: {error}", at=now)
        _rest_until[:] = [now + REST]
        return False
    _rest_until.clear()
    return True


def _send(server: BaseEmailBackend, way: Outgoing[M], mail: M) -> int:
    """Send one mail; 1 when it left."""
    try:
        message = way.write(mail, timezone.now())
        if message is None:
            mails.close_mail(mail, is_sent=False, at=timezone.now())
            return 0
        if not mails.renew_lease(mail, at=timezone.now()):
            return 0
        server.send_messages([message])
    except (OSError, ValueError) as error:
        at = timezone.now()
        is_over = mails.put_off(mail, repr(error), at=at, is_final=_is_final(error))
        if is_over and way.gave_up:
            way.gave_up(mail, repr(error), at)
        _close(server)
        return 0
    mails.close_mail(mail, is_sent=True, at=timezone.now())
    if way.sent:
        way.sent(mail, timezone.now())
    return 1


def _write(mail: Mail, at: datetime) -> EmailMessage | None:
    """The mail as its receiver may read it at this moment."""
    actor = get_actor(mail.user_id, Channel.JOB)
    rows = queries.list_of_mail(mail) if actor.user_id else []
    if not rows or not mail.user.email:
        return None
    with translation.override(actor.locale):
        return write_mail(mail, tell_all(rows, actor, at))


def _is_final(error: Exception) -> bool:
    """Whether the server refused this very mail for good, or it cannot be written at all."""
    refused = getattr(error, "recipients", None)
    codes = [code for code, _words in refused.values()] if refused else []
    codes.append(getattr(error, "smtp_code", 0))
    return isinstance(error, ValueError) or max(codes) >= 500


def _close(server: BaseEmailBackend) -> None:
    """Part from the server, whatever state it is in."""
    try:
        server.close()
    except OSError:
        return


@chore("notifications", every=timedelta(hours=1))
def clear_old(at: datetime) -> int:
    """Forget at night what is over since half a year."""
    return mails.clear_old(at=at) if is_night(at) else 0
