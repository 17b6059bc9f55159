"""What happens with packs."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("packs.applied")
@dataclass(frozen=True)
class PackApplied(EventBase):
    """A pack was applied: what it made and changed, and what stayed because it was edited here."""

    made: int
    changed: int
    kept: int

    said: ClassVar[Message] = _("applied the pack")
    icon: ClassVar[str] = "download"
