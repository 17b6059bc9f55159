"""Steps that the services of people share."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, Model

from guanxi.kernel import text
from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound, StaleVersion
from guanxi.people import access
from guanxi.people.models import User


def bump_access(user_ids: Iterable[int]) -> int:
    """Give users another access stamp, so that every process reads their rights anew."""
    ids = list(user_ids)
    if not ids:
        return 0
    step = 1 + secrets.randbelow(2**20)
    return User.objects.filter(pk__in=ids).update(access_stamp=F("access_stamp") + step)


def cleaned(written: str, field: str, max_length: int) -> str:
    """Return a text as it is stored, refusing what cannot be at its field."""
    try:
        return text.clean_text(written, max_length=max_length)
    except text.TextError as error:
        raise error.as_violation(field) from error


def lock_user(user_id: int, permission: str, actor: Actor) -> User:
    """Lock and fetch a user for a verb."""
    rows = User.objects.select_for_update(of=("self",))
    return get_allowed(actor, permission, rows, seen_by=access.VIEW_USERS, pk=user_id)


def lock_own_user(actor: Actor) -> User:
    """Lock and fetch the actor's own user."""
    user = User.objects.select_for_update(of=("self",)).filter(pk=actor.user_id or 0).first()
    if user is None:
        raise NotFound
    return user


def save_columns(instance: Any, at: datetime, **columns: Any) -> None:
    """Write columns of a record under its version; a lost race is a StaleVersion."""
    rows = type(instance)._base_manager.filter(pk=instance.pk, version=instance.version)
    if not rows.update(**columns, updated_at=at, version=F("version") + 1):
        current: Model = type(instance)._base_manager.get(pk=instance.pk)
        raise StaleVersion(current.version)  # type: ignore[attr-defined]
    for name, value in columns.items():
        setattr(instance, name, value)
    instance.version += 1
    instance.updated_at = at
