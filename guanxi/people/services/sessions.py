"""Signed-in browsers: started, touched, limited, ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound
from guanxi.kernel.events import Seen, record, record_access
from guanxi.people import access, queries, rules
from guanxi.people.choices import SessionEnd
from guanxi.people.events import SessionsEnded, SignedIn, SignedOut
from guanxi.people.models import User, UserSession
from guanxi.people.services.steps import lock_user, save_columns


@dataclass(frozen=True)
class Browser:
    """What is known of a browser that signs in."""

    session_key: str
    ip: str
    user_agent: str
    with_second_factor: bool = False


@transaction.atomic
def start_session(user: User, browser: Browser, *, actor: Actor, at: datetime) -> UserSession:
    """Note a session, end stale ones and those above the limit; ask for a fresh password."""
    user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    session = UserSession.objects.create(
        user=user,
        session_key=browser.session_key,
        ip=browser.ip or None,
        user_agent=browser.user_agent[:255],
        created_at=at,
        last_seen_at=at,
    )
    _end(queries.list_stale_sessions(at), SessionEnd.IDLE, at)
    opened = queries.list_open_sessions(user.pk, at).order_by("created_at", "pk")
    surplus = rules.surplus_sessions(
        list(opened.values_list("pk", flat=True)), settings.SESSION_LIMIT
    )
    _end(UserSession.objects.filter(pk__in=surplus), SessionEnd.REPLACED, at)
    if rules.is_password_stale(user.password_changed_at, queries.get_password_policy(), at):
        save_columns(user, at, must_change_password=True)
    record(SignedIn(browser.with_second_factor), subject=user, actor=actor, at=at)
    return session


def touch_session(session: SessionBase, *, at: datetime) -> None:
    """Note that a session is in use, and save what it notes itself."""
    key = session.session_key or ""
    UserSession.objects.filter(session_key=key, ended_at=None).update(last_seen_at=at)
    session.save()


@transaction.atomic
def end_session(session_key: str, *, reason: str, at: datetime, actor: Actor | None = None) -> None:
    """End one session by its key: signed out, idle or too old."""
    session = UserSession.objects.filter(session_key=session_key, ended_at=None).first()
    Session.objects.filter(session_key=session_key).delete()
    if session is None:
        return
    _end([session], SessionEnd(reason), at)
    if actor is not None and actor.user_id is not None:
        record(SignedOut(), subject=session.user, actor=actor, at=at)


@transaction.atomic
def end_own_session(session_id: int, *, actor: Actor, at: datetime) -> None:
    """End one of the actor's own sessions from the list."""
    session = (
        UserSession.objects.filter(pk=session_id, user_id=actor.user_id or 0, ended_at=None)
        .select_related("user")
        .first()
    )
    if session is None:
        raise NotFound
    _end([session], SessionEnd.ENDED, at)
    record(SessionsEnded(SessionEnd.ENDED, 1), subject=session.user, actor=actor, at=at)


@transaction.atomic
def end_other_sessions(*, actor: Actor, at: datetime) -> int:
    """End every session of the actor but the present one."""
    user = User.objects.get(pk=actor.user_id or 0)
    others = queries.list_open_sessions(user.pk, at).exclude(session_key=actor.session_key)
    return _end_and_record(user, others, SessionEnd.ENDED, actor, at)


@transaction.atomic
def end_sessions(user_id: int, *, actor: Actor, at: datetime) -> int:
    """End every session of a user, as an administrator (E06)."""
    user = lock_user(user_id, access.END_SESSIONS, actor)
    opened = queries.list_open_sessions(user.pk, at)
    return _end_and_record(user, opened, SessionEnd.FORCED, actor, at)


def end_all(user: User, reason: SessionEnd, at: datetime, *, but: str = "") -> int:
    """End every session of a user inside another service's transaction."""
    opened = UserSession.objects.filter(user=user, ended_at=None)
    return _end(opened.exclude(session_key=but), reason, at)


def _end_and_record(
    user: User, sessions: Iterable[UserSession], reason: SessionEnd, actor: Actor, at: datetime
) -> int:
    count = _end(sessions, reason, at)
    if count:
        record(SessionsEnded(reason, count), subject=user, actor=actor, at=at)
    return count


def _end(sessions: Iterable[UserSession], reason: SessionEnd, at: datetime) -> int:
    """Delete the stored sessions, so that the next request finds none, and note the end."""
    keys = {s.pk: s.session_key for s in sessions}
    Session.objects.filter(session_key__in=keys.values()).delete()
    return UserSession.objects.filter(pk__in=keys, ended_at=None).update(
        ended_at=at, end_reason=reason
    )


def note_failed_sign_in(username: str, *, action: str, actor: Actor, at: datetime) -> None:
    """Log a refused sign-in; a name that nobody has is not kept, it may be a typed password."""
    user = User.objects.filter(username=username).first()
    seen = Seen(action, "people.user", str(user.pk) if user else "")
    record_access(seen, actor=actor, at=at)
