"""Which accounts a password opens."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from axes.handlers.proxy import AxesProxyHandler
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]
    """Active accounts that are not archived; the same question is asked at every request."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Whether the account is open."""
        return bool(super().user_can_authenticate(user)) and user.archived_at is None

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Whose password it is; a right one among too many of the same moment opens nothing.

        Each of them was let in before the first had been counted, so the count is asked again.
        """
        user = super().authenticate(request, **credentials)
        if user is not None and not AxesProxyHandler.is_allowed(request, credentials):
            request.axes_locked_out = True  # type: ignore[attr-defined]
            raise PermissionDenied
        return user
