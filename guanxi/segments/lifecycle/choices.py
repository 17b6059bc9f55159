"""The fixed choices of lifecycle runs."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


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
