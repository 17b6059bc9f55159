"""Roles as data: created, changed, loaded from the standard pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

import yaml
from django.conf import settings
from django.db import models, transaction

from guanxi.kernel import access as kernel_access
from guanxi.kernel.actor import Actor, Level, Reach, system_actor
from guanxi.kernel.errors import NotFound
from guanxi.kernel.events import Happening, record, record_many
from guanxi.people import access, queries, rules
from guanxi.people.events import RoleGrantsChanged
from guanxi.people.models import Role, RoleGrant, RoleLevel
from guanxi.people.refusals import violation
from guanxi.people.services.steps import bump_access, save_columns
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record

ROLE: Final = "people.role"


def check_values(values: dict[str, Any], _current: Mapping[str, Any]) -> dict[str, Any]:
    """Check the shape of a role's code."""
    if "code" in values:
        rules.check_role_code(values["code"] or "")
    return values


def before_archive(
    role: models.Model, archived_at: datetime | None, _actor: Actor, _at: datetime
) -> None:
    """A role is archived when nobody has it and when it did not come with the product."""
    assert isinstance(role, Role)  # noqa: S101
    if archived_at is None:
        return
    if role.is_system:
        raise violation("role_is_system")
    if role.members.exists():
        raise violation("role_in_use")


@transaction.atomic
def create_role(
    values: Mapping[str, Any],
    *,
    grants: Mapping[str, Any] | None = None,
    levels: Mapping[str, Any] | None = None,
    actor: Actor,
    at: datetime,
) -> Role:
    """Create a role, with grants and levels when they are given."""
    role = create_record(get_record_type(ROLE), values, actor=actor, at=at)
    assert isinstance(role, Role)  # noqa: S101
    if grants or levels:
        wanted = RoleRights.checked(grants or {}, levels or {})
        _replace_rights(role, wanted, actor, at)
    return role


class RoleRights:
    """Checked grants and levels of one role."""

    def __init__(self, grants: dict[str, Reach], levels: dict[str, Level]) -> None:
        self.grants = grants
        self.levels = {g: v for g, v in levels.items() if v is not Level.HIDDEN}

    @classmethod
    def checked(cls, grants: Mapping[str, Any], levels: Mapping[str, Any]) -> RoleRights:
        """Refuse permissions, reaches, groups and levels that do not exist."""
        return cls(
            rules.check_grants(grants, queries.grantable_permissions()),
            rules.check_levels(levels, kernel_access.groups()),
        )


def change_role_grants(
    role_id: int,
    *,
    grants: Mapping[str, Any],
    levels: Mapping[str, Any],
    version: int,
    actor: Actor,
    at: datetime,
) -> Role:
    """Replace the grants and levels of a role; its users feel it at their next request."""
    kernel_access.require_recent(actor, at)
    kernel_access.require(actor, access.CHANGE_ROLES)
    wanted = RoleRights.checked(grants, levels)
    with transaction.atomic():
        role = Role.objects.select_for_update(of=("self",)).filter(pk=role_id).first()
        if role is None:
            raise NotFound
        role.version = version
        if actor.user_id is not None and role.members.filter(pk=actor.user_id).exists():
            raise violation("not_your_own_role")
        _replace_rights(role, wanted, actor, at)
        if not queries.has_grantor() and not actor.is_system:
            raise violation("last_administrator")
    return role


def _replace_rights(role: Role, wanted: RoleRights, actor: Actor, at: datetime) -> None:
    held_grants, held_levels = queries.list_role_matrix(role)
    grants = _differences(held_grants, wanted.grants)
    levels = _differences(held_levels, wanted.levels)
    if not grants and not levels:
        return
    save_columns(role, at)
    role.grants.all().delete()
    role.levels.all().delete()
    _add_rights([(role, wanted)])
    users = bump_access(role.members.values_list("pk", flat=True))
    record(RoleGrantsChanged(users, grants, levels), subject=role, actor=actor, at=at)


def _differences(
    old: Mapping[str, IntEnum], new: Mapping[str, IntEnum]
) -> dict[str, list[str | None]]:
    """What changed, from what to what, in words; nothing where there was none."""

    def word(value: IntEnum | None) -> str | None:
        return value.name.lower() if value is not None else None

    return {
        name: [word(old.get(name)), word(new.get(name))]
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    }


@lru_cache(maxsize=1)
def read_standard_roles() -> Mapping[str, Any]:
    """Return the roles of the standard pack as written; read once."""
    source = resources.files("guanxi").joinpath("packs", "standard", "roles.yaml")
    roles: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))["roles"]
    return MappingProxyType(roles)


def standard_rights(written: Mapping[str, Any], *, is_strict: bool) -> RoleRights:
    """Return the rights of one written role, less what the strict profile separates."""
    grants = {
        f"{area}.{verb}": Reach[reach.upper()]
        for area, verbs in (written.get("grants") or {}).items()
        for verb, reach in verbs.items()
    }
    withheld = written.get("withheld_when_strict") or [] if is_strict else []
    levels = {g: Level[v.upper()] for g, v in (written.get("levels") or {}).items()}
    return RoleRights.checked({p: r for p, r in grants.items() if p not in withheld}, levels)


@transaction.atomic
def load_standard_roles(*, is_strict: bool, actor: Actor, at: datetime) -> list[Role]:
    """Create the roles of the standard pack that are missing; those that exist stay as edited."""
    present = set(Role.objects.values_list("code", flat=True))
    missing = {c: each for c, each in read_standard_roles().items() if c not in present}
    made = Role.objects.bulk_create(
        Role(
            code=code,
            name=written["name"],
            name_en=written["name_en"],
            description=written.get("description", ""),
            is_system=True,
            created_at=at,
            updated_at=at,
        )
        for code, written in missing.items()
    )
    rights = [standard_rights(each, is_strict=is_strict) for each in missing.values()]
    pairs = list(zip(made, rights, strict=True))
    _add_rights(pairs)
    record_many(
        (Happening(_first_rights(wanted), role) for role, wanted in pairs), actor=actor, at=at
    )
    return made


def _first_rights(wanted: RoleRights) -> RoleGrantsChanged:
    grants, levels = _differences({}, wanted.grants), _differences({}, wanted.levels)
    return RoleGrantsChanged(0, grants, levels)


def _add_rights(pairs: Sequence[tuple[Role, RoleRights]]) -> None:
    RoleGrant.objects.bulk_create(
        RoleGrant(role=role, permission=p, reach=r)
        for role, wanted in pairs
        for p, r in wanted.grants.items()
    )
    RoleLevel.objects.bulk_create(
        RoleLevel(role=role, group=g, level=v)
        for role, wanted in pairs
        for g, v in wanted.levels.items()
    )


def load_standard_roles_if_none(*, at: datetime) -> None:
    """Load the standard roles where there is no role at all: a new installation."""
    if not Role.objects.exists():
        actor = system_actor("standard pack")
        load_standard_roles(is_strict=settings.STRICT_PROFILE, actor=actor, at=at)
