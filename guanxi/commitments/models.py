"""What somebody has to do, and what was promised to a customer."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.commitments.choices import Kind, OwnerRule, Remind, State, Unit
from guanxi.kernel.base import Record


class Commitment(Record):
    """A to-do, or a promise to a customer, who is told when it is kept (VIS-6).

    `open_until` is the due time as long as anything waits, and blank afterwards.
    """

    kind = models.CharField(_("Kind"), max_length=8, choices=Kind.choices, default=Kind.TASK)
    title = models.CharField(_("What"), max_length=200)
    details = models.TextField(_("Details"), blank=True)
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="commitments",
        verbose_name=_("Customer"),
        db_index=False,
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        blank=True,
        related_name="commitments",
        verbose_name=_("Owner"),
        db_index=False,
    )
    due_at = models.DateTimeField(_("Due"))
    open_until = models.DateTimeField(_("Time left"), null=True, editable=False)
    first_due_at = models.DateTimeField(_("First due"), editable=False)
    remind = models.CharField(
        _("Reminder"), max_length=6, choices=Remind.choices, default=Remind.HOUR
    )
    state = models.CharField(
        _("State"), max_length=8, choices=State.choices, default=State.OPEN, editable=False
    )
    done_at = models.DateTimeField(_("Done at"), null=True, editable=False)
    told_at = models.DateTimeField(_("Customer told at"), null=True, editable=False)
    told_note = models.CharField(_("How the customer was told"), max_length=200, editable=False)
    reason = models.CharField(_("Reason"), max_length=200, blank=True, editable=False)
    cadence = models.ForeignKey(
        "commitments.Cadence",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="work",
        verbose_name=_("Recurring work"),
        db_index=False,
    )
    period = models.CharField(
        _("Round of work"), max_length=10, blank=True, default="", editable=False
    )
    source_key = models.CharField(_("Kind of source"), max_length=60, blank=True, default="")
    source_id = models.CharField(_("Id of the source"), max_length=40, blank=True, default="")

    class Meta:
        verbose_name = _("Commitment")
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=Kind.PROMISE, state__in=[State.CLOSED, State.DROPPED])
                | (Q(told_at__isnull=False) & ~Q(told_note="")),
                name="commitment_told_before_closed",
            ),
            models.UniqueConstraint(
                fields=["cadence", "customer", "period"],
                name="commitment_once_a_round",
                condition=Q(cadence__isnull=False),
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.PROMISE) | Q(customer__isnull=False),
                name="commitment_promised_to_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner", "open_until", "id"],
                name="commitment_owner_waits",
                condition=Q(open_until__isnull=False),
            ),
            models.Index(
                fields=["open_until", "id"],
                name="commitment_waits",
                condition=Q(open_until__isnull=False),
            ),
            models.Index(fields=["customer", "open_until", "id"], name="commitment_customer"),
            models.Index(fields=["owner", "due_at", "id"], name="commitment_owner_due"),
            models.Index(fields=["due_at", "id"], name="commitment_due"),
            models.Index(fields=["created_by_id"], name="commitment_maker"),
            models.Index(fields=["source_key", "source_id"], name="commitment_source"),
            models.Index(fields=["-updated_at", "-id"], name="commitment_recent"),
            models.Index(fields=["-created_at", "-id"], name="commitment_created"),
        ]

    def __str__(self) -> str:
        return self.title


class Cadence(Record):
    """Work that comes round for every customer of a kind: checks, return visits (CUS-7, VIS-7)."""

    name = models.CharField(_("Name"), max_length=60, unique=True)
    title = models.CharField(_("What"), max_length=200)
    details = models.TextField(_("Details"), blank=True)
    condition = models.JSONField(_("For which customers"), default=dict, blank=True)
    every = models.PositiveSmallIntegerField(_("Every"), default=1)
    unit = models.CharField(_("Unit"), max_length=8, choices=Unit.choices, default=Unit.QUARTER)
    starts_on = models.DateField(_("First round from"), blank=True)
    due_days = models.PositiveSmallIntegerField(
        _("Due so many days into the round"), default=0, help_text=_("0 is its last day.")
    )
    owner_rule = models.CharField(
        _("Done by"), max_length=8, choices=OwnerRule.choices, default=OwnerRule.CUSTOMER
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cadences",
        verbose_name=_("Which person"),
    )
    is_on = models.BooleanField(_("In force"), default=False)

    class Meta:
        verbose_name = _("Recurring work")

    def __str__(self) -> str:
        return self.name


class CalendarFeed(models.Model):
    """The secret link under which other programs read a person's calendar, kept as a hash."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.user)
