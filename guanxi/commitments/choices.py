"""The words that commitments choose from."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """Whether somebody outside waits for it."""

    TASK = "todo", _("To-do")
    PROMISE = "promise", _("Promise to a customer")


class State(models.TextChoices):
    """How far a commitment has come (VIS-6)."""

    OPEN = "open", _("To be done")
    UNTOLD = "untold", _("Done, customer to be told")
    CLOSED = "closed", _("Done")
    DROPPED = "dropped", _("Dropped")


class Remind(models.TextChoices):
    """How long before it is due its owner is reminded."""

    NEVER = "never", _("No reminder")
    WHEN_DUE = "0", _("When it is due")
    QUARTER = "15", _("15 minutes before")
    HOUR = "60", _("An hour before")
    DAY = "1440", _("A day before")
    THREE_DAYS = "4320", _("Three days before")
    WEEK = "10080", _("A week before")


#: What still waits for somebody.
WAITING: Final = (State.OPEN.value, State.UNTOLD.value)


class Unit(models.TextChoices):
    """What the rounds of recurring work are counted in."""

    DAY = "day", _("days (unit)")
    WEEK = "week", _("weeks (unit)")
    MONTH = "month", _("months (unit)")
    QUARTER = "quarter", _("quarters (unit)")


class OwnerRule(models.TextChoices):
    """Who does recurring work."""

    CUSTOMER = "customer", _("Whoever looks after the customer")
    PERSON = "person", _("One person for all")
