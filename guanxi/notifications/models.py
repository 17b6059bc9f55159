"""What each person is told, how they want to be told, and the mails on their way."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.notifications.choices import MailMode


class Posted(models.Model):
    """A mail on its way: leased, sent, done; parked when it was given up, with the reason.

    Whatever happens between the mail server's answer and our mark, a second try carries the
    same Message-ID, made of this row's id.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=8, default="due")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    is_sent = models.BooleanField(default=False)
    error = models.TextField(blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.pk)


class Mail(Posted):
    """A mail to one person, about one notification or a day's.

    An open one is a digest that still collects; from its first try on it is about the same.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    is_digest = models.BooleanField(default=False)
    is_open = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("Mail")
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(is_open=True),
                name="mail_one_open",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="mail_due")]


class Wish(models.Model):
    """How a person wants to be told: by mail at once, once a day or never; less of some kinds."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    mode = models.CharField(max_length=8, choices=MailMode.choices, default=MailMode.EACH)
    hour = models.PositiveSmallIntegerField(default=8)
    kinds = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("Notification settings")

    def __str__(self) -> str:
        return str(self.mode)


class Notification(models.Model):
    """One thing told to one person: a kind with its params, never a text or a record's values."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    key = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    for_digest = models.BooleanField(default=False)
    mail = models.ForeignKey(Mail, models.SET_NULL, null=True, related_name="notifications")

    class Meta:
        verbose_name = _("Notification")
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="notification_once"),
        ]
        indexes = [
            models.Index(
                fields=["user", "not_before"],
                name="notification_unread",
                condition=models.Q(read_at__isnull=True, settled_at__isnull=True),
            ),
            models.Index(
                fields=["subject_type", "subject_id"],
                name="notification_open",
                condition=models.Q(settled_at__isnull=True),
            ),
            models.Index(
                fields=["user"],
                name="notification_digest",
                condition=models.Q(for_digest=True, mail__isnull=True),
            ),
            models.Index(fields=["user", "-not_before", "-id"], name="notification_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id}"
