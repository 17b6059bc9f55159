"""What happens to exports, for the audit (SEC-2)."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("export.finished")
@dataclass(frozen=True)
class ExportFinished(EventBase):
    """A list was written to a file."""

    said: ClassVar[Message] = _("exported a list")
    icon: ClassVar[str] = "download"

    record_key: str
    file_format: str
    rows: int
    sha256: str


@event("export.downloaded")
@dataclass(frozen=True)
class ExportDownloaded(EventBase):
    """The file of an export was handed out."""

    said: ClassVar[Message] = _("downloaded an export")
    icon: ClassVar[str] = "download"

    record_key: str
    rows: int
