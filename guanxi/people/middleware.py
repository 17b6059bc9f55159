"""Who is calling, in which language and time zone, and whether their session still lasts."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation

from guanxi.kernel.actor import ANONYMOUS, Channel
from guanxi.kernel.outages import left_out_in_an_outage
from guanxi.people import queries, rules, services
from guanxi.people.choices import Locale
from guanxi.people.client_ip import client_ip, is_trusted
from guanxi.people.models import User

SIGNED_IN_AT: Final = "signed_in_at"
SEEN_AT: Final = "seen_at"
LANGUAGE_COOKIE: Final = "gx_language"
THEME_COOKIE: Final = "gx_theme"
BACKGROUND_HEADER: Final = "X-Guanxi-Background"
_TOUCH_EVERY: Final = timedelta(seconds=60)
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{8,40}")


def activate_preferences(locale: str, time_zone: str) -> None:
    """Speak a person's language and tell their time until the response is made."""
    translation.activate(locale if locale in Locale.values else settings.LANGUAGE_CODE)
    timezone.activate(ZoneInfo(time_zone))


def note_sign_in(request: HttpRequest, at: datetime) -> None:
    """Start the clocks of a new session."""
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = int(at.timestamp())


class ActorMiddleware:
    """Sets `request.actor` and `request.request_id`; ends sessions that lasted too long (E06)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Identify the caller, answer, and leave no language or zone behind."""
        at = timezone.now()
        ip = client_ip(request)
        request_id = _request_id(request)
        actor = replace(ANONYMOUS, ip=ip, request_id=request_id, locale=_chosen_language(request))
        request.request_id, request.actor = request_id, actor  # type: ignore[attr-defined]
        user = _signed_in_user(request, at)
        if user is not None:
            actor = queries.build_actor(
                user,
                channel=Channel.WEB,
                ip=ip,
                request_id=request_id,
                session_key=request.session.session_key or "",
                authenticated_at=_authenticated_at(request, user),
            )
            request.actor = actor  # type: ignore[attr-defined]
        try:
            activate_preferences(actor.locale, actor.time_zone)
            response = _password_first(request, user) or self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
            response.headers.setdefault("X-Request-ID", request_id)
            return response
        finally:
            translation.activate(settings.LANGUAGE_CODE)
            timezone.deactivate()


def _request_id(request: HttpRequest) -> str:
    """A proxy's id when the proxy is trusted, else a fresh one."""
    given = request.headers.get("X-Request-ID", "")
    peer = str(request.META.get("REMOTE_ADDR") or "")
    if _REQUEST_ID.fullmatch(given) and is_trusted(peer, settings.TRUSTED_PROXIES):
        return given
    return uuid.uuid4().hex


def _chosen_language(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in Locale.values else settings.LANGUAGE_CODE


def _signed_in_user(request: HttpRequest, at: datetime) -> User | None:
    """The user of a session that still lasts; without a cookie nothing is read."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    user = request.user
    if not isinstance(user, User):
        return None
    reason = session_end(request, at)
    if reason is not None:
        services.end_session(request.session.session_key or "", reason=reason, at=at)
        auth.logout(request)
        return None
    try:
        _touch(request, at)
    except UpdateError:  # ended meanwhile, in another window
        auth.logout(request)
        return None
    return user


def _instant(request: HttpRequest, name: str) -> datetime:
    return datetime.fromtimestamp(int(request.session.get(name, 0)), UTC)


def session_end(request: HttpRequest, at: datetime) -> str | None:
    """Why the session of a request is over, or None while it lasts."""
    return rules.session_end(
        _instant(request, SIGNED_IN_AT),
        _instant(request, SEEN_AT),
        at,
        idle=settings.SESSION_IDLE,
        absolute=settings.SESSION_ABSOLUTE,
    )


def _authenticated_at(request: HttpRequest, user: User) -> datetime | None:
    """When the password or a code was last given in this session."""
    records = get_authentication_records(request, user)
    return datetime.fromtimestamp(records[-1]["at"], UTC) if records else None


def _touch(request: HttpRequest, at: datetime) -> None:
    """Note activity at most once a minute; a page that polls by itself is no activity.

    It is saved here: an outage after the work is done would have the saved called unsaved.
    """
    if BACKGROUND_HEADER in request.headers or at - _instant(request, SEEN_AT) < _TOUCH_EVERY:
        return
    session, is_changed = request.session, request.session.modified
    with left_out_in_an_outage():
        session[SEEN_AT] = int(at.timestamp())
        services.touch_session(session, at=at)
    session.modified = is_changed


def _password_first(request: HttpRequest, user: User | None) -> HttpResponse | None:
    """Send whoever must choose a new password there, whatever page they ask for."""
    if user is None or not user.must_change_password:
        return None
    open_pages = ("people:password", "account_logout", "preferences")
    allowed = (*map(reverse, open_pages), "/static/", "/api/")
    if request.path.startswith(allowed):
        return None
    return HttpResponseRedirect(reverse("people:password"))
