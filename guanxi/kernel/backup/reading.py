"""Reads a backup: checks all of it, or lays it out for a restore."""

import hashlib
import json
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import IO, Any, Final

from guanxi.kernel.backup.container import BadBackup, Reader
from guanxi.kernel.backup.writing import FORMAT, Manifest
from guanxi.kernel.dump import Table

_NAMES: Final = re.compile(
    r"tables/[a-z0-9_]+/[0-9]{6}|files/[0-9a-f]{32}|manifest\.json"
    r"|others/(secret_key|audit_key|(anchors|archive)/[A-Za-z0-9-]+(\.[a-z]+)+)"
)
_BLOCK: Final = 1 << 20


class _Sums:
    """What was read: rows by table, digests of files."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.files: dict[str, str] = {}
        self.others: dict[str, str] = {}


class _Rows(Table):
    """A table of which only the count and the digest matter here."""

    def __init__(self) -> None:
        self.count = self.sum = 0


def is_backup(path: Path) -> bool:
    """Whether a file looks like a backup."""
    with path.open("rb") as stream:
        return stream.read(15) == b"GUANXI-BACKUP-1"


def read_backup(path: Path, secret: bytes, *, into: Path | None = None) -> Manifest:
    """Read every byte of a backup, compare it with its manifest, and lay it out when asked."""
    try:
        with path.open("rb") as raw:
            return _read(raw, secret, into)
    except (tarfile.TarError, zlib.error, EOFError, UnicodeDecodeError) as error:
        raise BadBackup(f"it is damaged: {error}") from error


def _read(raw: IO[bytes], secret: bytes, into: Path | None) -> Manifest:
    reader = Reader(raw, secret)
    sums, manifest = _Sums(), None
    with tarfile.open(fileobj=reader, mode="r|gz", bufsize=_BLOCK) as tar:
        for member in tar:
            content = tar.extractfile(member)
            if not _NAMES.fullmatch(member.name) or content is None:
                raise BadBackup(f"it holds something foreign: {member.name}")
            if member.name == "manifest.json":
                manifest = _manifest(content.read())
                continue
            _take(member.name, content, sums, into)
    while reader.read(_BLOCK):
        continue  # To the end: a cut file is told by its last chunk.
    if manifest is None:
        raise BadBackup("it has no manifest")
    _compare(manifest, sums)
    return manifest


def _manifest(content: bytes) -> Manifest:
    kept: dict[str, Any] = json.loads(content)
    if kept.get("format") != FORMAT:
        raise BadBackup("it is of a format that this version does not know")
    known = {f.name for f in fields(Manifest)}
    return Manifest(**{name: value for name, value in kept.items() if name in known})


def _take(name: str, content: IO[bytes], sums: _Sums, into: Path | None) -> None:
    kind, _slash, rest = name.partition("/")
    target = into / name if into else None
    if target:
        target.parent.mkdir(parents=True, exist_ok=True)
    if kind == "tables":
        _take_rows(sums.tables.setdefault(rest.partition("/")[0], _Rows()), content, target)
        return
    digest = hashlib.sha256()
    for block in _blocks(content):
        digest.update(block)
        if target:
            with target.open("ab") as stream:
                stream.write(block)
    if target:
        target.touch()
    (sums.files if kind == "files" else sums.others)[rest] = digest.hexdigest()


def _take_rows(table: Table, content: IO[bytes], target: Path | None) -> None:
    lines = content.read()
    for line in _lines(lines):
        table.note(line)
    if target:
        target.write_bytes(lines)


def _lines(content: bytes) -> Iterator[bytes]:
    """Lines by the one sign that ends them."""
    yield from (part + b"\n" for part in content.split(b"\n") if part)


def _blocks(content: IO[bytes]) -> Iterator[bytes]:
    while block := content.read(_BLOCK):
        yield block


def _compare(manifest: Manifest, sums: _Sums) -> None:
    for name, facts in manifest.tables.items():
        found = sums.tables.get(name)
        if found is None or (found.count, found.digest) != (facts["count"], facts["digest"]):
            raise BadBackup(f"the rows of {name} are not those that were written")
    for kind, wanted, there in (
        ("file", manifest.files, sums.files),
        ("key or anchor", manifest.others, sums.others),
    ):
        wrong = sorted(n for n in wanted.keys() | there.keys() if wanted.get(n) != there.get(n))
        if wrong:
            raise BadBackup(f"{kind} {wrong[0]} is not what it was ({len(wrong)} in all)")
