"""What people read when a rule of people is broken: one sentence per code."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message, RuleViolation

MESSAGES: Final[dict[str, Message]] = {
    # passwords
    "password_too_long": _("A password has at most %(length)s characters."),
    "password_too_short": _("A password has at least %(length)s characters."),
    "password_common": _("This password is on the lists that attackers try first."),
    "password_contains_name": _(
        "The password contains the company name, the user name or a person's name."
    ),
    "password_too_simple": _("The password repeats or counts up one character after the other."),
    "password_too_few_classes": _(
        "Use at least three of: capital letters, small letters, digits, other characters."
    ),
    "password_used_before": _("The password was used before; the last %(count)s are refused."),
    "password_wrong": _("The present password is not right."),
    "passwords_differ": _("The two passwords differ."),
    # users
    "username_required": _("A user name is needed."),
    "username_characters": _(
        "A user name has 2 to 80 letters, digits or the characters . _ - @ and no blanks."
    ),
    "username_taken": _("This user name is taken, or looks like one that is."),
    "employee_no_taken": _("Another user has this employee number."),
    "name_required": _("A name is needed."),
    "unknown_time_zone": _("This time zone is not known."),
    "unknown_locale": _("This language is not offered."),
    "unknown_theme": _("This appearance is not offered."),
    "not_yourself": _("Ask another administrator to do this to your own account."),
    "last_administrator": _("At least one active user must keep the right to give roles."),
    "already_inactive": _("The user is deactivated already."),
    "already_active": _("The user is active already."),
    "account_keys": _(
        "Only whoever may give roles changes another person's user name or e-mail address."
    ),
    "no_such_role": _("There is no such role."),
    "user_inactive": _("The user is deactivated."),
    "archived_department": _("The department is archived."),
    "archived_team": _("The team is archived."),
    "archived_role": _("The role is archived."),
    # departments and teams
    "department_cycle": _("A department cannot be moved below itself."),
    "department_too_deep": _("Departments can be nested at most %(depth)s levels deep."),
    "department_in_use": _("Move the people, teams and departments below it first."),
    "department_name_taken": _("The parent already has a department of this name."),
    "team_in_use": _("Move the people of the team first."),
    "team_name_taken": _("The department already has a team of this name."),
    # roles
    "role_code_characters": _("A code has small letters, digits and _ and starts with a letter."),
    "role_code_taken": _("Another role has this code."),
    "role_is_system": _("A role that comes with Guanxi cannot be archived."),
    "not_your_own_role": _("Ask another administrator to change a role that you have yourself."),
    "role_in_use": _("Take the role from its users first."),
    "not_pairs": _("Names with their values are expected."),
    "unknown_permission": _("There is no permission “%(permission)s”."),
    "unknown_reach": _("There is no reach “%(reach)s”."),
    "unknown_group": _("There is no field group “%(group)s”."),
    "unknown_level": _("There is no level “%(level)s”."),
    # tokens
    "token_needs_scope": _("Choose at least one scope."),
    "unknown_scope": _("There is no scope “%(scope)s”."),
    "token_lifetime": _("A token lasts between 1 and %(days)s days."),
    "token_revoked": _("The token is revoked already."),
    # second factor
    "code_wrong": _("The code is not right, or it was used already."),
    "second_factor_on": _("The second factor is on already."),
    "second_factor_off": _("The second factor is off already."),
}


def violation(code: str, field: str | None = None, **params: object) -> RuleViolation:
    """Return the violation of this code with its sentence."""
    return RuleViolation(code, MESSAGES[code], field, **params)
