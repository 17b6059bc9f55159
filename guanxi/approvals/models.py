"""Flows with their steps, requests, and the seats of those who decide."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.approvals.choices import Mode, RequestState, SeatKind, SeatState
from guanxi.kernel.base import Record


class Flow(Record):
    """Which records need whose approval; running requests keep the flow that they began with."""

    name = models.CharField(_("Name"), max_length=80)
    record_key = models.CharField(_("Record type"), max_length=60)
    is_for_all = models.BooleanField(_("For every record"), default=False)
    audience = models.CharField(
        _("For the records of a shared view"),
        max_length=40,
        blank=True,
        help_text=_("Its condition is taken as it is when the flow is saved."),
    )
    condition = models.JSONField(_("Condition"), default=dict, blank=True)
    place = models.PositiveSmallIntegerField(
        _("Turn"), default=100, help_text=_("The first flow that fits a record is taken.")
    )
    is_different = models.BooleanField(_("Every step by somebody else"), default=True)
    is_on = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Approval flow")
        indexes: ClassVar = [models.Index(fields=["record_key", "place", "id"], name="flow_order")]

    def __str__(self) -> str:
        return self.name


class FlowStep(Record):
    """One step of a flow: who is asked, and whether all or any one must agree."""

    flow = models.ForeignKey(
        Flow, on_delete=models.PROTECT, related_name="steps", verbose_name=_("Approval flow")
    )
    place = models.PositiveSmallIntegerField(
        _("Step"), default=1, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    name = models.CharField(_("Name"), max_length=60)
    mode = models.CharField(_("Signatures"), max_length=3, choices=Mode.choices, default=Mode.ANY)
    is_by_head = models.BooleanField(_("Head of the department"), default=False)
    roles = models.ManyToManyField(
        "people.Role", blank=True, related_name="+", verbose_name=_("Roles")
    )
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("People")
    )
    hours = models.PositiveSmallIntegerField(
        _("Hours to decide"), null=True, blank=True, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("Approval step")
        indexes: ClassVar = [models.Index(fields=["flow", "place", "id"], name="flow_step_order")]

    def __str__(self) -> str:
        return self.name


class Request(Record):
    """A record under approval: where it stands, and the hash of what is to be decided."""

    subject_type = models.CharField(_("Record type"), max_length=60, editable=False)
    subject_id = models.BigIntegerField(_("Record"), editable=False)
    subject_label = models.CharField(_("Subject"), max_length=200, editable=False)
    customer_id = models.BigIntegerField(null=True, editable=False)
    flow = models.ForeignKey(
        Flow, on_delete=models.PROTECT, related_name="+", verbose_name=_("Approval flow")
    )
    flow_version = models.PositiveIntegerField(_("Version of the flow"), editable=False)
    is_different = models.BooleanField(default=True, editable=False)
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("Asked by"),
    )
    stands_for_id = models.BigIntegerField(null=True, editable=False)
    department = models.ForeignKey(
        "people.Department",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("Department"),
    )
    reason = models.CharField(_("Reason"), max_length=500, blank=True)
    state = models.CharField(
        _("State"), max_length=10, choices=RequestState.choices, default=RequestState.OPEN
    )
    position = models.PositiveSmallIntegerField(_("Step"), default=1, editable=False)
    round = models.PositiveSmallIntegerField(_("Round"), default=1, editable=False)
    #: What was decided upon, part by part, as hashes under a salt that nobody is shown.
    salt = models.CharField(max_length=32, editable=False)
    digests = models.JSONField(default=dict, editable=False)
    changed = models.JSONField(default=list, editable=False)
    seen = models.CharField(_("Seen content"), max_length=64, editable=False)
    authors = models.JSONField(default=list, editable=False)
    asked_at = models.DateTimeField(_("Asked at"), editable=False)
    due_at = models.DateTimeField(_("Decide by"), null=True, editable=False)
    decided_at = models.DateTimeField(_("Decided"), null=True, editable=False)
    waiting_for = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", verbose_name=_("Waiting for")
    )
    signed_by = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", verbose_name=_("Signed by")
    )

    class Meta:
        verbose_name = _("Approval")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"],
                name="request_one_running",
                condition=models.Q(state__in=["open", "returned"]),
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["-updated_at", "-id"], name="request_recent"),
            models.Index(fields=["subject_type", "subject_id", "-id"], name="request_subject"),
        ]

    def __str__(self) -> str:
        return self.subject_label


class Seat(models.Model):
    """One approver's part in a step of a request: asked, decided, spared or void."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="seats")
    round = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveSmallIntegerField()
    step_name = models.CharField(max_length=60)
    mode = models.CharField(max_length=3, choices=Mode.choices)
    hours = models.PositiveSmallIntegerField(null=True)
    kind = models.CharField(max_length=6, choices=SeatKind.choices)
    role = models.ForeignKey("people.Role", on_delete=models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    is_added = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=SeatState.choices, default=SeatState.LATER)
    asked_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    stood_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    comment = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True)
    seen = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "user"], name="seat_person"),
            models.Index(fields=["state", "role"], name="seat_role"),
        ]

    def __str__(self) -> str:
        return f"{self.step_name} · {self.user or self.role or self.kind}"
