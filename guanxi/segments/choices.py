"""The fixed choices of value models and ratings."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Weighting(TextChoices):
    """Where the weights of a model come from."""

    HAND = "hand", _("Set by hand")
    AHP = "ahp", _("Pairwise judgement (AHP)")
    ENTROPY = "entropy", _("From the data (entropy)")


class CutBy(TextChoices):
    """How the tiers are parted."""

    SHARE = "share", _("Share of customers")
    SCORE = "score", _("Score")


class Scaling(TextChoices):
    """How the values of an indicator become points."""

    PERCENTILE = "percentile", _("Percentile")
    MINMAX = "minmax", _("Between least and most")
    Z = "z", _("Standard deviations")


class RatingState(TextChoices):
    """How far a rating has come (SEG-3)."""

    COMPUTING = "computing", _("Being computed")
    COMPUTED = "computed", _("To be reviewed")
    REVIEW = "review", _("Under approval")
    APPLYING = "applying", _("Being put in effect")
    IN_EFFECT = "in_effect", _("In effect")
    REJECTED = "rejected", _("Rejected")
    FAILED = "failed", _("Failed")
    DISCARDED = "discarded", _("Discarded")


#: The states in which a rating stands for its day: another one of that day is not begun.
LIVE = ("computing", "computed", "review", "applying", "in_effect")
#: The states in which there are results to look at.
SHOWN = ("computed", "review", "applying", "in_effect", "rejected")
