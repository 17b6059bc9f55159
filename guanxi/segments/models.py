"""How value is measured, the monthly ratings and what each customer came to in them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.customers.choices import Tier
from guanxi.kernel.base import Record
from guanxi.segments.choices import LIVE, CutBy, RatingState, Scaling, Weighting
from guanxi.segments.lifecycle.models import (
    ChurnWarning,
    LifecycleStage,
    StageRun,
    StageStanding,
)

__all__ = [
    "ChurnWarning",
    "Indicator",
    "LifecycleStage",
    "Rating",
    "RfmGroup",
    "StageRun",
    "StageStanding",
    "Standing",
    "ValueModel",
]


class ValueModel(Record):
    """How customers are rated: window, weights and tiers; its indicators are rows of their own."""

    name = models.CharField(_("Name"), max_length=60, unique=True)
    months = models.PositiveSmallIntegerField(
        _("Window in months"), default=12, help_text=_("What lies further back no longer counts.")
    )
    currency = models.CharField(_("Currency"), max_length=3, default="CNY")
    weighting = models.CharField(
        _("Weights"), max_length=8, choices=Weighting.choices, default=Weighting.HAND
    )
    judgements = models.JSONField(
        _("Judgements"),
        default=dict,
        blank=True,
        help_text=_("For AHP, in a form one per line: amount/frequency = 3."),
    )
    cut_by = models.CharField(
        _("Tiers by"), max_length=6, choices=CutBy.choices, default=CutBy.SHARE
    )
    cuts = models.JSONField(
        _("Tiers"),
        default=dict,
        blank=True,
        help_text=_("The best first, in a form one per line: core = 10 (percent or score)."),
    )
    lowest = models.CharField(
        _("All others"), max_length=10, choices=Tier.choices, default=Tier.ORDINARY
    )
    rfm_cuts = models.JSONField(
        _("RFM thresholds"),
        default=dict,
        blank=True,
        help_text=_("Blank is by fifths; else in a form one per line: recency = 30 60 90 180."),
    )
    is_on = models.BooleanField(_("In force"), default=False)

    class Meta:
        verbose_name = _("Value model")
        constraints = [
            models.UniqueConstraint(
                fields=["is_on"],
                name="valuemodel_one_in_force",
                condition=Q(is_on=True, archived_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Indicator(Record):
    """One measure in a value model, with its scale and weight."""

    value_model = models.ForeignKey(
        ValueModel,
        on_delete=models.PROTECT,
        related_name="indicators",
        verbose_name=_("Value model"),
    )
    metric = models.CharField(_("Measure"), max_length=20)
    scaling = models.CharField(
        _("Scale"), max_length=10, choices=Scaling.choices, default=Scaling.PERCENTILE
    )
    is_less_better = models.BooleanField(_("Less is better"), default=False)
    weight = models.PositiveSmallIntegerField(_("Weight"), default=10)

    class Meta:
        verbose_name = _("Indicator")
        constraints = [
            models.UniqueConstraint(
                fields=["value_model", "metric"],
                name="indicator_once",
                condition=Q(archived_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.metric


class Rating(Record):
    """All customers rated at the end of a day: computed, compared, approved, then in effect.

    The model is frozen in it, so that a past month can be explained after the model has moved on.
    """

    name = models.CharField(_("Rating"), max_length=20, editable=False)
    as_of = models.DateField(_("At the end of"))
    value_model = models.ForeignKey(
        ValueModel, on_delete=models.PROTECT, related_name="ratings", verbose_name=_("Value model")
    )
    state = models.CharField(
        _("State"),
        max_length=10,
        choices=RatingState.choices,
        default=RatingState.COMPUTING,
        editable=False,
    )
    frozen = models.JSONField(default=dict, editable=False)
    scales = models.JSONField(default=dict, editable=False)
    backtest = models.JSONField(default=dict, editable=False)
    run_id = models.UUIDField(null=True, editable=False)
    previous = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    code_version = models.CharField(max_length=64, editable=False)
    input_hash = models.CharField(_("Hash of the facts"), max_length=64, editable=False)
    result_hash = models.CharField(_("Hash of the result"), max_length=64, editable=False)
    problem = models.CharField(_("Problem"), max_length=500, editable=False)
    effective_at = models.DateTimeField(_("In effect since"), null=True, editable=False)

    class Meta:
        verbose_name = _("Rating")
        constraints = [
            models.UniqueConstraint(
                fields=["as_of"], name="rating_once", condition=Q(state__in=LIVE)
            ),
        ]
        indexes = [models.Index(fields=["-as_of", "-id"], name="rating_as_of")]

    def __str__(self) -> str:
        return self.name


class Standing(models.Model):
    """What a customer came to in a rating; written once and never changed."""

    rating = models.ForeignKey(
        Rating,
        on_delete=models.PROTECT,
        related_name="standings",
        verbose_name=_("Rating"),
        db_index=False,
    )
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        related_name="standings",
        verbose_name=_("Customer"),
        db_index=False,
    )
    score = models.IntegerField(_("Score"))
    tier = models.CharField(_("Tier"), max_length=10, choices=Tier.choices)
    tier_before = models.CharField(_("Tier before"), max_length=10, choices=Tier.choices)
    is_move = models.BooleanField(_("Moves"))
    r = models.PositiveSmallIntegerField(_("R"), null=True)
    f = models.PositiveSmallIntegerField(_("F"), null=True)
    m = models.PositiveSmallIntegerField(_("M"), null=True)
    rfm_before = models.PositiveSmallIntegerField(_("RFM before"), null=True)
    parts = models.JSONField(default=list)
    reasons = models.JSONField(default=list)

    class Meta:
        verbose_name = _("Rating result")
        constraints = [
            models.UniqueConstraint(fields=["rating", "customer"], name="standing_once"),
        ]
        indexes = [
            models.Index(fields=["customer", "rating"], name="standing_customer"),
            models.Index(fields=["-score", "-id"], name="standing_score"),
            models.Index(fields=["rating", "id"], name="standing_moves", condition=Q(is_move=True)),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class RfmGroup(Record):
    """A named group of customers by their three scores; the first that fits is theirs."""

    name = models.CharField(_("Name"), max_length=40, unique=True)
    place = models.PositiveSmallIntegerField(_("Tried as"), default=100)
    r_from = models.PositiveSmallIntegerField(_("R from"), default=1)
    r_to = models.PositiveSmallIntegerField(_("R to"), default=5)
    f_from = models.PositiveSmallIntegerField(_("F from"), default=1)
    f_to = models.PositiveSmallIntegerField(_("F to"), default=5)
    m_from = models.PositiveSmallIntegerField(_("M from"), default=1)
    m_to = models.PositiveSmallIntegerField(_("M to"), default=5)
    strategy = models.CharField(_("How to serve them"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("RFM group")

    def __str__(self) -> str:
        return self.name
