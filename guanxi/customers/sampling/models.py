"""How entries are sampled, and what a second pair of eyes found (CUS-8)."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.customers.sampling.choices import CheckState
from guanxi.kernel.base import Record


class SamplingRule(Record):
    """How many of the customers that a person entered in a month are drawn for a check."""

    name = models.CharField(_("Name"), max_length=60, unique=True)
    share = models.PositiveSmallIntegerField(
        _("Share in percent"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    least = models.PositiveSmallIntegerField(_("At least, of each person"), default=3)
    most = models.PositiveSmallIntegerField(
        _("At most, of each person"), default=30, validators=[MinValueValidator(1)]
    )
    is_on = models.BooleanField(_("In force"), default=True)

    class Meta:
        app_label = "customers"
        verbose_name = _("Sampling rule")

    def __str__(self) -> str:
        return self.name


class EntryCheck(Record):
    """One entry that was drawn; `results` says of each value that was looked at how it is."""

    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        related_name="entry_checks",
        verbose_name=_("Customer"),
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("Entered by"),
    )
    rule = models.ForeignKey(
        SamplingRule, on_delete=models.PROTECT, related_name="+", verbose_name=_("Sampling rule")
    )
    period_on = models.DateField(_("Month of entry"))
    state = models.CharField(
        _("State"), max_length=4, choices=CheckState.choices, default=CheckState.OPEN
    )
    results = models.JSONField(default=dict, editable=False)
    right = models.PositiveSmallIntegerField(_("Right values"), default=0)
    wrong = models.PositiveSmallIntegerField(_("Wrong values"), default=0)
    note = models.CharField(_("What is wrong"), max_length=300, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("Checked by"),
    )
    checked_at = models.DateTimeField(_("Checked at"), null=True)

    class Meta:
        app_label = "customers"
        verbose_name = _("Check of an entry")
        constraints = [
            models.UniqueConstraint(fields=["customer"], name="entry_check_once"),
        ]
        indexes = [
            models.Index(fields=["state", "period_on"], name="entry_check_state"),
            models.Index(fields=["-updated_at", "-id"], name="entry_check_recent"),
        ]

    def __str__(self) -> str:
        return self.customer.name
