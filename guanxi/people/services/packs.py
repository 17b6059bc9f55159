"""Writes the roles that a pack brings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from guanxi.kernel.actor import Actor
from guanxi.people.models import Role
from guanxi.people.services.roles import (
    ROLE,
    change_role_grants,
    create_role,
    read_standard_roles,
)
from guanxi.people.services.steps import save_columns
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record

WORDS = ("name", "name_en", "description")


def write_roles(wanted: Mapping[str, dict[str, Any]], actor: Actor, at: datetime) -> None:
    """Create roles and change them so that they hold these names, rights and levels."""
    here = {role.code: role for role in Role.objects.filter(code__in=wanted)}
    for code, values in wanted.items():
        words = {name: values.get(name, "") for name in WORDS}
        rights = {part: values.get(part) or {} for part in ("grants", "levels")}
        role = here.get(code)
        if role is None:
            role = create_role({"code": code, **words}, **rights, actor=actor, at=at)
            if code in read_standard_roles():
                save_columns(role, at, is_system=True)
            continue
        if any(getattr(role, name) != text for name, text in words.items()):
            kind, version = get_record_type(ROLE), role.version
            change_record(kind, role.pk, words, version=version, actor=actor, at=at)
            role.refresh_from_db()
        change_role_grants(role.pk, **rights, version=role.version, actor=actor, at=at)
