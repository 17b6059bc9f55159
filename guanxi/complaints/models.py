"""Complaints with their file: what was found, said, remedied and answered."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.complaints import choices
from guanxi.kernel.base import Record
from guanxi.kernel.models import StoredFile

USER = settings.AUTH_USER_MODEL


class Complaint(Record):
    """A complaint from its registration to the archive (template 3, CPL-1…7)."""

    number = models.CharField(_("Number"), max_length=20, unique=True, blank=True)
    state = models.CharField(
        _("State"),
        max_length=14,
        choices=choices.State.choices,
        default=choices.State.REGISTERED,
        editable=False,
    )
    state_since = models.DateTimeField(_("In this state since"), editable=False)
    received_at = models.DateTimeField(_("Received"), blank=True)
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="complaints",
        verbose_name=_("Customer"),
    )
    contact = models.ForeignKey(
        "customers.Contact",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="complaints",
        verbose_name=_("Contact"),
    )
    origin = models.CharField(
        _("Complainant"), max_length=10, choices=choices.Origin.choices, default="self"
    )
    complainant_name = models.CharField(_("Complainant's name"), max_length=60, blank=True)
    complainant_phone = models.CharField(_("Complainant's phone"), max_length=40, blank=True)
    represents = models.CharField(_("On behalf of"), max_length=60, blank=True)
    channel = models.CharField(_("Channel"), max_length=10, choices=choices.Channel.choices)
    product = models.CharField(_("Product or service"), max_length=200, blank=True)
    description = models.TextField(_("What happened"))
    claim = models.CharField(_("Customer's claim"), max_length=12, choices=choices.Claim.choices)
    claim_minor = models.BigIntegerField(_("Amount claimed"), null=True, blank=True)
    urgency = models.CharField(
        _("Urgency"), max_length=8, choices=choices.Urgency.choices, default="normal"
    )
    severity = models.CharField(
        _("Severity"), max_length=8, choices=choices.Severity.choices, default="minor"
    )
    extent = models.CharField(
        _("Extent"), max_length=8, choices=choices.Extent.choices, default="single"
    )
    is_safety = models.BooleanField(_("Touches safety"), default=False)
    is_press = models.BooleanField(_("The press knows"), default=False)
    is_green = models.BooleanField(_("Green channel"), default=False, editable=False)
    handler = models.ForeignKey(
        USER,
        on_delete=models.PROTECT,
        null=True,
        related_name="complaints",
        verbose_name=_("Handled by"),
        editable=False,
    )
    department = models.ForeignKey(
        "people.Department",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("Handling department"),
        editable=False,
    )
    concerned = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        verbose_name=_("Persons concerned"),
        editable=False,
    )
    #: A complaint that is opened again is investigated anew.
    round = models.PositiveSmallIntegerField(_("Round"), default=1, editable=False)

    cause = models.CharField(
        _("Cause"), max_length=10, choices=choices.Cause.choices, blank=True, editable=False
    )
    company_share = models.PositiveSmallIntegerField(
        _("Company's share (%)"), null=True, editable=False
    )
    customer_share = models.PositiveSmallIntegerField(
        _("Customer's share (%)"), null=True, editable=False
    )
    third_share = models.PositiveSmallIntegerField(
        _("Third party's share (%)"), null=True, editable=False
    )
    third_party = models.CharField(_("Third party"), max_length=120, blank=True, editable=False)
    grounds = models.TextField(_("Grounds"), blank=True, editable=False)
    determined_by = models.ForeignKey(
        USER,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("Determined by"),
        editable=False,
    )
    legal_at = models.DateTimeField(_("Approved by legal"), null=True, editable=False)

    solution = models.TextField(_("Solution"), blank=True, editable=False)
    solve_by = models.DateField(_("Solved by"), null=True, editable=False)
    remedy_list = models.TextField(_("Remedies"), blank=True, editable=False)
    cost_minor = models.BigIntegerField(_("Cost of remedies"), default=0, editable=False)
    approved_at = models.DateTimeField(_("Solution approved at"), null=True, editable=False)
    executed_at = models.DateTimeField(_("Executed at"), null=True, editable=False)
    satisfaction = models.CharField(
        _("Satisfaction with the handling"),
        max_length=12,
        choices=choices.Satisfaction.choices,
        blank=True,
        editable=False,
    )
    closed_at = models.DateTimeField(_("Closed at"), null=True, editable=False)
    reason = models.CharField(_("Reason"), max_length=500, blank=True, editable=False)
    body = models.CharField(
        _("Outside body"), max_length=12, choices=choices.Body.choices, blank=True, editable=False
    )
    body_reference = models.CharField(
        _("Reference there"), max_length=80, blank=True, editable=False
    )
    ruling = models.TextField(_("Decision of the outside body"), blank=True, editable=False)

    class Meta:
        verbose_name = _("Complaint")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="closed")
                | Q(executed_at__isnull=False, closed_at__isnull=False),
                name="complaint_executed_before_closed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["proposed", "approved", "executing", "executed"])
                | Q(legal_at__isnull=False),
                name="complaint_legal_before_solution",
            ),
        ]
        indexes = [
            models.Index(fields=["handler", "state", "-id"], name="complaint_handler"),
            models.Index(fields=["department", "state", "-id"], name="complaint_department"),
            models.Index(fields=["state", "-id"], name="complaint_state"),
            models.Index(fields=["-received_at", "-id"], name="complaint_received"),
            models.Index(fields=["-updated_at", "-id"], name="complaint_recent"),
            models.Index(fields=["created_by_id"], name="complaint_maker"),
        ]

    def __str__(self) -> str:
        return self.number


class Remedy(models.Model):
    """One thing that is done for the customer, what it costs, and that it was done (CPL-3)."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="remedies")
    round = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(_("Remedy"), max_length=12, choices=choices.RemedyKind.choices)
    text = models.CharField(_("What exactly"), max_length=300)
    amount_minor = models.BigIntegerField(_("Cost"), default=0)
    done_at = models.DateTimeField(_("Carried out"), null=True)
    done_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    proof = models.CharField(_("How, and what proves it"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("Remedy")

    def __str__(self) -> str:
        return self.text


class Entry(models.Model):
    """A line of a complaint's file: a finding, evidence, word to or from the customer, a visit."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="entries")
    round = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(_("Kind"), max_length=10, choices=choices.EntryKind.choices)
    at = models.DateTimeField(_("Time"))
    by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    channel = models.CharField(
        _("Channel"), max_length=10, choices=choices.Channel.choices, blank=True
    )
    text = models.TextField(_("Content"))
    outcome = models.CharField(
        _("Outcome"), max_length=10, choices=choices.Outcome.choices, blank=True
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("Entry of the file")
        indexes = [models.Index(fields=["complaint", "at", "id"], name="complaint_file")]

    def __str__(self) -> str:
        return self.text[:80]


class SatisfactionLink(models.Model):
    """A link by which a customer says once how they find the handling, kept as a hash."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("Satisfaction link")

    def __str__(self) -> str:
        return str(self.complaint_id)
