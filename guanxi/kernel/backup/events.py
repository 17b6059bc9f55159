"""What happens to the installation as a whole, in the past tense."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("kernel.backup.restored")
@dataclass(frozen=True)
class BackupRestored(EventBase):
    """A backup was put in place of the data; what was unsent is held."""

    is_on_timeline: ClassVar[bool] = False
    said: ClassVar[Message] = _("put a backup in place")
    icon: ClassVar[str] = "database"

    made_at: str
    version: str


@event("kernel.outbound.released")
@dataclass(frozen=True)
class OutboundReleased(EventBase):
    """What was held after a restore goes its way, or was dropped."""

    is_on_timeline: ClassVar[bool] = False
    said: ClassVar[Message] = _("released what was held")
    icon: ClassVar[str] = "database"

    count: int
    is_dropped: bool = False
