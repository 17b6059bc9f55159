"""The words that deadlines choose from."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Country(models.TextChoices):
    """Whose statutory table a calendar follows."""

    NONE = "", _("None")
    CN = "CN", _("China")


class YearStatus(models.TextChoices):
    """Whether a year's dates are those of a published notice."""

    OFFICIAL = "official", _("Official")
    PROVISIONAL = "provisional", _("Provisional")


class NoticeState(models.TextChoices):
    """Whether a notice decides anything yet."""

    DRAFT = "draft", _("Draft")
    IN_FORCE = "in_force", _("In force")
    REPLACED = "replaced", _("Replaced")
