"""The words that change requests choose from."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChangeState(models.TextChoices):
    """What became of a change request."""

    OPEN = "open", _("Under approval")
    APPLIED = "applied", _("Applied")
    PARTLY = "partly", _("Partly applied")
    STALE = "stale", _("Overtaken")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
