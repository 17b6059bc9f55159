"""The company, its departments as a tree, its teams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import models, transaction
from django.db.models import Value
from django.db.models.functions import Concat, Substr

from guanxi.kernel.access import require, require_recent
from guanxi.kernel.actor import Actor
from guanxi.kernel.events import record
from guanxi.kernel.numbering import take_numbers
from guanxi.people import access, queries, rules
from guanxi.people.events import DepartmentMoved, OrganisationChanged
from guanxi.people.models import Department, Organisation, Team, User
from guanxi.people.refusals import violation
from guanxi.people.services.steps import bump_access, cleaned
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record, create_record

DEPARTMENT: Final = "people.department"
TEAM: Final = "people.team"


# Departments --------------------------------------------------------------------------------------
def department_saved(
    department: models.Model, changes: Mapping[str, Any], actor: Actor, at: datetime
) -> None:
    """Hang a new or moved department into the tree and refresh the rights of those above."""
    assert isinstance(department, Department)  # noqa: S101
    if not department.path or "parent" in changes:
        _plant(department, actor, at)


def _plant(department: Department, actor: Actor, at: datetime) -> None:
    take_numbers(DEPARTMENT)  # Its row lock lets one move of the tree happen after the other.
    department.refresh_from_db(fields=["path"])
    parent = Department.objects.filter(pk=department.parent_id or 0).first()
    if parent is not None and parent.archived_at is not None:
        raise violation("archived_department", "parent")
    above = parent.path if parent else "/"
    old = department.path
    rules.check_move(old, above)
    department.path = f"{above}{department.pk}/"
    Department.objects.filter(pk=department.pk).update(path=department.path)
    if old:
        _replant_below(old, department.path)
        record(DepartmentMoved(old, department.path), subject=department, actor=actor, at=at)
    affected = set(rules.path_ids(old)) | set(rules.path_ids(department.path))
    bump_access(_ids(User.objects.filter(department__in=affected)))


def _replant_below(old: str, new: str) -> None:
    """Move a whole subtree in one statement."""
    rest = Substr("path", len(old) + 1)
    Department.objects.filter(path__startswith=old).update(path=Concat(Value(new), rest))


def before_department_archive(
    department: models.Model, archived_at: datetime | None, _actor: Actor, _at: datetime
) -> None:
    """Only an empty department is archived, so that nobody's place disappears."""
    assert isinstance(department, Department)  # noqa: S101
    if archived_at is None:
        return
    inside: tuple[models.QuerySet[Any], ...] = (
        User.objects.filter(department=department, archived_at=None),
        Team.objects.filter(department=department, archived_at=None),
        Department.objects.filter(parent=department, archived_at=None),
    )
    if any(rows.exists() for rows in inside):
        raise violation("department_in_use")


def create_department(
    name: str, *, parent: Department | None = None, actor: Actor, at: datetime, **values: Any
) -> Department:
    """Add a department below a parent, or at the root."""
    filled = {"name": name, "parent": parent.pk if parent else None, **values}
    made = create_record(get_record_type(DEPARTMENT), filled, actor=actor, at=at)
    assert isinstance(made, Department)  # noqa: S101
    return made


def move_department(
    department_id: int, parent: Department | None, *, version: int, actor: Actor, at: datetime
) -> Department:
    """Move a department and everything below it to another parent."""
    moved = change_record(
        get_record_type(DEPARTMENT),
        department_id,
        {"parent": parent.pk if parent else None},
        version=version,
        actor=actor,
        at=at,
    )
    assert isinstance(moved, Department)  # noqa: S101
    return moved


# Teams --------------------------------------------------------------------------------------------
def team_saved(team: models.Model, changes: Mapping[str, Any], actor: Actor, _at: datetime) -> None:
    """Refresh the rights of those who joined or left; nobody puts themselves into a team."""
    assert isinstance(team, Team)  # noqa: S101
    if "department" in changes and team.department.archived_at is not None:
        raise violation("archived_department", "department")
    if "members" not in changes:
        return
    old, new = changes["members"]
    moved = set(old or ()) ^ set(new or ())
    if actor.user_id in moved and not actor.is_system:
        raise violation("not_yourself", "members")
    bump_access(moved)


def before_team_archive(
    team: models.Model, archived_at: datetime | None, _actor: Actor, _at: datetime
) -> None:
    """Only a team without people is archived."""
    assert isinstance(team, Team)  # noqa: S101
    if archived_at is not None and team.members.filter(archived_at=None).exists():
        raise violation("team_in_use")


def create_team(
    name: str,
    department: Department,
    *,
    members: Iterable[User] = (),
    actor: Actor,
    at: datetime,
) -> Team:
    """Form a team of a department."""
    values = {
        "name": name,
        "department": department.pk,
        "members": sorted(member.pk for member in members),
    }
    made = create_record(get_record_type(TEAM), values, actor=actor, at=at)
    assert isinstance(made, Team)  # noqa: S101
    return made


# The company --------------------------------------------------------------------------------------
@transaction.atomic
def change_organisation(values: Mapping[str, Any], *, actor: Actor, at: datetime) -> Organisation:
    """Set the company's names and its password rules."""
    require_recent(actor, at)
    require(actor, access.CHANGE_ORGANISATION)
    organisation = queries.get_organisation()
    is_new = not Organisation.objects.exists()
    if is_new:
        organisation.created_at = at
    lengths = {"name": 120, "short_names": 300, "password_profile": 16}
    given = {n: cleaned(values[n], n, length) for n, length in lengths.items() if n in values}
    changes = {
        n: (getattr(organisation, n), new)
        for n, new in given.items()
        if getattr(organisation, n) != new
    }
    for name, (_old, new) in changes.items():
        setattr(organisation, name, new)
    organisation.updated_at = at
    organisation.version += 0 if is_new else 1
    organisation.full_clean()
    organisation.save()
    if changes:
        record(OrganisationChanged(), subject=organisation, actor=actor, at=at, changes=changes)
    return organisation


def _ids(users: models.QuerySet[User]) -> list[int]:
    return list(users.values_list("pk", flat=True))
