"""Who a session key stands for, outside the pages' requests."""

from datetime import UTC, datetime

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from guanxi.kernel.actor import ANONYMOUS, Actor, Channel
from guanxi.people import queries, rules
from guanxi.people.middleware import SEEN_AT, SIGNED_IN_AT
from guanxi.people.models import User


def actor_of_session(session_key: str, at: datetime) -> Actor:
    """Return the actor behind a session, or nobody; looking is no activity of the session."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = auth.get_user(request)
    if not isinstance(user, User) or _has_ended(request, at):
        return ANONYMOUS
    return queries.build_actor(user, channel=Channel.WEB, session_key=session_key)


def _has_ended(request: HttpRequest, at: datetime) -> bool:
    signed_in, seen = (
        datetime.fromtimestamp(int(request.session.get(name, 0)), UTC)
        for name in (SIGNED_IN_AT, SEEN_AT)
    )
    reason = rules.session_end(
        signed_in, seen, at, idle=settings.SESSION_IDLE, absolute=settings.SESSION_ABSOLUTE
    )
    return reason is not None
