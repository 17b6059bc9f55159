"""The words for why two customers look like one, and what became of such a pair."""

from collections.abc import Mapping
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from guanxi.customers.duplicates.matching import Reason
from guanxi.kernel.errors import Message

REASONS: Final[Mapping[Reason, Message]] = {
    Reason.CODE: _("same credit code"),
    Reason.NAME: _("same name"),
    Reason.NAME_ALIKE: _("similar name"),
    Reason.SHORT_NAME: _("same short name"),
    Reason.BRANCH: _("another branch or town"),
    Reason.PHONE: _("same phone"),
    Reason.CONTACT: _("same contact person"),
    Reason.EMAIL: _("same e-mail address"),
    Reason.DOMAIN: _("same e-mail domain"),
    Reason.ADDRESS: _("same address"),
}


def reason_choices() -> list[tuple[str, Message]]:
    """The reasons as choices of a field."""
    return [(reason.value, label) for reason, label in REASONS.items()]


class PairState(TextChoices):
    """Where a pair of the queue stands."""

    OPEN = "open", _("To be decided")
    CONFIRMED = "confirmed", _("Confirmed once")
    MERGED = "merged", _("Merged")
    DIFFERENT = "different", _("Not a duplicate")
    LAPSED = "lapsed", _("No longer alike")


class Keep(TextChoices):
    """Which of a pair stays."""

    LOW = "low", _("The first")
    HIGH = "high", _("The second")
