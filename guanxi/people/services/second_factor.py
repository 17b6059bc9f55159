"""The second factor: turned on and off, its codes used once and guessed only a few times (E07)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.db import transaction

from guanxi.kernel.access import require_recent
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import TooMany
from guanxi.kernel.events import record
from guanxi.people import access, rules
from guanxi.people.events import (
    RecoveryCodesRenewed,
    SecondFactorDisabled,
    SecondFactorEnabled,
)
from guanxi.people.models import User
from guanxi.people.refusals import violation
from guanxi.people.services.steps import lock_own_user, lock_user

PERIOD_SECONDS: Final = 30
GUESSES: Final = 5
GUESS_WINDOW: Final = timedelta(minutes=15)


def use_code(user: User, code: str, *, at: datetime) -> Authenticator:
    """Use up a code of the app or a recovery code; five wrong ones close the door for a while."""
    with transaction.atomic():
        found = _use(user, code.strip().replace(" ", ""), at)
    if found is None:  # Raised here, so that the wrong guess stays counted.
        raise violation("code_wrong", "code")
    return found


def _use(user: User, code: str, at: datetime) -> Authenticator | None:
    held = {a.type: a for a in Authenticator.objects.select_for_update().filter(user_id=user.pk)}
    app = held.get(Authenticator.Type.TOTP)
    if app is None:
        return None
    guesses = rules.recent_guesses(app.data.get("guesses", []), at, GUESS_WINDOW)
    if len(guesses) >= GUESSES:
        raise TooMany(rules.seconds_until_free(guesses, at, GUESS_WINDOW))
    counter = matching_counter(decrypt(app.data["secret"]), code, at)
    if counter is not None and counter > app.data.get("counter", -1):
        _write(app, counter=counter, guesses=[])
        return app
    recovery = held.get(Authenticator.Type.RECOVERY_CODES)
    if recovery is not None and len(code) <= 20 and RecoveryCodes(recovery).validate_code(code):
        _write(app, guesses=[])
        return recovery
    _write(app, guesses=[*guesses, int(at.timestamp())])
    return None


def _write(app: Authenticator, **values: Any) -> None:
    app.data = {**app.data, **values}
    app.save(update_fields=["data"])


def matching_counter(secret: str, code: str, at: datetime) -> int | None:
    """Return the time step whose code this is: the present one or a neighbour."""
    present = int(at.timestamp()) // PERIOD_SECONDS
    for counter in (present, present - 1, present + 1):
        if rules.same_code(code, format_hotp_value(hotp_value(secret, counter))):
            return counter
    return None


@transaction.atomic
def enable_second_factor(secret: str, code: str, *, actor: Actor, at: datetime) -> Sequence[str]:
    """Turn the second factor on with a first right code; returns the recovery codes."""
    require_recent(actor, at)
    user = lock_own_user(actor)
    if Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        raise violation("second_factor_on")
    counter = matching_counter(secret, code.strip().replace(" ", ""), at)
    if counter is None:
        raise violation("code_wrong", "code")
    app = TOTP.activate(user, secret).instance
    _write(app, counter=counter)
    codes: Sequence[str] = RecoveryCodes.activate(user).get_unused_codes()
    record(SecondFactorEnabled(), subject=user, actor=actor, at=at)
    return codes


@transaction.atomic
def disable_second_factor(*, actor: Actor, at: datetime) -> None:
    """Turn one's own second factor off."""
    require_recent(actor, at)
    user = lock_own_user(actor)
    _disable(user, actor, at)


@transaction.atomic
def reset_second_factor(user_id: int, *, actor: Actor, at: datetime) -> User:
    """Turn off the second factor of somebody who lost the device and the recovery codes."""
    require_recent(actor, at)
    user = lock_user(user_id, access.RESET_PASSWORDS, actor)
    if user.pk == actor.user_id:
        raise violation("not_yourself")
    _disable(user, actor, at)
    return user


def _disable(user: User, actor: Actor, at: datetime) -> None:
    deleted, _by_type = Authenticator.objects.filter(user=user).delete()
    if not deleted:
        raise violation("second_factor_off")
    record(SecondFactorDisabled(), subject=user, actor=actor, at=at)


@transaction.atomic
def renew_recovery_codes(*, actor: Actor, at: datetime) -> Sequence[str]:
    """Make new recovery codes; the old ones are void."""
    require_recent(actor, at)
    user = lock_own_user(actor)
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        raise violation("second_factor_off")
    Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
    codes: Sequence[str] = RecoveryCodes.activate(user).get_unused_codes()
    record(RecoveryCodesRenewed(), subject=user, actor=actor, at=at)
    return codes
