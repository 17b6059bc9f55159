"""What happens to imports, for the audit."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("import.started")
@dataclass(frozen=True)
class ImportStarted(EventBase):
    """Somebody started to import a file."""

    said: ClassVar[Message] = _("began to import a file")
    icon: ClassVar[str] = "upload"

    record_key: str
    filename: str
    sha256: str


@event("import.finished")
@dataclass(frozen=True)
class ImportFinished(EventBase):
    """An import reached its end; the counts say what came of its rows."""

    said: ClassVar[Message] = _("imported a file")
    icon: ClassVar[str] = "upload"

    record_key: str
    filename: str
    created: int
    updated: int
    unchanged: int
    duplicates: int
    forbidden: int
    invalid: int


@event("import.undone")
@dataclass(frozen=True)
class ImportUndone(EventBase):
    """An import was taken back; what had been edited since was kept."""

    said: ClassVar[Message] = _("took an import back")
    icon: ClassVar[str] = "undo"

    record_key: str
    filename: str
    restored: int
    archived: int
    kept: int
