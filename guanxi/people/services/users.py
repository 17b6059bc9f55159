"""Accounts: created and changed through the generic services, given roles, closed, reopened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import models, transaction

from guanxi.kernel import text
from guanxi.kernel.access import require_recent
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import StaleVersion
from guanxi.kernel.events import record
from guanxi.kernel.pinyin import pinyin_sort_key
from guanxi.people import access, queries, rules
from guanxi.people.choices import Locale, SessionEnd, Theme
from guanxi.people.events import (
    PreferencesSet,
    RolesAssigned,
    UserDeactivated,
    UserReactivated,
)
from guanxi.people.models import Role, User
from guanxi.people.refusals import violation
from guanxi.people.services import passwords
from guanxi.people.services.sessions import end_all
from guanxi.people.services.steps import (
    bump_access,
    cleaned,
    lock_own_user,
    lock_user,
    save_columns,
)
from guanxi.people.services.tokens import revoke_all
from guanxi.people.usernames import normal_username
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record, create_record, parse_values

USER: Final = "people.user"
# Who changes these decides who signs in as the user or what the user reaches.
_KEYS_TO_AN_ACCOUNT: Final = frozenset({"username", "email"})
_PLACES: Final = frozenset({"department", "teams"})


# Through the generic services ---------------------------------------------------------------------
def check_values(values: dict[str, Any], _current: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the user name into its one form and check what the model cannot."""
    checked = dict(values)
    if "username" in checked:
        checked["username"] = normal_username(checked["username"] or "")
        rules.check_username(checked["username"])
    if checked.get("time_zone"):
        rules.check_time_zone(checked["time_zone"])
    return checked


def derive_columns(values: dict[str, Any]) -> dict[str, Any]:
    """Return the sort key of the name and the shape of the user name."""
    derived: dict[str, Any] = {}
    if "name" in values:
        derived["name_sort"] = pinyin_sort_key(values["name"])
    if "username" in values:
        derived["username_skeleton"] = text.skeleton(values["username"])
    return derived


def fill_new(users: Sequence[models.Model], _actor: Actor, _at: datetime) -> None:
    """Complete new accounts: a name looks like no other's, and no password opens them yet."""
    for user in users:
        assert isinstance(user, User)  # noqa: S101  tells the type checker what the registry knows
        if User.objects.filter(username_skeleton=user.username_skeleton).exists():
            raise violation("username_taken", "username")
        user.set_unusable_password()


def after_save(user: models.Model, changes: Mapping[str, Any], actor: Actor, _at: datetime) -> None:
    """Follow up a change of place with other rights; nobody moves themselves."""
    assert isinstance(user, User)  # noqa: S101
    if user.version > 1:
        _check_who_changes(user, changes, actor)
    if _PLACES & changes.keys():
        _check_places(user)
        bump_access([user.pk])


def _check_who_changes(user: User, changes: Mapping[str, Any], actor: Actor) -> None:
    """Who cannot give roles takes over nobody's account, and nobody moves themselves."""
    if actor.is_system:
        return
    if user.pk == actor.user_id and _PLACES & changes.keys():
        raise violation("not_yourself", min(_PLACES & changes.keys()))
    keys = _KEYS_TO_AN_ACCOUNT & changes.keys()
    if keys and user.pk != actor.user_id and not actor.can(access.ASSIGN_ROLES):
        raise violation("account_keys", min(keys))


def _check_places(user: User) -> None:
    if user.department is not None and user.department.archived_at is not None:
        raise violation("archived_department", "department")
    if user.teams.exclude(archived_at=None).exists():
        raise violation("archived_team", "teams")


@dataclass(frozen=True)
class FirstPassword:
    """What a new user signs in with at first."""

    password: str
    is_to_change: bool = True


def create_user(
    values: Mapping[str, Any],
    *,
    first: FirstPassword | None = None,
    roles: Iterable[str] = (),
    actor: Actor,
    at: datetime,
) -> User:
    """Create a user with roles (by code) and, when given, a first password."""
    if first is not None:
        draft = User(**{k: v for k, v in values.items() if k in {"username", "name", "email"}})
        passwords.check_new_password(draft, first.password)
    with transaction.atomic():
        kind = get_record_type(USER)
        typed = parse_values(kind, values, actor=actor)
        user = create_record(kind, typed, actor=actor, at=at)
        assert isinstance(user, User)  # noqa: S101
        codes = list(roles)
        if codes:
            found = Role.objects.filter(code__in=codes, archived_at=None)
            assign_roles(user.pk, list(found.values_list("pk", flat=True)), actor=actor, at=at)
            user.refresh_from_db()
    if first is not None:
        passwords.set_password(
            user,
            first.password,
            by="administrator",
            actor=actor,
            at=at,
            is_first=first.is_to_change,
        )
    return user


def change_user(
    user_id: int, values: Mapping[str, Any], *, version: int, actor: Actor, at: datetime
) -> User:
    """Change facts about a user read at a version."""
    kind = get_record_type(USER)
    typed = parse_values(kind, values, actor=actor)
    user = change_record(kind, user_id, typed, version=version, actor=actor, at=at)
    assert isinstance(user, User)  # noqa: S101
    return user


