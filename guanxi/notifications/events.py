"""What happens with notifications that others may have to know of."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("notifications.wishes_set")
@dataclass(frozen=True)
class WishesSet(EventBase):
    """A person chose how to be told."""

    mode: str
    hour: int
    kinds: dict[str, str]

    said: ClassVar[Message] = _("chose how to be told")
    icon: ClassVar[str] = "bell"
    is_on_timeline: ClassVar[bool] = False
