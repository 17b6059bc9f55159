"""Events that every record type shares.

An event with a `version` tells of every field that this version of its record holds otherwise than
the one before: edits of two people are reconciled by that.
"""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("record.created")
@dataclass(frozen=True)
class RecordCreated(EventBase):
    """A record was created."""

    said: ClassVar[Message] = _("created it")
    icon: ClassVar[str] = "plus"

    version: int = 1


@event("record.changed")
@dataclass(frozen=True)
class RecordChanged(EventBase):
    """Fields of a record were changed; the event's `changes` hold old and new."""

    said: ClassVar[Message] = _("changed")
    icon: ClassVar[str] = "pencil"

    version: int = 0


@event("record.archived")
@dataclass(frozen=True)
class RecordArchived(EventBase):
    """A record was taken out of daily lists."""

    said: ClassVar[Message] = _("archived it")
    icon: ClassVar[str] = "archive"

    version: int = 0


@event("record.restored")
@dataclass(frozen=True)
class RecordRestored(EventBase):
    """An archived record was brought back."""

    said: ClassVar[Message] = _("brought it back")
    icon: ClassVar[str] = "archive-restore"

    version: int = 0


@event("security.many_revealed")
@dataclass(frozen=True)
class ManyRevealed(EventBase):
    """A person looked at many masked values within a short while (B07)."""

    said: ClassVar[Message] = _("revealed many masked values in a short while")
    icon: ClassVar[str] = "shield"
    is_alert: ClassVar[bool] = True

    count: int
    minutes: int
