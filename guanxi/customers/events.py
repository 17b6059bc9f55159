"""What happens to customers beyond being created and changed."""

from dataclasses import dataclass

from guanxi.kernel.events import EventBase, event


@event("customers.transferred")
@dataclass(frozen=True)
class CustomerTransferred(EventBase):
    """A customer was given to another owner."""

    from_user_id: int | None
    to_user_id: int
    from_label: str
    to_label: str
    reason: str


@event("customers.event_pinned")
@dataclass(frozen=True)
class TimelineEventPinned(EventBase):
    """A timeline entry was pinned on top."""

    is_on_timeline = False
    event_id: int


@event("customers.event_unpinned")
@dataclass(frozen=True)
class TimelineEventUnpinned(EventBase):
    """A timeline entry was unpinned."""

    is_on_timeline = False
    event_id: int


@event("customers.file_added")
@dataclass(frozen=True)
class FileAdded(EventBase):
    """A file was filed with a customer."""

    title: str
    kind_of_file: str
    year: int
    sha256: str


@event("customers.demo_loaded")
@dataclass(frozen=True)
class DemoLoaded(EventBase):
    """The demo company was put into this database."""

    is_on_timeline = False
    size: str
    seed: int
    customers: int
