"""Who a session key stands for, outside the pages' requests."""

from datetime import datetime

from django.contrib import auth
from django.http import HttpRequest

from guanxi.kernel.actor import ANONYMOUS, Actor, Channel
from guanxi.people import queries
from guanxi.people.middleware import session_end
from guanxi.people.models import User
from guanxi.people.session_store import SessionStore


def actor_of_session(session_key: str, at: datetime) -> Actor:
    """Return the actor behind a session, or nobody; looking is no activity of the session."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = auth.get_user(request)
    if not isinstance(user, User) or session_end(request, at):
        return ANONYMOUS
    return queries.build_actor(user, channel=Channel.WEB, session_key=session_key)
