"""What happens to exports, for the audit (SEC-2)."""

from dataclasses import dataclass

from guanxi.kernel.events import EventBase, event


@event("export.finished")
@dataclass(frozen=True)
class ExportFinished(EventBase):
    """A list was written to a file."""

    record_key: str
    file_format: str
    rows: int
    sha256: str


@event("export.downloaded")
@dataclass(frozen=True)
class ExportDownloaded(EventBase):
    """The file of an export was handed out."""

    record_key: str
    rows: int
