"""Which accounts a password opens."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]
    """Active accounts that are not archived; the same question is asked at every request."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Whether the account is open."""
        return bool(super().user_can_authenticate(user)) and user.archived_at is None
