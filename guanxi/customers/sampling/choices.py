"""The words that checks of entries choose from."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CheckState(models.TextChoices):
    """Whether somebody has looked."""

    OPEN = "open", _("To be checked")
    DONE = "done", _("Checked")


class Verdict(models.TextChoices):
    """What a second pair of eyes says of one value."""

    RIGHT = "right", _("As on paper")
    WRONG = "wrong", _("Not as on paper")
