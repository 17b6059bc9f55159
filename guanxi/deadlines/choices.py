"""The words that deadlines choose from."""

from typing import Final

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


class Phase(models.TextChoices):
    """Whether a clock runs."""

    RUNNING = "running", _("Counting")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped")
    CANCELLED = "cancelled", _("Cancelled")


#: The phases of a clock that has not ended.
LIVE: Final = (Phase.RUNNING.value, Phase.PAUSED.value)


class Outcome(models.TextChoices):
    """How a clock ended, or that it is already too late."""

    MET = "met", _("In time")
    BREACHED = "breached", _("Overdue")


class Unit(models.TextChoices):
    """In what a policy counts; it decides the measure, too."""

    MINUTES = "minutes", _("Minutes")
    HOURS = "hours", _("Hours")
    DAYS = "days", _("Days of 24 hours")
    WORKING_MINUTES = "working_minutes", _("Working minutes")
    WORKING_HOURS = "working_hours", _("Working hours")
    WORKING_DAYS = "working_days", _("Working days")
    MONTHS = "months", _("Months")
    NEXT_MONTH = "next_month", _("Working day of the next month")
    DAYS_AHEAD = "days_ahead", _("Working days ahead")


class PauseReason(models.TextChoices):
    """Why a deadline may be held."""

    CUSTOMER = "customer", _("Waiting for the customer")
    HEAD = "head", _("Approved by the head")
    LATER = "later", _("The customer asked for later")
