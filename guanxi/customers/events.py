"""What happens to customers beyond being created and changed."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("customers.transferred")
@dataclass(frozen=True)
class CustomerTransferred(EventBase):
    """A customer was given to another owner."""

    said: ClassVar[Message] = _("gave it to another owner")
    icon: ClassVar[str] = "arrow-right"

    from_user_id: int | None
    to_user_id: int
    from_label: str
    to_label: str
    reason: str
    version: int = 0


@event("customers.next_contact_set")
@dataclass(frozen=True)
class NextContactSet(EventBase):
    """A talk said when to contact the customer next; the talk itself stands on the timeline."""

    said: ClassVar[Message] = _("set the next contact")
    icon: ClassVar[str] = "clock"
    is_on_timeline = False

    version: int


@event("customers.event_pinned")
@dataclass(frozen=True)
class TimelineEventPinned(EventBase):
    """A timeline entry was pinned on top."""

    is_on_timeline = False
    said: ClassVar[Message] = _("pinned an entry of the timeline")
    event_id: int


@event("customers.event_unpinned")
@dataclass(frozen=True)
class TimelineEventUnpinned(EventBase):
    """A timeline entry was unpinned."""

    is_on_timeline = False
    said: ClassVar[Message] = _("unpinned an entry of the timeline")
    event_id: int


@event("customers.file_added")
@dataclass(frozen=True)
class FileAdded(EventBase):
    """A file was filed with a customer."""

    said: ClassVar[Message] = _("added a file")
    icon: ClassVar[str] = "paperclip"

    title: str
    kind_of_file: str
    year: int
    sha256: str


@event("customers.demo_loaded")
@dataclass(frozen=True)
class DemoLoaded(EventBase):
    """The demo company was put into this database."""

    is_on_timeline = False
    said: ClassVar[Message] = _("loaded the demo company")
    size: str
    seed: int
    customers: int


@event("customers.stage_needs_set")
@dataclass(frozen=True)
class StageNeedsSet(EventBase):
    """A pack said which fields a stage asks for."""

    is_on_timeline = False
    said: ClassVar[Message] = _("set the required fields of the stage")
    stage: str
    fields: list[str]
