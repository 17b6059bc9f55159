"""How the API learns who calls: by token, or by the browser's session with CSRF check."""

from __future__ import annotations

import hmac
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from guanxi.kernel.actor import Channel
from guanxi.people import queries, services
from guanxi.people.client_ip import client_ip
from guanxi.people.middleware import activate_preferences
from guanxi.people.models import ApiToken, User
from guanxi.people.services.tokens import TOKEN_MARK, hash_token


def find_token(key: str) -> ApiToken | None:
    """Return the usable token of a key, compared in constant time."""
    wanted = hash_token(key)
    token = next(iter(queries.TOKENS_BY_HASH.rows(wanted)), None)
    if token is None or not hmac.compare_digest(token.token_hash, wanted):
        return None
    is_usable = token.expires_at is None or token.expires_at > timezone.now()
    is_open = token.user.is_active and token.user.archived_at is None
    return token if is_usable and is_open else None


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer gx_…` names a user and narrows what they may do."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return user and token, or None when no token was sent."""
        scheme, _space, key = str(request.headers.get("Authorization", "")).partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer" or not key.startswith(TOKEN_MARK) or len(key) > 100:
            raise exceptions.AuthenticationFailed(_("The token is not valid."))
        token = find_token(key.strip())
        if token is None:
            raise exceptions.AuthenticationFailed(_("The token is not valid."))
        services.touch_token(token, at=timezone.now())
        plain: HttpRequest = request._request
        plain.actor = queries.build_actor(  # type: ignore[attr-defined]
            token.user,
            channel=Channel.API,
            ip=client_ip(plain),
            request_id=getattr(plain, "request_id", ""),
            token=token,
        )
        activate_preferences(token.user.locale, token.user.time_zone)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Say how to sign in: a 401 needs this header."""
        del request
        return "Bearer"


class SessionAuthentication(authentication.SessionAuthentication):
    """The signed-in browser; every write needs the CSRF token, whatever its content type."""

    def authenticate(self, request: Request) -> Any:
        """Return the session's user, acting through the API."""
        found = super().authenticate(request)
        if found is not None:
            plain: HttpRequest = request._request
            plain.actor = plain.actor.through(Channel.API)  # type: ignore[attr-defined]
        return found
