"""The words that pools and their rules choose from."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Measure(TextChoices):
    """What a rule counts the days of (CUS-14)."""

    NO_CONTACT = "no_contact", _("Without any follow-up")
    NO_VISIT = "no_visit", _("Without a visit")
    NO_ORDER = "no_order", _("Without an order")
    PAST_DATE = "past_date", _("Since a date has passed")


class Split(TextChoices):
    """How a book is divided among several receivers."""

    TURNS = "turns", _("In turn, in equal shares")
    PROVINCE = "province", _("By province, each to one of them")


class HandOverState(TextChoices):
    """How far a hand-over has come."""

    DRAFT = "draft", _("Being prepared")
    RUNNING = "running", _("Under way")
    DONE = "done", _("Done")
    UNDONE = "undone", _("Taken back")


class BatchState(TextChoices):
    """How far a night's release has come."""

    RUNNING = "running", _("Under way")
    DONE = "done", _("Done")
    UNDONE = "undone", _("Taken back")
