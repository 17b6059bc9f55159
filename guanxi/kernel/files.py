"""The one upload gate and the store behind it: nothing from outside becomes a file any other way.

A file is told by its content, checked against its name, stripped of what it carries about its
maker, and stored under a random name. It is offered for download only, pictures excepted.
"""

import hashlib
import os
import secrets
import shutil
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, Protocol
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import gettext

from guanxi.kernel.errors import NotFound
from guanxi.kernel.file_kinds import (
    GIF,
    JPEG,
    PNG,
    WEBP,
    FileKind,
    UploadError,
    check_ending,
    check_name,
    ending,
    safe_name,
    sniff,
)
from guanxi.kernel.models import StoredFile

__all__ = [
    "ANY_KIND",
    "AcceptedFile",
    "UploadError",
    "accept_upload",
    "collect_orphans",
    "discard",
    "file_headers",
    "keep_generated",
    "open_stored",
    "stored_path",
    "write_row",
]

ANY_KIND: Final = frozenset(
    {
        "image",
        "picture",
        "document",
        "office",
        "sheet",
        "text",
        "archive",
        "audio",
        "video",
        "markup",
    }
)
TABLES: Final = frozenset({"sheet", "text", "archive", "office"})
_REWRITTEN: Final = (JPEG, PNG, WEBP, GIF)
_INLINE: Final = frozenset(kind.mime for kind in _REWRITTEN)
_CHUNK: Final = 1 << 20
_ORPHAN_AGE: Final = timedelta(hours=24)


class Readable(Protocol):
    """What a file can be read from."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        ...


@dataclass(frozen=True)
class AcceptedFile:
    """A file that lies in the store and waits for its database row."""

    id: uuid.UUID
    name: str
    mime: str
    size: int
    sha256: str
    path: Path


def accept_upload(
    stream: Readable, filename: str, *, max_bytes: int, kinds: Collection[str] = ANY_KIND
) -> AcceptedFile:
    """Take a file in, or raise UploadError; it is on disk for good when this returns."""
    name = safe_name(filename)
    check_name(name)
    temporary = _temporary()
    try:
        _copy(stream, temporary, max_bytes)
        kind = sniff(temporary)
        check_ending(name, kind)
        if kind.family not in kinds:
            raise UploadError(
                "kind",
                gettext("Files of the kind “.%(ending)s” are not taken in here.")
                % {"ending": ending(name)},
            )
        if kind in _REWRITTEN:
            from guanxi.kernel.images import rewrite  # few uploads are pictures

            rewrite(temporary, kind)
        return _keep(temporary, name, kind)
    finally:
        temporary.unlink(missing_ok=True)


def keep_generated(source: Path, name: str, mime: str) -> AcceptedFile:
    """Store a file that the product itself has written (an export, a list of wrong rows)."""
    temporary = _temporary()
    shutil.copyfile(source, temporary)
    return _keep(temporary, safe_name(name), FileKind(mime, "generated", frozenset()))


def write_row(accepted: AcceptedFile, *, user_id: int | None, at: datetime) -> StoredFile:
    """Write the database row of an accepted file, in the transaction that refers to it."""
    return StoredFile.objects.create(
        id=accepted.id,
        name=accepted.name,
        mime=accepted.mime,
        size=accepted.size,
        sha256=accepted.sha256,
        created_by_id=user_id,
        created_at=at,
    )


def _temporary() -> Path:
    folder = settings.FILES_DIR / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return Path(folder) / secrets.token_hex(16)


def _copy(stream: Readable, target: Path, max_bytes: int) -> None:
    size = 0
    with target.open("xb") as out:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > max_bytes:
                raise UploadError(
                    "too_large",
                    gettext("The file is larger than %(limit)s MB.")
                    % {"limit": f"{max_bytes / (1 << 20):g}"},
                )
            out.write(chunk)
    if not size:
        raise UploadError("empty", gettext("The file is empty."))


def _keep(temporary: Path, name: str, kind: FileKind) -> AcceptedFile:
    """Make the bytes durable, then give them their name: a crash leaves no half file."""
    temporary.chmod(0o600)
    with temporary.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
    size = temporary.stat().st_size
    file_id = uuid.UUID(bytes=secrets.token_bytes(16))
    path = stored_path(file_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.rename(path)
    for folder in (path.parent, path.parent.parent):
        _fsync_folder(folder)
    return AcceptedFile(file_id, name, kind.mime, size, digest, path)


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def stored_path(file_id: uuid.UUID) -> Path:
    """Where the bytes of a stored file lie."""
    name = file_id.hex
    return Path(settings.FILES_DIR) / name[:2] / name[2:4] / name


def open_stored(file_id: uuid.UUID) -> BinaryIO:
    """The bytes of a stored file; a missing one is NotFound."""
    try:
        return stored_path(file_id).open("rb")
    except OSError as error:
        raise NotFound from error


def discard(file_id: uuid.UUID) -> None:
    """Remove the bytes of a file whose row is gone or was never written."""
    stored_path(file_id).unlink(missing_ok=True)


def file_headers(name: str, mime: str, *, inline: bool = False) -> dict[str, str]:
    """The headers under which a stored file is sent: never run, inline only for own pictures."""
    is_inline = inline and mime in _INLINE
    shown = "inline" if is_inline else "attachment"
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    coded = quote(name, safe="")
    return {
        "Content-Type": mime if is_inline else _download_mime(mime),
        "Content-Disposition": f"{shown}; filename=\"{plain}\"; filename*=UTF-8''{coded}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-cache",
    }


def _download_mime(mime: str) -> str:
    return "application/octet-stream" if mime.startswith("text/") and mime != "text/csv" else mime


def collect_orphans(*, at: datetime, age: timedelta = _ORPHAN_AGE) -> int:
    """Remove stored bytes that no row knows and that are old enough to be nobody's any more."""
    limit = (at - age).timestamp()
    removed = 0
    for path in (Path(settings.FILES_DIR) / "incoming").glob("*"):
        removed += _remove_if_old(path, limit)
    for batch in _batches(limit):
        known = set(
            StoredFile.objects.filter(
                pk__in=[uuid.UUID(hex=path.name) for path in batch]
            ).values_list("pk", flat=True)
        )
        for path in batch:
            if uuid.UUID(hex=path.name) not in known:
                removed += _remove_if_old(path, limit)
    return removed


def _batches(limit: float, size: int = 500) -> Iterator[list[Path]]:
    """Stored files older than the limit, some hundreds at a time."""
    batch: list[Path] = []
    for path in Path(settings.FILES_DIR).glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
        if len(path.name) == 32 and path.stat().st_mtime < limit:
            batch.append(path)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _remove_if_old(path: Path, limit: float) -> int:
    try:
        if path.stat().st_mtime >= limit:
            return 0
        path.unlink()
    except FileNotFoundError:
        return 0
    return 1
