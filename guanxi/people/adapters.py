"""How allauth behaves here: closed to strangers, quiet, and telling the domain what happened."""

from __future__ import annotations

from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Channel
from guanxi.kernel.ciphers import decipher, encipher
from guanxi.people import queries, services
from guanxi.people.choices import SessionEnd
from guanxi.people.client_ip import client_ip
from guanxi.people.lockout import remember_browser
from guanxi.people.middleware import note_sign_in
from guanxi.people.models import User
from guanxi.people.services.sessions import Browser
from guanxi.people.usernames import normal_username
from guanxi.surfaces.html.requests import actor_of


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Signing in and out, with the session noted and one answer for every wrong try."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("The user name or the password is not right."),
        "too_many_login_attempts": _("Too many tries. Try again later."),
        "incorrect_password": _("The password is not right."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: administrators create accounts."""
        del request
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave counting to axes: a second counter by account alone would lock owners out."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Check name and password; a deactivated account answers like a wrong password (E02)."""
        if "username" in credentials:
            credentials["username"] = normal_username(credentials["username"])
        user = authenticate(request, **credentials)
        return user if isinstance(user, User) else None

    def login(self, request: HttpRequest, user: User) -> None:
        """Open the session, note it and count the sessions of the user."""
        at = timezone.now()
        super().login(request, user)
        note_sign_in(request, at)
        records = get_authentication_records(request, user)
        browser = Browser(
            session_key=request.session.session_key or "",
            ip=client_ip(request),
            user_agent=request.headers.get("User-Agent", ""),
            with_second_factor=any(r.get("method") == "mfa" for r in records),
        )
        actor = queries.build_actor(
            user,
            channel=Channel.WEB,
            ip=browser.ip,
            request_id=actor_of(request).request_id,
            session_key=browser.session_key,
            authenticated_at=at,
        )
        services.start_session(user, browser, actor=actor, at=at)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Go on to the page that was asked for, in the person's own language."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember_browser(response, user.username)
        return response

    def logout(self, request: HttpRequest) -> None:
        """Close the session and note it."""
        key = request.session.session_key or ""
        actor = actor_of(request)
        super().logout(request)
        services.end_session(key, reason=SessionEnd.SIGNED_OUT, actor=actor, at=timezone.now())

    def is_safe_url(self, url: str) -> bool:
        """Only paths of this site (D12)."""
        return (
            url.startswith("/")
            and url.isprintable()
            and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
        )

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Say nothing: signing in speaks for itself."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send nothing: the only mail of signing in is the reset link, sent by a job."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send nothing, see `send_mail`."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """The same address as everywhere else."""
        return client_ip(request) or "0.0.0.0"  # noqa: S104  only a key for counting


#: What the secrets of the second factor are enciphered for.
PURPOSE: Final = "guanxi.people.second_factor"


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second-factor secrets are stored enciphered with the installation's key."""

    def get_totp_label(self, user: User) -> str:
        """The account's name in the authenticator app."""
        return user.username

    def encrypt(self, text: str) -> str:
        """Encipher a secret."""
        return encipher(text, PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """Decipher a secret."""
        return decipher(encrypted_text, PURPOSE)
