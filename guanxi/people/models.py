"""Departments, teams, users, roles, tokens and sessions."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.base import Record
from guanxi.people.choices import Locale, PasswordProfile, SessionEnd, Theme
from guanxi.people.usernames import normal_username


class Department(Record):
    """A part of the organisation; `path` holds the ids from the root down, as in "/1/4/"."""

    name = models.CharField(_("Department name"), max_length=80)
    code = models.CharField(_("Department code"), max_length=40, blank=True, default="")
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("Parent department"),
    )
    path = models.CharField(max_length=255, default="", editable=False, db_index=True)
    head = models.ForeignKey(
        "people.User",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="headed_departments",
        verbose_name=_("Head"),
    )
    position = models.IntegerField(_("Position in the list"), default=0)

    class Meta:
        verbose_name = _("Department")
        verbose_name_plural = _("Departments")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                # Partial, so that a move locks no key that the rows below refer to.
                condition=~models.Q(parent=None),
                name="people_department_name",
                violation_error_message=_("The parent already has a department of this name."),
            ),
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(parent=None),
                name="people_department_root_name",
                violation_error_message=_("The parent already has a department of this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Team(Record):
    """People of one department who share customers."""

    name = models.CharField(_("Team name"), max_length=80)
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="teams", verbose_name=_("Department")
    )
    lead = models.ForeignKey(
        "people.User",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="led_teams",
        verbose_name=_("Team lead"),
    )

    class Meta:
        verbose_name = _("Team")
        verbose_name_plural = _("Teams")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["department", "name"],
                name="people_team_name",
                violation_error_message=_("The department already has a team of this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Role(Record):
    """A named set of grants and levels, edited as data."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    name = models.CharField(_("Name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80, blank=True, default="")
    description = models.CharField(_("Description"), max_length=300, blank=True, default="")
    is_system = models.BooleanField(_("Comes with Guanxi"), default=False, editable=False)

    class Meta:
        verbose_name = _("Role")
        verbose_name_plural = _("Roles")

    def __str__(self) -> str:
        return self.name


class RoleGrant(models.Model):
    """One permission of a role and how far it reaches."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="grants")
    permission = models.CharField(_("Permission"), max_length=80)
    reach = models.PositiveSmallIntegerField(_("Reach"))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["role", "permission"], name="people_rolegrant_once"),
        ]

    def __str__(self) -> str:
        return f"{self.permission}={self.reach}"


class RoleLevel(models.Model):
    """How clearly a role sees one group of fields."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="levels")
    group = models.CharField(_("Field group"), max_length=40)
    level = models.PositiveSmallIntegerField(_("Level"))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["role", "group"], name="people_rolelevel_once"),
        ]

    def __str__(self) -> str:
        return f"{self.group}={self.level}"


def first_stamp() -> int:
    """Start anywhere, so that a stamp of one history is never met again in another."""
    return secrets.randbelow(2**52)


class UserManager(BaseUserManager["User"]):
    """Finds users by the name they sign in with, however it is typed."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user of this name, ignoring case and full-width forms."""
        return self.get(username=normal_username(username or ""))


class User(Record, AbstractBaseUser):
    """A person who can sign in."""

    username = models.CharField(
        _("User name"),
        max_length=80,
        unique=True,
        error_messages={"unique": _("This user name is taken.")},
    )
    username_skeleton = models.CharField(max_length=160, unique=True, editable=False)
    name = models.CharField(_("Full name"), max_length=80)
    name_sort = models.CharField(max_length=400, default="", editable=False)
    email = models.EmailField(_("E-mail"), max_length=254, blank=True, default="")
    phone = models.CharField(_("Phone"), max_length=40, blank=True, default="")
    employee_no = models.CharField(_("Employee number"), max_length=40, blank=True, default="")
    title = models.CharField(_("Job title"), max_length=80, blank=True, default="")
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
        verbose_name=_("Department"),
    )
    teams = models.ManyToManyField(
        Team, blank=True, related_name="members", verbose_name=_("Teams")
    )
    roles = models.ManyToManyField(
        Role, blank=True, related_name="members", verbose_name=_("Roles")
    )
    is_active = models.BooleanField(_("May sign in"), default=True)
    locale = models.CharField(
        _("Language"), max_length=16, choices=Locale.choices, default=Locale.CHINESE
    )
    time_zone = models.CharField(_("Time zone"), max_length=64, default="Asia/Shanghai")
    theme = models.CharField(
        _("Appearance"), max_length=8, choices=Theme.choices, default=Theme.AUTO
    )
    access_stamp = models.PositiveBigIntegerField(default=first_stamp, editable=False)
    must_change_password = models.BooleanField(_("Must change the password"), default=False)
    password_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    reset_serial = models.PositiveIntegerField(default=0, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    class Meta:
        verbose_name = _("User")
        verbose_name_plural = _("Users")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["employee_no"],
                condition=~models.Q(employee_no=""),
                name="people_user_employee_no",
                violation_error_message=_("Another user has this employee number."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PasswordHistory(models.Model):
    """A password that the user may not choose again yet, as a hash."""

    user = models.ForeignKey(User, models.CASCADE, related_name="password_history")
    password = models.CharField(max_length=255)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d}"


class ApiToken(models.Model):
    """A key for programs; only its hash is kept and its scopes narrow the user's grants."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("Name"), max_length=80)
    prefix = models.CharField(max_length=16, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("Scope"), default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("Expires at"), null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class UserSession(models.Model):
    """One signed-in browser of one user."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sessions")
    session_key = models.CharField(max_length=40, unique=True, editable=False)
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=16, choices=SessionEnd.choices, blank=True, default="")

    class Meta:
        verbose_name = _("Session")
        verbose_name_plural = _("Sessions")
        indexes: ClassVar = [
            models.Index(
                fields=["user", "created_at"],
                condition=models.Q(ended_at__isnull=True),
                name="people_session_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d %H:%M}"


class Organisation(Record):
    """The one company that uses this installation, and its rules for signing in."""

    name = models.CharField(_("Company name"), max_length=120, default="")
    short_names = models.CharField(
        _("Short names, separated by commas"), max_length=300, blank=True, default=""
    )
    password_profile = models.CharField(
        _("Password rules"),
        max_length=16,
        choices=PasswordProfile.choices,
        default=PasswordProfile.STANDARD,
    )

    class Meta:
        verbose_name = _("Organisation")
        verbose_name_plural = _("Organisation")

    def __str__(self) -> str:
        return self.name
