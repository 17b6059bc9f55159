"""What every administered record carries."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.db.custom_values import CustomValues


class Record(models.Model):
    """Version for the optimistic lock, who and when, archive mark, custom field values."""

    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created"), editable=False)
    updated_at = models.DateTimeField(_("Updated"), editable=False)
    archived_at = models.DateTimeField(_("Archived"), null=True, editable=False)
    created_by_id = models.BigIntegerField(null=True, editable=False)
    custom = CustomValues(default=dict, blank=True, editable=False)

    class Meta:
        abstract = True
