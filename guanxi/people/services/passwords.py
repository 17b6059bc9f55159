"""Passwords: chosen, changed, set by an administrator, reset by a link."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F

from guanxi.kernel.access import require_recent
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound
from guanxi.kernel.events import record
from guanxi.kernel.jobs import start_run
from guanxi.kernel.models import Run
from guanxi.people import access, queries, reset_links, rules
from guanxi.people.choices import SessionEnd
from guanxi.people.events import PasswordChanged, PasswordResetRequested
from guanxi.people.models import PasswordHistory, User
from guanxi.people.passwords import common_passwords, forbidden_names
from guanxi.people.refusals import violation
from guanxi.people.services.sessions import end_all
from guanxi.people.services.steps import lock_user, save_columns


def check_new_password(user: User, password: str) -> None:
    """Refuse a password that the organisation's profile does not allow for this user."""
    policy = queries.get_password_policy()
    rules.check_password(password, policy, common=common_passwords(), names=forbidden_names(user))
    if policy.remembered and user.pk:
        _check_history(user, password, policy.remembered)


def _check_history(user: User, password: str, remembered: int) -> None:
    earlier = user.password_history.order_by("-created_at", "-pk")
    hashes = [user.password, *earlier.values_list("password", flat=True)[: remembered - 1]]
    if any(check_password(password, encoded) for encoded in hashes if encoded):
        raise violation("password_used_before", "password", count=remembered)


def set_password(
    user: User, password: str, *, by: str, actor: Actor, at: datetime, is_first: bool = False
) -> None:
    """Check, hash and store a password; every other session of the user ends."""
    check_new_password(user, password)
    encoded = make_password(password)  # Before the write lock: hashing takes its time.
    with transaction.atomic():
        if user.password and user.has_usable_password():
            PasswordHistory.objects.create(user=user, password=user.password, created_at=at)
        save_columns(
            user,
            at,
            password=encoded,
            password_changed_at=at,
            must_change_password=is_first,
            reset_serial=F("reset_serial") + 1,
        )
        _forget_oldest(user)
        keep = actor.session_key if by == "owner" else ""
        end_all(user, SessionEnd.PASSWORD, at, but=keep)
        record(PasswordChanged(by), subject=user, actor=actor, at=at)


def _forget_oldest(user: User) -> None:
    """Keep no more old hashes than the strict profile asks about."""
    kept = user.password_history.order_by("-created_at", "-pk")[: rules.STRICT.remembered]
    user.password_history.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()


def change_own_password(old: str, new: str, *, actor: Actor, at: datetime) -> User:
    """Change one's own password, knowing the present one."""
    user = User.objects.filter(pk=actor.user_id or 0).first()
    if user is None:
        raise NotFound
    if len(old) > rules.LONGEST_PASSWORD or not check_password(old, user.password):
        raise violation("password_wrong", "old")
    set_password(user, new, by="owner", actor=actor, at=at)
    return user


def reset_password(user_id: int, password: str, *, actor: Actor, at: datetime) -> User:
    """Give a user a first password, which they change when they sign in."""
    require_recent(actor, at)
    with transaction.atomic():
        user = lock_user(user_id, access.RESET_PASSWORDS, actor)
    if user.pk == actor.user_id:
        raise violation("not_yourself")
    set_password(user, password, by="administrator", actor=actor, at=at, is_first=True)
    return user


def request_reset_link(identifier: str, *, actor: Actor, at: datetime) -> Run:
    """Queue the search for an account and its mail: known or not, the work here is the same."""
    params = {"identifier": identifier[:254], "ip": actor.ip}
    return start_run("people.send_reset_link", params, actor=actor, at=at)


@transaction.atomic
def issue_reset_link(user: User, *, actor: Actor, at: datetime) -> str:
    """Return a link for one new password; the links sent before stop working (E03)."""
    User.objects.filter(pk=user.pk).update(reset_serial=F("reset_serial") + 1)
    user.refresh_from_db()
    record(PasswordResetRequested(), subject=user, actor=actor, at=at)
    return reset_links.make_link(user)


def choose_password_by_link(
    uid: str, token: str, password: str, *, actor: Actor, at: datetime
) -> User:
    """Set a password with a link that was mailed; the link works once and for half an hour."""
    user = reset_links.find_user(uid, token)
    if user is None:
        raise NotFound
    check_new_password(user, password)
    with transaction.atomic():
        same = User.objects.filter(pk=user.pk, reset_serial=user.reset_serial)
        if not same.update(reset_serial=F("reset_serial") + 1):
            raise NotFound
    user.refresh_from_db()
    set_password(user, password, by="link", actor=actor, at=at)
    return user
