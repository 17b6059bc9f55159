"""How people want to be told."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MailMode(models.TextChoices):
    """When mails come."""

    EACH = "each", _("At once, one by one")
    DIGEST = "digest", _("Once a day, all together")
    NONE = "none", _("Never")


class Channel(models.TextChoices):
    """By which ways a kind comes."""

    ALL = "all", _("Bell and mail")
    BELL = "bell", _("Bell only")
    NONE = "none", _("Not at all")