# Verbs --------------------------------------------------------------------------------------------
@transaction.atomic
def deactivate_user(user_id: int, *, reason: str = "", actor: Actor, at: datetime) -> User:
    """Close an account: sessions and tokens end with it, at the next request everywhere (A09)."""
    user = lock_user(user_id, access.ARCHIVE_USERS, actor)
    _check_closable(user, actor)
    if not user.is_active:
        raise violation("already_inactive")
    save_columns(user, at, is_active=False)
    bump_access([user.pk])
    happened = UserDeactivated(
        reason=cleaned(reason, "reason", 300),
        sessions=end_all(user, SessionEnd.DEACTIVATED, at),
        tokens=revoke_all(user, at),
    )
    record(happened, subject=user, actor=actor, at=at)
    return user


def _check_closable(user: User, actor: Actor) -> None:
    if user.pk == actor.user_id:
        raise violation("not_yourself")
    if queries.is_last_grantor(user):
        raise violation("last_administrator")


def before_archive(
    user: models.Model, archived_at: datetime | None, actor: Actor, at: datetime
) -> None:
    """Archiving an account closes it first."""
    assert isinstance(user, User)  # noqa: S101
    if archived_at is None:
        return
    _check_closable(user, actor)
    end_all(user, SessionEnd.DEACTIVATED, at)
    revoke_all(user, at)
    bump_access([user.pk])


@transaction.atomic
def reactivate_user(user_id: int, *, actor: Actor, at: datetime) -> User:
    """Open an account again; its old tokens stay revoked."""
    user = lock_user(user_id, access.ARCHIVE_USERS, actor)
    if user.is_active:
        raise violation("already_active")
    save_columns(user, at, is_active=True)
    bump_access([user.pk])
    record(UserReactivated(), subject=user, actor=actor, at=at)
    return user


@transaction.atomic
def assign_roles(
    user_id: int,
    roles: Iterable[int],
    *,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> User:
    """Set the roles of another user as read at a version; they count from the next request."""
    require_recent(actor, at)
    user = lock_user(user_id, access.ASSIGN_ROLES, actor)
    if version is not None and version != user.version:
        raise StaleVersion(user.version)
    if user.pk == actor.user_id:
        raise violation("not_yourself", "roles")
    wanted = set(roles)
    found = {r.pk: r for r in Role.objects.filter(pk__in=wanted)}
    if len(found) != len(wanted):
        raise violation("no_such_role", "roles")
    if any(r.archived_at is not None for r in found.values()):
        raise violation("archived_role", "roles")
    _set_roles(user, found, actor, at)
    return user


def _set_roles(user: User, wanted: Mapping[int, Role], actor: Actor, at: datetime) -> None:
    held = {r.pk: r for r in user.roles.all()}
    if held.keys() == wanted.keys():
        return
    was_last = queries.is_last_grantor(user)
    user.roles.set(wanted.values())
    if was_last and not queries.has_grantor():
        raise violation("last_administrator", "roles")
    save_columns(user, at)
    bump_access([user.pk])
    given = sorted(r.code for pk, r in wanted.items() if pk not in held)
    taken = sorted(r.code for pk, r in held.items() if pk not in wanted)
    record(RolesAssigned(given, taken), subject=user, actor=actor, at=at)


# One's own account --------------------------------------------------------------------------------
@dataclass(frozen=True)
class Preferences:
    """How a person wants to read: language, time zone, appearance."""

    locale: str
    time_zone: str
    theme: str

    def check(self) -> None:
        """Refuse what is not on offer."""
        rules.check_time_zone(self.time_zone)
        if self.locale not in Locale.values:
            raise violation("unknown_locale", "locale")
        if self.theme not in Theme.values:
            raise violation("unknown_theme", "theme")


@transaction.atomic
def set_preferences(wanted: Preferences, *, actor: Actor, at: datetime) -> User:
    """Set one's own language, time zone and appearance."""
    wanted.check()
    user = lock_own_user(actor)
    chosen = {"locale": wanted.locale, "time_zone": wanted.time_zone, "theme": wanted.theme}
    changes = {n: (getattr(user, n), v) for n, v in chosen.items() if getattr(user, n) != v}
    if changes:
        save_columns(user, at, **{n: new for n, (_old, new) in changes.items()})
        record(PreferencesSet(), subject=user, actor=actor, at=at, changes=changes)
    return user


@transaction.atomic
def change_own_contact(email: str, phone: str, *, actor: Actor, at: datetime) -> User:
    """Change one's own e-mail and phone; links mailed before stop working (E03)."""
    require_recent(actor, at)
    user = lock_own_user(actor)
    fields = get_record_type(USER).declared()
    given: dict[str, Any] = {"email": email, "phone": phone}
    values = {n: fields[n].parse(v, actor=actor) for n, v in given.items()}
    changes = {n: (getattr(user, n), v) for n, v in values.items() if getattr(user, n) != v}
    if changes:
        save_columns(user, at, **{n: new for n, (_old, new) in changes.items()})
        record(PreferencesSet(), subject=user, actor=actor, at=at, personal=changes)
    return user
