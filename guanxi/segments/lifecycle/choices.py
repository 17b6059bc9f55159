"""The fixed choices of lifecycle runs."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RunState(TextChoices):
    """How far a lifecycle run has come."""

    COMPUTING = "computing", _("Being computed")
    APPLYING = "applying", _("Being put in effect")
    IN_EFFECT = "in_effect", _("In effect")
    FAILED = "failed", _("Failed")
    DISCARDED = "discarded", _("Discarded")


#: The states in which a run stands for its day: another one of that day is not begun.
LIVE: Final = ("computing", "applying", "in_effect")
#: What a rule may bound, each by `…_from` and `…_to`.
BOUNDS: Final = ("purchases", "tenure", "silence", "pause")


class WarningState(TextChoices):
    """How far somebody has come with a customer who is leaving (SEG-6)."""

    OPEN = "open", pgettext_lazy("early warning", "To be contacted")
    FOLLOWED = "followed", _("In hand")
    CLOSED = "closed", pgettext_lazy("early warning", "Closed")


class Outcome(TextChoices):
    """What came of a warning; that a customer bought again is found in the orders alone."""

    BOUGHT = "bought", _("Bought again")
    LOST = "lost", _("Lost")
    FALSE_ALARM = "false_alarm", _("False alarm")


#: What people can say of a warning.
SAID: Final = (Outcome.LOST, Outcome.FALSE_ALARM)
