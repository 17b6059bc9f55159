"""What somebody wants deleted, told by what it is and not by what it says (SEC-2)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.deletions.choices import DeletionState
from guanxi.kernel.base import Record


class Deletion(Record):
    """The deletion of one record: who asked, who confirmed, what it was; stays as its tombstone."""

    number = models.CharField(_("Number"), max_length=20, unique=True, editable=False)
    subject_type = models.CharField(_("What"), max_length=60, editable=False)
    subject_id = models.CharField(_("Record's id"), max_length=40, editable=False)
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("Asked by"),
    )
    department = models.ForeignKey(
        "people.Department",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("Department"),
    )
    reason = models.CharField(_("Reason"), max_length=300)
    state = models.CharField(
        _("State"), max_length=10, choices=DeletionState.choices, default=DeletionState.ASKED
    )
    rows = models.PositiveIntegerField(_("Rows"), default=1, editable=False)
    size = models.BigIntegerField(_("Size of files in bytes"), default=0, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("Entered by"),
    )
    made_at = models.DateTimeField(_("Entered"), editable=False)
    #: Of the record's content, and of each of its files.
    digest = models.CharField(_("Hash of the content"), max_length=64, editable=False)
    file_digests = models.TextField(_("Hashes of the files"), blank=True, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("Confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("Confirmed"), null=True, editable=False)
    due_at = models.DateTimeField(_("Deleted for good from"), null=True, editable=False)
    ended_at = models.DateTimeField(_("Ended"), null=True, editable=False)

    class Meta:
        verbose_name = _("Deletion")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"],
                condition=Q(state__in=[DeletionState.ASKED, DeletionState.BINNED]),
                name="deletion_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-updated_at", "-id"], name="deletion_recent"),
            models.Index(fields=["state", "due_at"], name="deletion_due"),
        ]

    def __str__(self) -> str:
        return self.number
