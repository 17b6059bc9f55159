"""Links by mail for choosing a new password: signed, for half an hour, for one use (E03)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from guanxi.people.models import User


class _Generator(PasswordResetTokenGenerator):
    """Signs the user's state: password, last sign-in, e-mail and the count of links."""

    key_salt = "guanxi.people.reset_links"

    def _make_hash_value(self, user: User, timestamp: int) -> str:  # type: ignore[override]
        signed_in: datetime | None = user.last_login
        parts = (user.pk, user.password, signed_in, user.email, user.reset_serial, timestamp)
        return "|".join(str(part) for part in parts)


_generator = _Generator()


def make_link(user: User) -> str:
    """Return the address at the configured site, whatever host a request named (D12)."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("people:choose_password", args=[uid, _generator.make_token(user)])
    return settings.SITE_URL.rstrip("/") + path


def find_user(uid: str, token: str) -> User | None:
    """Return the active user of a link that still works."""
    try:
        pk = int(urlsafe_base64_decode(uid).decode())
        user = User.objects.filter(pk=pk, is_active=True, archived_at=None).first()
    except (ValueError, OverflowError, UnicodeDecodeError):
        return None
    return user if user is not None and _generator.check_token(user, token) else None
