"""The stages as rules with their strategy, the monthly runs, and each customer's stage in them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.customers.choices import Stage, Tier
from guanxi.kernel.base import Record
from guanxi.segments.lifecycle.choices import LIVE, Outcome, RunState, WarningState


def _bound(label: Any, help_text: Any = "") -> Any:
    return models.PositiveIntegerField(label, null=True, blank=True, help_text=help_text)


class LifecycleStage(Record):
    """One stage: who is in it, and how such customers are served; the first that fits counts."""

    stage = models.CharField(_("Stage"), max_length=12, choices=Stage.choices, unique=True)
    place = models.PositiveSmallIntegerField(_("Tried as"), default=100)
    purchases_from = _bound(_("Purchase days from"), _("Orders of one day count once."))
    purchases_to = _bound(_("Purchase days to"))
    tenure_from = _bound(_("Days since the first purchase from"))
    tenure_to = _bound(_("Days since the first purchase to"))
    silence_from = _bound(
        _("Silence from (% of the own interval)"),
        _("Days since the last purchase against the customer's usual days between two."),
    )
    silence_to = _bound(_("Silence to (% of the own interval)"))
    pause_from = _bound(
        _("Pause before coming back from (% of the own interval)"),
        _("The longest pause that ended within the last 90 days."),
    )
    pause_to = _bound(_("Pause before coming back to (% of the own interval)"))
    is_warned = models.BooleanField(
        _("Warn of such customers"),
        default=False,
        help_text=_("Whoever comes into this stage is put on the early warning list."),
    )
    control_percent = models.PositiveSmallIntegerField(
        _("Control group (%)"),
        default=0,
        help_text=_("So many of a hundred, drawn at random, are left alone for comparison."),
    )
    goal = models.CharField(_("Goal"), max_length=200, blank=True)
    strategy = models.TextField(_("Strategy"), blank=True)

    class Meta:
        app_label = "segments"
        verbose_name = _("Lifecycle stage")

    def __str__(self) -> str:
        return str(self.get_stage_display())


class StageRun(Record):
    """The stage of every customer at the end of a day; the rules are frozen in it."""

    name = models.CharField(_("Lifecycle run"), max_length=20, editable=False)
    as_of = models.DateField(_("At the end of"))
    state = models.CharField(
        _("State"),
        max_length=10,
        choices=RunState.choices,
        default=RunState.COMPUTING,
        editable=False,
    )
    frozen = models.JSONField(default=list, editable=False)
    run_id = models.UUIDField(null=True, editable=False)
    buyers = models.PositiveIntegerField(_("Customers with a purchase"), default=0)
    covered = models.PositiveIntegerField(_("In a stage by rule"), default=0)
    usual_days = models.PositiveIntegerField(_("Usual days between purchases"), default=0)
    input_hash = models.CharField(_("Hash of the facts"), max_length=64, editable=False)
    result_hash = models.CharField(_("Hash of the result"), max_length=64, editable=False)
    problem = models.CharField(_("Problem"), max_length=500, editable=False)
    effective_at = models.DateTimeField(_("In effect since"), null=True, editable=False)

    class Meta:
        app_label = "segments"
        verbose_name = _("Lifecycle run")
        constraints = [
            models.UniqueConstraint(
                fields=["as_of"], name="stagerun_once", condition=Q(state__in=LIVE)
            ),
        ]
        indexes = [models.Index(fields=["-as_of", "-id"], name="stagerun_as_of")]

    def __str__(self) -> str:
        return self.name


class StageStanding(models.Model):
    """A customer's stage in a run and what it is due to; written once and never changed.

    Who never bought, or fits no rule, keeps the stage that people gave: `is_ruled` says which.
    """

    run = models.ForeignKey(
        StageRun,
        on_delete=models.PROTECT,
        related_name="standings",
        verbose_name=_("Lifecycle run"),
        db_index=False,
    )
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        related_name="stage_standings",
        verbose_name=_("Customer"),
        db_index=False,
    )
    stage = models.CharField(_("Stage"), max_length=12, choices=Stage.choices)
    stage_before = models.CharField(_("Stage before"), max_length=12, choices=Stage.choices)
    is_move = models.BooleanField(pgettext_lazy("lifecycle", "Moves"))
    is_ruled = models.BooleanField(_("By rule"))
    purchases = models.PositiveIntegerField(_("Purchase days"), default=0)
    tenure = models.PositiveIntegerField(_("Days since the first purchase"), null=True)
    silence = models.PositiveIntegerField(_("Days since the last purchase"), null=True)
    habit = models.PositiveIntegerField(_("Usual days between purchases"), null=True)
    pause = models.PositiveIntegerField(_("Longest pause lately"), null=True)

    class Meta:
        app_label = "segments"
        verbose_name = _("Stage of a customer")
        constraints = [
            models.UniqueConstraint(fields=["run", "customer"], name="stagestanding_once"),
        ]
        indexes = [
            models.Index(fields=["customer", "run"], name="stagestanding_customer"),
            models.Index(fields=["-silence", "-id"], name="stagestanding_silence"),
            models.Index(fields=["run", "stage", "id"], name="stagestanding_stage"),
            models.Index(
                fields=["run", "id"], name="stagestanding_moves", condition=Q(is_move=True)
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ChurnWarning(Record):
    """A customer who is leaving by own habit: the reason, what is done about it, what came of it.

    Those of the control group are left alone, so that what the others bring can be told (SEG-6).
    """

    run = models.ForeignKey(
        StageRun,
        on_delete=models.PROTECT,
        related_name="warnings",
        verbose_name=_("Lifecycle run"),
        editable=False,
        db_index=False,
    )
    warned_on = models.DateField(_("Warned at the end of"), editable=False)
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        related_name="churn_warnings",
        verbose_name=_("Customer"),
        editable=False,
        db_index=False,
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("Owner"),
        editable=False,
        db_index=False,
    )
    stage = models.CharField(_("Stage"), max_length=12, choices=Stage.choices, editable=False)
    tier = models.CharField(_("Tier"), max_length=10, choices=Tier.choices, editable=False)
    silence = models.PositiveIntegerField(_("Days since the last purchase"), editable=False)
    habit = models.PositiveIntegerField(_("Usual days between purchases"), editable=False)
    is_control = models.BooleanField(_("Control group"), default=False, editable=False)
    state = models.CharField(
        _("State"),
        max_length=8,
        choices=WarningState.choices,
        default=WarningState.OPEN,
        editable=False,
    )
    play = models.CharField(_("What is done"), max_length=200, blank=True, editable=False)
    outcome = models.CharField(
        _("Outcome"), max_length=12, choices=Outcome.choices, blank=True, editable=False
    )
    note = models.CharField(_("Note"), max_length=200, blank=True, editable=False)
    bought_on = models.DateField(_("Bought again on"), null=True, editable=False)

    class Meta:
        app_label = "segments"
        verbose_name = _("Early warning")
        constraints = [
            models.UniqueConstraint(fields=["run", "customer"], name="churnwarning_once"),
            models.UniqueConstraint(
                fields=["customer"], name="churnwarning_one_open", condition=~Q(state="closed")
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-warned_on"], name="churnwarning_customer"),
            models.Index(fields=["-silence", "-id"], name="churnwarning_silence"),
            models.Index(fields=["-warned_on", "-id"], name="churnwarning_newest"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
