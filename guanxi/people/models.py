"""Departments, teams, users, roles, tokens and sessions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.people.choices import Locale, PasswordProfile, SessionEnd, Theme
from guanxi.people.usernames import normal_username


class Administered(models.Model):
    """A row that people edit side by side: counted in versions, archived and never lost."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(
        _("created at"), default=timezone.now, editable=False
    )
    updated_at = models.DateTimeField(
        _("updated at"), default=timezone.now, editable=False
    )
    archived_at = models.DateTimeField(
        _("archived at"), null=True, blank=True, editable=False
    )

    class Meta:
        abstract = True


class Department(Administered):
    """A part of the organisation; `path` holds the ids from the root down, as in "/1/4/"."""

    name = models.CharField(_("department name"), max_length=80)
    code = models.CharField(_("department code"), max_length=40, blank=True, default="")
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent department"),
    )
    path = models.CharField(max_length=255, default="", editable=False, db_index=True)
    head = models.ForeignKey(
        "people.User",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="headed_departments",
        verbose_name=_("head"),
    )
    position = models.IntegerField(_("position in the list"), default=0)

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                name="people_department_name",
                nulls_distinct=False,
                violation_error_message=_(
                    "The parent already has a department of this name."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Team(Administered):
    """People of one department who share customers."""

    name = models.CharField(_("team name"), max_length=80)
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="teams", verbose_name=_("department")
    )
    lead = models.ForeignKey(
        "people.User",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="led_teams",
        verbose_name=_("team lead"),
    )

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["department", "name"],
                name="people_team_name",
                violation_error_message=_(
                    "The department already has a team of this name."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Role(Administered):
    """A named set of grants and levels, edited as data."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80, blank=True, default="")
    description = models.CharField(
        _("description"), max_length=300, blank=True, default=""
    )
    is_system = models.BooleanField(
        _("comes with Guanxi"), default=False, editable=False
    )

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")

    def __str__(self) -> str:
        return self.name


class RoleGrant(models.Model):
    """One permission of a role and how far it reaches."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="grants")
    permission = models.CharField(_("permission"), max_length=80)
    reach = models.PositiveSmallIntegerField(_("reach"))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["role", "permission"], name="people_rolegrant_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.permission}={self.reach}"


class RoleLevel(models.Model):
    """How clearly a role sees one group of fields."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="levels")
    group = models.CharField(_("field group"), max_length=40)
    level = models.PositiveSmallIntegerField(_("level"))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["role", "group"], name="people_rolelevel_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group}={self.level}"


class UserManager(BaseUserManager["User"]):
    """Finds users by the name they sign in with, however it is typed."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user of this name, ignoring case and full-width forms."""
        return self.get(username=normal_username(username or ""))


class User(Administered, AbstractBaseUser):
    """A person who can sign in."""

    username = models.CharField(
        _("user name"),
        max_length=80,
        unique=True,
        error_messages={"unique": _("This user name is taken.")},
    )
    username_skeleton = models.CharField(max_length=160, unique=True, editable=False)
    name = models.CharField(_("full name"), max_length=80)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=40, blank=True, default="")
    employee_no = models.CharField(
        _("employee number"), max_length=40, blank=True, default=""
    )
    title = models.CharField(_("job title"), max_length=80, blank=True, default="")
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
        verbose_name=_("department"),
    )
    teams = models.ManyToManyField(
        Team, blank=True, related_name="members", verbose_name=_("teams")
    )
    roles = models.ManyToManyField(
        Role, blank=True, related_name="members", verbose_name=_("roles")
    )
    is_active = models.BooleanField(_("may sign in"), default=True)
    locale = models.CharField(
        _("language"), max_length=16, choices=Locale.choices, default=Locale.CHINESE
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    theme = models.CharField(
        _("appearance"), max_length=8, choices=Theme.choices, default=Theme.AUTO
    )
    access_stamp = models.PositiveBigIntegerField(default=1, editable=False)
    must_change_password = models.BooleanField(
        _("must change the password"), default=False
    )
    password_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    reset_serial = models.PositiveIntegerField(default=0, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
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


def _empty_scopes() -> dict[str, Any]:
    return {}


class ApiToken(models.Model):
    """A key for programs; only its hash is kept and its scopes narrow the user's grants."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=16, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scope"), default=_empty_scopes)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
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
    end_reason = models.CharField(
        max_length=16, choices=SessionEnd.choices, blank=True, default=""
    )

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes: ClassVar = [
            models.Index(
                fields=["user", "created_at"],
                condition=models.Q(ended_at__isnull=True),
                name="people_session_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d %H:%M}"


class Organisation(Administered):
    """The one company that uses this installation, and its rules for signing in."""

    name = models.CharField(_("company name"), max_length=120, default="")
    short_names = models.CharField(
        _("short names, separated by commas"), max_length=300, blank=True, default=""
    )
    password_profile = models.CharField(
        _("password rules"),
        max_length=16,
        choices=PasswordProfile.choices,
        default=PasswordProfile.STANDARD,
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisation")

    def __str__(self) -> str:
        return self.name
