"""What happens when something is to be deleted."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("deletions.asked")
@dataclass(frozen=True)
class DeletionAsked(EventBase):
    """Somebody asked for a record to be deleted; it stays."""

    said: ClassVar[Message] = _("asked for the deletion of")
    icon: ClassVar[str] = "trash"
    number: str
    reason: str


@event("deletions.refused")
@dataclass(frozen=True)
class DeletionRefused(EventBase):
    """The deletion was refused or taken back: nothing has changed."""

    said: ClassVar[Message] = _("refused or took back the deletion of")
    icon: ClassVar[str] = "x"
    number: str
    state: str


@event("deletions.confirmed")
@dataclass(frozen=True)
class DeletionConfirmed(EventBase):
    """The IT department confirmed: the record lies in the bin."""

    said: ClassVar[Message] = _("confirmed the deletion of")
    icon: ClassVar[str] = "trash"
    number: str
    digest: str
    files: list[str]
    due_at: str


@event("deletions.brought_back")
@dataclass(frozen=True)
class BroughtBack(EventBase):
    """The record was taken out of the bin, as it went in."""

    said: ClassVar[Message] = _("brought back from the bin")
    icon: ClassVar[str] = "archive-restore"
    number: str
    digest: str


@event("deletions.deleted")
@dataclass(frozen=True)
class DeletedForGood(EventBase):
    """The tombstone of a record that is gone: what it was, and who wanted it so."""

    said: ClassVar[Message] = _("deleted for good")
    icon: ClassVar[str] = "trash"
    record_key: str
    record_id: str
    rows: int
    size: int
    digest: str
    files: list[str]
    asked_by: str
    asked_at: str
    confirmed_by: str
    confirmed_at: str
