"""Guessing passwords: slowed per account and address, per address, and per account (E01).

Five wrong tries from one address lock an account for that address for a quarter of an hour.
Wider limits stop guessing that is spread over accounts or over addresses. A browser that
signed in before carries a mark and is counted by itself, so that strangers cannot keep
the owner of an account, such as the last administrator, out for good.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Final

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.core import signing
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from guanxi.people import services
from guanxi.people.services import guesses
from guanxi.people.usernames import normal_username
from guanxi.surfaces.html.requests import actor_of

KNOWN_BROWSER: Final = "browser"
_KNOWN_SALT: Final = "guanxi.people.known_browser"
_KNOWN_SECONDS: Final = 180 * 24 * 3600
_LONGEST: Final = 255


def typed_username(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the user name of a sign-in in its one form, so that spellings count together."""
    given = (credentials or {}).get("username") or request.POST.get("login") or ""
    return normal_username(str(given)).replace("\0", "")[:_LONGEST]


# Known browsers -----------------------------------------------------------------------------------
def remember_browser(response: HttpResponse, username: str) -> None:
    """Mark a browser that signed in; the mark opens nothing, it only counts apart."""
    mark = signing.dumps(username, salt=_KNOWN_SALT)
    response.set_cookie(
        _cookie_name(),
        mark,
        max_age=_KNOWN_SECONDS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _cookie_name() -> str:
    prefix = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
    return prefix + KNOWN_BROWSER


def known_browser(request: HttpRequest, username: str) -> str | None:
    """Return a key for this browser when its mark names this very account."""
    mark = request.COOKIES.get(_cookie_name(), "")
    if not mark:
        return None
    try:
        named = signing.loads(mark, salt=_KNOWN_SALT, max_age=_KNOWN_SECONDS)
    except signing.BadSignature:
        return None
    if named != username:
        return None
    return "sign-in-" + hashlib.sha256(mark.encode()).hexdigest()[:32]


# Counting -----------------------------------------------------------------------------------------
def _recent_failures(at: datetime) -> QuerySet[AccessAttempt]:
    rows: QuerySet[AccessAttempt] = AccessAttempt.objects.filter(
        attempt_time__gt=at - settings.AXES_COOLOFF_TIME
    )
    return rows


def _count(rows: QuerySet[AccessAttempt]) -> int:
    return int(rows.aggregate(n=Sum("failures_since_start"))["n"] or 0)


class LockoutHandler(AxesDatabaseHandler):  # type: ignore[misc]
    """Counts failures; known browsers apart, addresses and accounts also as a whole."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Whether this try must not even look at the password."""
        username = typed_username(request, credentials)
        browser = known_browser(request, username)
        if browser is not None:
            return _is_used_up(browser)
        if super().is_locked(request, credentials):
            return True
        recent = _recent_failures(timezone.now())
        address = request.axes_ip_address  # type: ignore[attr-defined]
        if _count(recent.filter(ip_address=address)) >= settings.SPREAD_LIMIT_PER_ADDRESS:
            return True
        return _count(recent.filter(username=username)) >= settings.SPREAD_LIMIT_PER_ACCOUNT

    def user_login_failed(
        self,
        sender: Any,
        credentials: dict[str, Any],
        request: HttpRequest | None = None,
        **kwargs: Any,
    ) -> None:
        """Count a failure and log it; tries during a lock are not counted, so it ends in time."""
        if request is None:
            return
        was_locked = bool(getattr(request, "axes_locked_out", False))
        username = typed_username(request, credentials)
        browser = known_browser(request, username)
        if browser is None or was_locked:
            super().user_login_failed(sender, credentials, request, **kwargs)
        else:
            self._count_known(browser, request, credentials)
        if not was_locked:
            is_locked = bool(getattr(request, "axes_locked_out", False))
            services.note_failed_sign_in(
                username,
                action="sign_in_locked" if is_locked else "sign_in_failed",
                actor=actor_of(request),
                at=timezone.now(),
            )

    def _count_known(self, browser: str, request: Any, credentials: dict[str, Any]) -> None:
        guesses.count_wrong_password(browser, at=timezone.now())
        if _is_used_up(browser):
            request.axes_locked_out = True
            request.axes_credentials = credentials

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
        """A right password forgets the wrong ones, those of a known browser too."""
        super().user_logged_in(sender, request, user, **kwargs)
        browser = known_browser(request, user.get_username())
        if browser is not None:
            guesses.forget_wrong_passwords(browser)


def _is_used_up(browser: str) -> bool:
    recent = _recent_failures(timezone.now()).filter(username=browser)
    return _count(recent) >= settings.AXES_FAILURE_LIMIT


def locked_out_response(
    request: HttpRequest, original: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """Say that it is enough for now, and until when."""
    del original, credentials
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    response = render(request, "people/locked_out.html", {"minutes": seconds // 60}, status=429)
    response["Retry-After"] = str(seconds)
    return response
