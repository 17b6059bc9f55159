"""Fixed vocabularies of people."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Theme(models.TextChoices):
    """How a person wants the screen to look."""

    AUTO = "auto", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Locale(models.TextChoices):
    """Languages of the interface, each in its own words."""

    CHINESE = "zh-hans", "简体中文"
    ENGLISH = "en", "English"


class PasswordProfile(models.TextChoices):
    """How strict the rules for passwords are."""

    STANDARD = "standard", _("Standard")
    STRICT = "strict", _("Strict (graded protection)")


class SessionEnd(models.TextChoices):
    """Why a session is over."""

    SIGNED_OUT = "signed_out", _("Signed out")
    IDLE = "idle", _("Idle too long")
    EXPIRED = "expired", _("Longest duration reached")
    REPLACED = "replaced", _("Too many sessions")
    ENDED = "ended", _("Ended from the list")
    FORCED = "forced", _("Ended by an administrator")
    PASSWORD = "password", _("Password changed")
    DEACTIVATED = "deactivated", _("Account deactivated")


class Scope(models.TextChoices):
    """What an API token may do with one type of record."""

    READ = "read", _("Read")
    WRITE = "write", _("Read and write")
