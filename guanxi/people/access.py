"""Rights over people and what each reach means for them (SEC-1)."""

from __future__ import annotations

from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import NONE, Scope, declare_permission, declare_scope
from guanxi.kernel.actor import Actor
from guanxi.people.models import Department, Team, User

VIEW_USERS: Final = declare_permission("people.users.view", _("See colleagues"))
CREATE_USERS: Final = declare_permission("people.users.create", _("Create users"))
CHANGE_USERS: Final = declare_permission("people.users.change", _("Change users"))
ARCHIVE_USERS: Final = declare_permission(
    "people.users.archive", _("Deactivate and reactivate users")
)
IMPORT_USERS: Final = declare_permission("people.users.import", _("Import users"))
EXPORT_USERS: Final = declare_permission("people.users.export", _("Export users"))
ASSIGN_ROLES: Final = declare_permission("people.users.assign_roles", _("Give roles to users"))
RESET_PASSWORDS: Final = declare_permission(
    "people.users.reset_password", _("Set a new first password")
)
END_SESSIONS: Final = declare_permission(
    "people.users.end_sessions", _("End other people's sessions and tokens")
)

VIEW_DEPARTMENTS: Final = declare_permission("people.departments.view", _("See departments"))
CREATE_DEPARTMENTS: Final = declare_permission("people.departments.create", _("Create departments"))
CHANGE_DEPARTMENTS: Final = declare_permission(
    "people.departments.change", _("Change and move departments")
)
ARCHIVE_DEPARTMENTS: Final = declare_permission(
    "people.departments.archive", _("Archive departments")
)

VIEW_TEAMS: Final = declare_permission("people.teams.view", _("See teams"))
CREATE_TEAMS: Final = declare_permission("people.teams.create", _("Create teams"))
CHANGE_TEAMS: Final = declare_permission("people.teams.change", _("Change teams and members"))
ARCHIVE_TEAMS: Final = declare_permission("people.teams.archive", _("Archive teams"))

VIEW_ROLES: Final = declare_permission("people.roles.view", _("See roles and their rights"))
CREATE_ROLES: Final = declare_permission("people.roles.create", _("Create roles"))
CHANGE_ROLES: Final = declare_permission("people.roles.change", _("Change the rights of roles"))
ARCHIVE_ROLES: Final = declare_permission("people.roles.archive", _("Archive roles"))

CHANGE_ORGANISATION: Final = declare_permission(
    "people.organisation.change", _("Change the company name and sign-in rules")
)

# Never through a token: they ask for the password again, which a program cannot give (E08).
SESSION_ONLY: Final = frozenset(
    {
        ASSIGN_ROLES,
        RESET_PASSWORDS,
        CREATE_ROLES,
        CHANGE_ROLES,
        ARCHIVE_ROLES,
        CHANGE_ORGANISATION,
    }
)


def _some(actor: Actor, condition: Q) -> Scope:
    return NONE if actor.user_id is None else condition


def _self_or_teams(actor: Actor) -> Scope:
    """Oneself and the people of one's teams."""
    return _some(actor, Q(pk=actor.user_id) | Q(teams__in=list(actor.team_ids)))


def _self_or_branch(actor: Actor) -> Scope:
    """Oneself, one's teams and everyone in one's department and below."""
    mine = Q(pk=actor.user_id) | Q(teams__in=list(actor.team_ids))
    return _some(actor, mine | Q(department__in=list(actor.branch_ids)))


declare_scope(
    User,
    own=lambda actor: _some(actor, Q(pk=actor.user_id)),
    team=_self_or_teams,
    branch=_self_or_branch,
    is_to_many=True,
)
declare_scope(
    Department,
    own=lambda actor: Q(pk=actor.department_id) if actor.department_id else NONE,
    team=lambda actor: Q(pk=actor.department_id) if actor.department_id else NONE,
    branch=lambda actor: Q(pk__in=list(actor.branch_ids)) if actor.branch_ids else NONE,
)
declare_scope(
    Team,
    own=lambda actor: Q(pk__in=list(actor.team_ids)) if actor.team_ids else NONE,
    team=lambda actor: Q(pk__in=list(actor.team_ids)) if actor.team_ids else NONE,
    branch=lambda actor: Q(pk__in=list(actor.team_ids)) | Q(department__in=list(actor.branch_ids)),
)
