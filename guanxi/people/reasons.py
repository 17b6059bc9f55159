"""Why a verb on a user is not possible now, said before anybody tries."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db.models import Model

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Message
from guanxi.people.models import User
from guanxi.people.refusals import MESSAGES


def own_account(actor: Actor, user: Model) -> Message | None:
    """Nobody does this to their own account."""
    return MESSAGES["not_yourself"] if user.pk == actor.user_id else None


def closed_or_own(actor: Actor, user: Model) -> Message | None:
    """Closing needs an open account that is not one's own."""
    assert isinstance(user, User)  # noqa: S101
    if not user.is_active:
        return MESSAGES["already_inactive"]
    return own_account(actor, user)


def open_account(_actor: Actor, user: Model) -> Message | None:
    """Only a closed account is opened again."""
    assert isinstance(user, User)  # noqa: S101
    return MESSAGES["already_active"] if user.is_active else None


def without_second_factor(actor: Actor, user: Model) -> Message | None:
    """There must be a second factor to turn off."""
    if not Authenticator.objects.filter(user_id=user.pk).exists():
        return MESSAGES["second_factor_off"]
    return own_account(actor, user)
