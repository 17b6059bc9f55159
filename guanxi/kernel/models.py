"""Tables under everything: events and their deliveries, accesses, runs, numbers, files."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.base import Record


class Event(models.Model):
    """One thing that happened: audit entry, timeline line, webhook body and trigger at once."""

    kind = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=40)
    subject_label = models.CharField(max_length=200, blank=True)
    customer_id = models.BigIntegerField(null=True)
    actor_user_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=150)
    channel = models.CharField(max_length=10)
    at = models.DateTimeField()
    data = models.JSONField(default=dict)
    cause_id = models.BigIntegerField(null=True)
    request_id = models.CharField(max_length=40, blank=True)
    ip = models.GenericIPAddressField(null=True)
    is_on_timeline = models.BooleanField(default=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["customer_id", "-at", "-id"],
                name="event_timeline",
                condition=models.Q(customer_id__isnull=False, is_on_timeline=True),
            ),
            models.Index(fields=["subject_type", "subject_id", "-id"], name="event_subject"),
            models.Index(fields=["actor_user_id", "-id"], name="event_actor"),
            models.Index(fields=["kind", "-id"], name="event_kind"),
            models.Index(fields=["-at", "-id"], name="event_recent"),
        ]

    @property
    def who(self) -> str:
        """Who did it; a part of the system by its name in the reader's language."""
        is_system = self.actor_user_id is None and self.actor_label
        return gettext(self.actor_label) if is_system else self.actor_label


class EventDetail(models.Model):
    """The personal values of an event, apart so that erasure and audit do not fight."""

    event = models.OneToOneField(
        Event, on_delete=models.PROTECT, primary_key=True, related_name="detail"
    )
    values = models.JSONField(default=dict)
    erased_at = models.DateTimeField(null=True)


class Delivery(models.Model):
    """An event on its way to one reaction; claimed with a lease, retried, parked."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    consumer = models.CharField(max_length=80)
    state = models.CharField(max_length=8, default="due")
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "consumer"], name="delivery_once"),
        ]
        indexes = [
            # Not a partial one: SQLite would use that for no value given as a parameter.
            models.Index(fields=["state", "due_at", "id"], name="delivery_due"),
            models.Index(
                fields=["state", "id"], name="delivery_parked", condition=models.Q(state="parked")
            ),
        ]


class AccessEntry(models.Model):
    """A sensitive read, a reveal, an export or a refusal: who saw what, when, why (SEC-3)."""

    action = models.CharField(max_length=20)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=40, blank=True)
    customer_id = models.BigIntegerField(null=True)
    actor_user_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=150)
    channel = models.CharField(max_length=10)
    at = models.DateTimeField()
    fields = models.JSONField(default=list)
    reason = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    ip = models.GenericIPAddressField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["customer_id", "-at", "-id"], name="access_customer"),
            models.Index(fields=["actor_user_id", "action", "-at"], name="access_actor"),
            models.Index(fields=["subject_type", "subject_id", "-id"], name="access_subject"),
        ]


class Seal(models.Model):
    """A link of the chain over events and accesses: what it covers, its hash, the one before."""

    number = models.BigIntegerField(primary_key=True)
    log = models.CharField(max_length=10)
    form = models.PositiveSmallIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    count = models.IntegerField()
    gaps = models.JSONField(default=list)
    is_late = models.BooleanField(default=False)
    ids = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    marks = models.BinaryField()
    sealed_at = models.DateTimeField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["log", "is_late", "-last_id"], name="seal_last"),
            models.Index(fields=["log", "sealed_at"], name="seal_recent"),
        ]


class RunState(models.TextChoices):
    """Where a piece of long work stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    HELD = "held"


class Run(models.Model):
    """One piece of long work: the durable truth that a worker leases and executes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    actor_user_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    is_cancel_asked = models.BooleanField(default=False)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(default=0)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="run_due",
                condition=models.Q(state__in=["queued", "running"]),
            ),
            models.Index(fields=["actor_user_id", "-created_at"], name="run_actor"),
        ]


class NumberSeries(models.Model):
    """The last number given out in a series; taken by one conditional update."""

    name = models.CharField(max_length=60, primary_key=True)
    last = models.BigIntegerField(default=0)


class StoredFile(models.Model):
    """A file that passed the gate; its bytes lie under the id in the data folder."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)
    mime = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()


class Heartbeat(models.Model):
    """When a child process last said that it is alive."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()


class BackupState(models.TextChoices):
    """How a backup ended."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    RESTORED = "restored"


class Backup(models.Model):
    """One backup that was tried: when, where, how large, and whether it was read again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=8, choices=BackupState.choices, default="running")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    path = models.CharField(max_length=500)
    size = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    files = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("Backup")
        indexes = [models.Index(fields=["state", "-started_at"], name="backup_last")]


class IdempotencyKey(models.Model):
    """The answer once given to a write, so that a repeated request has one effect (G02)."""

    user_id = models.BigIntegerField()
    key = models.CharField(max_length=100)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(null=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id", "key"], name="idempotency_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]


class Share(Record):
    """One record opened to a person, a team or a department beyond their reach (A04)."""

    subject_type = models.CharField(_("Record type"), max_length=60, editable=False)
    subject_id = models.BigIntegerField(_("Record"), editable=False)
    subject_label = models.CharField(_("Shared record"), max_length=200, editable=False)
    with_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Share with"),
    )
    with_team = models.ForeignKey(
        "people.Team",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("With the team"),
    )
    with_department = models.ForeignKey(
        "people.Department",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("With the department"),
    )
    may_write = models.BooleanField(_("May change it"), default=False)
    until = models.DateTimeField(_("Until"), null=True, blank=True)
    reason = models.CharField(_("Reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("Share")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    with_user__isnull=False, with_team__isnull=True, with_department__isnull=True
                )
                | models.Q(
                    with_user__isnull=True, with_team__isnull=False, with_department__isnull=True
                )
                | models.Q(
                    with_user__isnull=True, with_team__isnull=True, with_department__isnull=False
                ),
                name="share_with_one",
            )
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="share_subject"),
            models.Index(fields=["-updated_at", "-id"], name="share_recent"),
        ]

    def __str__(self) -> str:
        return self.subject_label


class Substitution(Record):
    """One person acts for another for a while: sees and changes what is theirs (代理)."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("Who is away"),
    )
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("Substitute"),
    )
    starts_at = models.DateTimeField(_("From"))
    until = models.DateTimeField(_("Until"))
    reason = models.CharField(_("Reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("Substitute")
        indexes = [models.Index(fields=["substitute", "until"], name="substitution_of")]

    def __str__(self) -> str:
        return f"{self.substitute} ← {self.person}"
