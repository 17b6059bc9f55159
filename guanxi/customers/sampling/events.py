"""What happens to checks of entries."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("entry_checks.checked")
@dataclass(frozen=True)
class EntryChecked(EventBase):
    """A second pair of eyes has compared the key values of an entry."""

    said: ClassVar[Message] = _("checked the entry of")
    icon: ClassVar[str] = "check"
    right: list[str]
    wrong: list[str]
