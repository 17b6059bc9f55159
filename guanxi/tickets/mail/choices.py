"""The words that mail chooses from."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Security(models.TextChoices):
    """How the way to a mailbox is enciphered."""

    TLS = "tls", _("TLS from the first byte (port 993)")
    STARTTLS = "starttls", _("STARTTLS (port 143)")
    NONE = "none", _("None, where the operator allows it")


class Mark(models.TextChoices):
    """What a letter is."""

    PERSON = "person", _("Somebody's letter")
    MACHINE = "machine", _("Sent by a machine")
    AUTO_REPLY = "auto", _("Automatic answer")
    BOUNCE = "bounce", _("Could not be delivered")
