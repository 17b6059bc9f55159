"""The words that tickets choose from."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.customers.choices import Channel as CustomerChannel


class Kind(models.TextChoices):
    """What the customer needs (SVC-1)."""

    ENQUIRY = "enquiry", _("Enquiry")
    AFTER_SALES = "after_sales", _("After-sales")
    TECHNICAL = "technical", _("Technical service")
    PROCESS = "process", _("Process service")
    CARE = "care", _("Customer care")
    CUSTOMISED = "customised", _("Customised service")
    EMERGENCY = "emergency", _("Emergency")


#: By which way it came: the customers' own words, and a program.
API: Final = "api"
CHANNELS: Final = (*CustomerChannel.choices, (API, _("Another system")))
#: Whoever is on the line is answered as the ticket is written down.
AT_ONCE: Final = frozenset({CustomerChannel.PHONE.value, CustomerChannel.FACE.value})


class Priority(models.TextChoices):
    """How soon it matters."""

    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")
    URGENT = "urgent", _("Urgent")


class State(models.TextChoices):
    """How far a ticket has come."""

    NEW = "new", _("New")
    OPEN = "open", _("In progress")
    WAITING = "waiting", _("Waiting for the customer")
    SOLVED = "solved", _("Solved")
    CLOSED = "closed", pgettext_lazy("ticket", "Closed")
    MERGED = "merged", _("Merged")


#: What somebody still has to do something about.
LIVE: Final = (State.NEW.value, State.OPEN.value, State.WAITING.value)
#: What is not over yet: a solved one is followed up until it is closed.
UNCLOSED: Final = (*LIVE, State.SOLVED.value)


class After(models.TextChoices):
    """What a reply leaves."""

    OPEN = "open", _("Reply")
    WAITING = "waiting", _("Reply, then wait for the customer")


class Step(models.TextChoices):
    """The standard process of a service (SVC-2)."""

    GREET = "greet", _("Greet")
    CONFIRM = "confirm", _("Confirm the need")
    HANDLE = "handle", _("Handle")
    FOLLOW_UP = "follow_up", _("Follow up")


class Said(models.TextChoices):
    """Whose word a message is, and who reads it."""

    REPLY = "reply", _("Reply")
    CUSTOMER = "customer", _("Customer's word")
    NOTE = "note", _("Internal note")


class Because(models.TextChoices):
    """Why somebody has a ticket."""

    NAMED = "named", _("Named senior consultant of a core customer")
    SENIOR = "senior", _("Another senior, for a core customer")
    DUTY = "duty", _("Duty manager: no senior was free")
    BEFORE = "before", _("Dealt with this customer before")
    LOAD = "load", _("Least loaded with the skill")
    TAKEN = "taken", _("Took it")
    HAND = "hand", _("Assigned by hand")
    NOBODY = "nobody", _("Nobody free with the skill: waits in the queue")
