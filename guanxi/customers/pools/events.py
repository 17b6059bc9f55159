"""What happens to who may see and who owns a customer."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("customers.shared")
@dataclass(frozen=True)
class CustomerShared(EventBase):
    """A customer was opened to a person, team or department beyond their reach."""

    said: ClassVar[Message] = _("shared it")
    icon: ClassVar[str] = "users"
    share_id: int
    to_label: str
    may_write: bool
    until: datetime | None


@event("customers.unshared")
@dataclass(frozen=True)
class CustomerUnshared(EventBase):
    """A share ended before its time."""

    said: ClassVar[Message] = _("ended a share of it")
    icon: ClassVar[str] = "users"
    share_id: int
    to_label: str
