"""API tokens: issued once in clear, kept as a hash, narrowed by scopes, revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from guanxi.kernel import access as kernel_access
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Denied, NotFound
from guanxi.kernel.events import record
from guanxi.kernel.outages import left_out_in_an_outage
from guanxi.people import access, rules
from guanxi.people.events import TokenIssued, TokenRevoked
from guanxi.people.models import ApiToken, User
from guanxi.people.refusals import violation
from guanxi.people.services.steps import cleaned

TOKEN_MARK: Final = "gx_"  # noqa: S105  a prefix that scanners for leaked secrets look for
_TOUCH_EVERY: Final = timedelta(seconds=60)


@dataclass(frozen=True)
class NewToken:
    """What a token is to be: its name, what it may do, how long it lasts."""

    name: str
    scopes: Mapping[str, str]
    days: int = 90


def hash_token(key: str) -> str:
    """Return the stored form of a token; its 256 random bits need no salt."""
    return hashlib.sha256(key.encode()).hexdigest()


def scope_areas() -> set[str]:
    """Return the record types that a scope can name: those that permissions speak of."""
    return {rules.area_and_verb(code)[0] for code in kernel_access.permissions()}


@transaction.atomic
def issue_token(
    user_id: int, wanted: NewToken, *, actor: Actor, at: datetime
) -> tuple[ApiToken, str]:
    """Issue a token for oneself (or, as the system, for anybody); the key is returned once."""
    if not actor.is_system and actor.user_id != user_id:
        raise Denied("people.users.issue_token")
    if actor.token_id is not None:
        raise Denied("people.users.issue_token")  # A token must not outlive itself by a child.
    user = User.objects.get(pk=user_id)
    if not user.is_active:
        raise violation("user_inactive")
    rules.check_token_days(wanted.days)
    scopes = rules.check_scopes(wanted.scopes, scope_areas())
    key = TOKEN_MARK + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=cleaned(wanted.name, "name", 80) or "API",
        prefix=key[: len(TOKEN_MARK) + 6],
        token_hash=hash_token(key),
        scopes=scopes,
        created_at=at,
        expires_at=at + timedelta(days=wanted.days),
    )
    record(TokenIssued(token.pk, token.name, scopes), subject=user, actor=actor, at=at)
    return token, key


@transaction.atomic
def revoke_token(token_id: int, *, actor: Actor, at: datetime) -> ApiToken:
    """Revoke one's own token, or anybody's with the right to end sessions."""
    tokens = ApiToken.objects.select_related("user")
    if not actor.is_system and not actor.can(access.END_SESSIONS):
        tokens = tokens.filter(user_id=actor.user_id or 0)
    token = tokens.filter(pk=token_id).first()
    if token is None:
        raise NotFound
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
        raise violation("token_revoked")
    token.revoked_at = at
    record(TokenRevoked(token.pk, token.name), subject=token.user, actor=actor, at=at)
    return token


def revoke_all(user: User, at: datetime) -> int:
    """Revoke every token of a user inside another service's transaction."""
    return ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=at)


def touch_token(token: ApiToken, *, at: datetime) -> None:
    """Note that a token is in use, at most once a minute."""
    if token.last_used_at is None or at - token.last_used_at >= _TOUCH_EVERY:
        with left_out_in_an_outage():
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
