"""What each person is told."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


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
            models.Index(fields=["user", "-not_before", "-id"], name="notification_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id}"
