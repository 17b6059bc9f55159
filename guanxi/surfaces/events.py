"""Events that every record type shares."""

from dataclasses import dataclass

from guanxi.kernel.events import EventBase, event


@event("record.created")
@dataclass(frozen=True)
class RecordCreated(EventBase):
    """A record was created."""

    version: int = 1


@event("record.changed")
@dataclass(frozen=True)
class RecordChanged(EventBase):
    """Fields of a record were changed; the event's `changes` hold old and new."""

    version: int = 0


@event("record.archived")
@dataclass(frozen=True)
class RecordArchived(EventBase):
    """A record was taken out of daily lists."""


@event("record.restored")
@dataclass(frozen=True)
class RecordRestored(EventBase):
    """An archived record was brought back."""
