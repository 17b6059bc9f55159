"""Makes a backup: one snapshot of every table, the files that it refers to, the keys.

The file gets its name when it is whole, on disk and read again: nobody is ever offered half of one.
"""

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from guanxi import __version__
from guanxi.kernel import dump
from guanxi.kernel.audit import anchors, archive, signing
from guanxi.kernel.backup import container
from guanxi.kernel.db.places import snapshot
from guanxi.kernel.files import stored_path
from guanxi.kernel.models import Seal, StoredFile

FORMAT: Final = 1
SEGMENT: Final = 4 << 20
SUFFIX: Final = ".guanxi"


def secret_mark(secret_key: str) -> str:
    """By what one installation's secret is told from another's, without telling it."""
    return hashlib.sha256(b"guanxi.backup" + secret_key.encode()).hexdigest()[:16]


@dataclass
class Manifest:
    """What is in a backup; the last thing in it, so that it can say what was really written."""

    made_at: str
    version: str = __version__
    format: int = FORMAT
    vendor: str = ""
    migrations: dump.Migrations = field(default_factory=list)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    others: dict[str, str] = field(default_factory=dict)
    seal: dict[str, Any] = field(default_factory=dict)
    secret: str = field(default_factory=lambda: secret_mark(settings.SECRET_KEY))

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(int(table["count"]) for table in self.tables.values())


class _Digesting:
    """A stream whose content is digested as it is read."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        block = self.stream.read(size)
        self.digest.update(block)
        return block


class _Writer:
    """Writes members into the archive and notes them in the manifest."""

    def __init__(self, out: IO[bytes], manifest: Manifest) -> None:
        self.packed = gzip.GzipFile(fileobj=out, mode="wb", filename="", compresslevel=1)
        self.tar = tarfile.open(fileobj=self.packed, mode="w|")  # noqa: SIM115
        self.manifest = manifest

    def close(self) -> None:
        """End the archive and its compression."""
        self.tar.close()
        self.packed.close()

    def add(self, name: str, content: bytes) -> None:
        """Write bytes under a name."""
        facts = tarfile.TarInfo(name)
        facts.size = len(content)
        self.tar.addfile(facts, io.BytesIO(content))

    def add_table(self, table: dump.Table, lines: Iterable[bytes]) -> None:
        """Write the rows of a table, some megabytes at a time."""
        part, waiting = 0, bytearray()
        for line in lines:
            waiting += line
            if len(waiting) >= SEGMENT:
                self.add(f"tables/{table.name}/{part:06}", bytes(waiting))
                part, waiting = part + 1, bytearray()
        self.add(f"tables/{table.name}/{part:06}", bytes(waiting))
        facts = {"columns": table.columns, "count": table.count, "digest": table.digest}
        self.manifest.tables[table.name] = facts

    def add_stored(self, name: str, path: Path, expected: str) -> None:
        """Write a file of the store; one that is gone or no longer what it was is noted."""
        try:
            with path.open("rb") as stream:
                facts = tarfile.TarInfo(f"files/{name}")
                facts.size = os.fstat(stream.fileno()).st_size
                read = _Digesting(stream)
                self.tar.addfile(facts, read)
        except FileNotFoundError:
            self.manifest.missing.append(name)
            return
        self.manifest.files[name] = read.digest.hexdigest()
        if self.manifest.files[name] != expected:
            self.manifest.damaged.append(name)

    def add_other(self, name: str, path: Path) -> None:
        """Write a key, anchor or archive."""
        content = path.read_bytes()
        self.add(f"others/{name}", content)
        self.manifest.others[name] = hashlib.sha256(content).hexdigest()


def write_backup(target: Path, secret: bytes, *, at: datetime) -> Manifest:
    """Write a backup of now into a file that appears only when it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".part")
    manifest = Manifest(at.astimezone(UTC).isoformat(timespec="seconds"))
    try:
        with temporary.open("wb") as raw:
            temporary.chmod(0o600)
            _write(raw, secret, manifest)
            raw.flush()
            os.fsync(raw.fileno())
        temporary.rename(target)
        container.fsync_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)
    return manifest


def _write(raw: BinaryIO, secret: bytes, manifest: Manifest) -> None:
    sealed = container.Writer(raw, secret)
    out = _Writer(sealed, manifest)  # type: ignore[arg-type]
    # Before the snapshot: an anchor of a later seal would tell of a tail that was cut.
    for name, path in other_files():
        out.add_other(name, path)
    with snapshot() as database:
        _write_tables(out, database)
        _write_files(out, database)
    out.add("manifest.json", json.dumps(vars(manifest), ensure_ascii=False).encode())
    out.close()
    sealed.finish()


def _write_tables(out: _Writer, database: BaseDatabaseWrapper) -> None:
    manifest = out.manifest
    manifest.vendor = database.vendor
    manifest.migrations = dump.applied_migrations(database)
    tables = dump.tables_at(database, manifest.migrations, without=dump.PASSING)
    manifest.sequences = dump.read_sequences(tables, database)
    for table in tables:
        out.add_table(table, dump.read_rows(table, database.alias))
    last = Seal.objects.using(database.alias).order_by("-number").first()
    if last is not None:
        manifest.seal = {"number": last.number, "hash": last.hash}


def _write_files(out: _Writer, database: BaseDatabaseWrapper) -> None:
    """The files that the snapshot refers to; what is added later belongs to a later one."""
    known = StoredFile.objects.using(database.alias).order_by("pk").values_list("pk", "sha256")
    for pk, digest in known.iterator(chunk_size=2000):
        out.add_stored(pk.hex, stored_path(pk), digest)


def other_files() -> list[tuple[str, Path]]:
    """What else must come back: keys, anchors, archives of the trail."""
    folder = Path(settings.DATA_DIR)
    found = [(signing.KEY_FILE, folder / signing.KEY_FILE)]
    secret = folder / "secret_key"
    if secret.is_file() and secret.read_text().strip() == settings.SECRET_KEY:
        found.append((secret.name, secret))
    found += [(f"anchors/{p.name}", p) for p in sorted(anchors.folders()[0].glob("*.jsonl"))]
    found += [(f"archive/{p.name}", p) for p in sorted(archive.folder().glob("audit-*.gz"))]
    return [(name, path) for name, path in found if path.is_file()]
