"""What the record pages of people show beside the facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Model

from guanxi.kernel import access as kernel_access
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor
from guanxi.people import access, queries
from guanxi.people.models import Department, Role, User


def department_tree(actor: Actor, department: Model, at: datetime) -> Mapping[str, Any]:
    """Departments, teams and people below a department."""
    del at
    assert isinstance(department, Department)  # noqa: S101
    below = Department.objects.filter(path__startswith=department.path, archived_at=None)
    people = User.objects.filter(department=department, archived_at=None).order_by("name_sort")
    shown = visible(actor, access.VIEW_DEPARTMENTS, below.exclude(pk=department.pk))
    return {
        "departments": [_branch(department, each) for each in shown.order_by("path")[:200]],
        "people": list(visible(actor, access.VIEW_USERS, people)[:100]),
    }


def _branch(top: Department, below: Department) -> Mapping[str, Any]:
    """One line of the tree, led in by its depth."""
    depth = below.path.count("/") - top.path.count("/")
    return {"department": below, "is_direct": depth == 1, "lead": "└ " if depth > 1 else ""}


def role_rights(actor: Actor, role: Model, at: datetime) -> Mapping[str, Any]:
    """The permissions of a role by record type, and its levels."""
    del at
    assert isinstance(role, Role)  # noqa: S101
    grants, levels = queries.list_role_matrix(role)
    declared, groups = kernel_access.permissions(), kernel_access.groups()
    areas: dict[str, list[dict[str, Any]]] = {}
    held = {code: declared[code] for code in grants if code in declared}
    for code, permission in sorted(held.items(), key=queries.by_area):
        right = {"label": permission.label, "code": code, "reach": grants[code].label}
        areas.setdefault(queries.area_of(code), []).append(right)
    return {
        "areas": [
            {"label": queries.area_label(a), "rights": rights} for a, rights in areas.items()
        ],
        "levels": [
            {"label": groups[g].label, "level": v.label} for g, v in levels.items() if g in groups
        ],
        "members": role.members.filter(archived_at=None).order_by("name_sort")[:50],
        "can_change": actor.can(access.CHANGE_ROLES),
        "role": role,
    }


def user_access(actor: Actor, user: Model, at: datetime) -> Mapping[str, Any]:
    """The roles, sessions and tokens of a user, for administrators."""
    assert isinstance(user, User)  # noqa: S101
    can_end = actor.can(access.END_SESSIONS)
    return {
        "roles": user.roles.all(),
        "has_second_factor": Authenticator.objects.filter(user=user).exists(),
        "sessions": queries.list_open_sessions(user.pk, at)[:20] if can_end else [],
        "tokens": queries.list_tokens(user.pk, at)[:20] if can_end else [],
        "can_end": can_end,
    }
