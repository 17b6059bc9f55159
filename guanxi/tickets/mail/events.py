"""What happens to mailboxes beyond being created and changed."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("tickets.resent")
@dataclass(frozen=True)
class ReplyResent(EventBase):
    """A reply that could not be delivered is tried again."""

    said: ClassVar[Message] = _("sent a reply again on")
    icon: ClassVar[str] = "mail"
    version: int
    seq: int


@event("mailboxes.secured")
@dataclass(frozen=True)
class MailboxSecured(EventBase):
    """The password of a mailbox was set; the event does not hold it."""

    is_on_timeline = False
    said: ClassVar[Message] = _("set the password of")
    icon: ClassVar[str] = "key"
    version: int
