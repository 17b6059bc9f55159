"""The words that deletions choose from."""

from django.db import models
from django.utils.translation import pgettext_lazy


class DeletionState(models.TextChoices):
    """Where a deletion stands; the material is there until it is gone."""

    ASKED = "asked", pgettext_lazy("deletion", "Waiting for IT")
    BINNED = "binned", pgettext_lazy("deletion", "In the bin")
    GONE = "gone", pgettext_lazy("deletion", "Deleted for good")
    BACK = "back", pgettext_lazy("deletion", "Brought back")
    REJECTED = "rejected", pgettext_lazy("deletion", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("deletion", "Taken back")
