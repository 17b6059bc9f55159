"""The archive: old parts of the trail as signed files, which `verify` reads anywhere (M06).

Rows stay in the database, whose role cannot delete them; the file is what an auditor takes away
and what still stands when the database is gone. Personal values of events are not in it.
"""

import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from guanxi.kernel.audit import chain, signing
from guanxi.kernel.audit.chain import canonical
from guanxi.kernel.audit.checking import Flaw, Verdict
from guanxi.kernel.models import Seal

FORMAT: Final = "guanxi-audit-1"
MONTH: Final = timedelta(days=30.5)
_SEAL: Final = (
    *("number", "log", "form", "first_id", "last_id", "count", "gaps", "is_late", "ids"),
    *("digest", "sealed_at", "previous", "hash"),
)


def folder() -> Path:
    """Where the archives lie."""
    return Path(settings.DATA_DIR) / "archive"


def write_archive(*, at: datetime, months: int | None = None) -> Path | None:
    """Write the seals older than the time that is kept, and their rows; None when none is new."""
    kept = settings.AUDIT_KEEP_MONTHS if months is None else months
    old = Seal.objects.filter(number__gt=_last_archived(), sealed_at__lt=at - kept * MONTH)
    first, last = old.order_by("number").first(), old.order_by("-number").first()
    if first is None or last is None:
        return None
    folder().mkdir(parents=True, exist_ok=True)
    path = folder() / f"audit-{first.number:09}-{last.number:09}.jsonl.gz"
    temporary = path.with_suffix(".part")
    seals = Seal.objects.filter(number__gte=first.number, number__lte=last.number)
    with temporary.open("wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as out:
            digest = hashlib.sha256()
            for line in _lines(first, seals.order_by("number").iterator(chunk_size=200), at):
                digest.update(line)
                out.write(line)
            trailer = {"sha256": digest.hexdigest(), "signature": signing.sign(digest.digest())}
            out.write(canonical(trailer) + b"\n")
        raw.flush()
        os.fsync(raw.fileno())
    temporary.rename(path)
    return path


def _last_archived() -> int:
    names = [path.name.split("-")[2].split(".")[0] for path in folder().glob("audit-*.jsonl.gz")]
    return max((int(name) for name in names), default=0)


def _lines(first: Seal, seals: Iterator[Seal], at: datetime) -> Iterator[bytes]:
    head = {"format": FORMAT, "written_at": at, "follows": first.previous}
    yield canonical({**head, "public_key": signing.public_key()}) + b"\n"
    late = chain.late_ids()
    for seal in seals:
        said = {name: getattr(seal, name) for name in _SEAL}
        yield canonical({**said, "marks": bytes(seal.marks).hex()}) + b"\n"
        for row in chain.rows_under(seal, late[seal.log]):
            yield canonical(row) + b"\n"


def is_archive(path: Path) -> bool:
    """Whether a file looks like an archive of the trail."""
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def check_archive(path: Path) -> Verdict:
    """Check the signature, every seal and every row of an archive, without a database."""
    found = Verdict()
    try:
        with gzip.open(path, "rb") as lines:
            _read(iter(lines), found)
    except (OSError, EOFError, ValueError, KeyError, TypeError, IndexError) as error:
        found.flaws.append(Flaw(path.name, f"it cannot be read: {error or 'it ends too early'}"))
    return found


def _read(lines: Iterator[bytes], found: Verdict) -> None:
    digest = hashlib.sha256()
    first = next(lines, b"{}")
    digest.update(first)
    head = json.loads(first)
    if head.get("format") != FORMAT:
        raise ValueError("it is no archive of the trail")
    previous = head["follows"]
    for line in lines:
        kept = json.loads(line)
        if "signature" in kept:
            _check_trailer(kept, digest, head["public_key"], found)
            return
        digest.update(line)
        previous = _check_seal(kept, previous, lines, digest, found)
    raise ValueError("it ends before its signature")


def _check_seal(
    kept: dict[str, Any], previous: str, lines: Iterator[bytes], digest: Any, found: Verdict
) -> str:
    place = f"seal {kept['number']}"
    seal = Seal(**{name: kept[name] for name in _SEAL}, marks=bytes.fromhex(kept["marks"]))
    seal.sealed_at = datetime.fromisoformat(kept["sealed_at"])
    if kept["previous"] != previous:
        found.flaws.append(Flaw(place, "it does not follow on the seal before it"))
    if chain.hash_of(seal) != kept["hash"]:
        found.flaws.append(Flaw(place, "the seal itself was edited"))
    rows = []
    for _ in range(kept["count"]):
        line = next(lines)
        digest.update(line)
        rows.append(json.loads(line))
    if chain.sum_rows(rows).digest != kept["digest"]:
        found.flaws.append(Flaw(place, f"the {kept['log']} are not those that were sealed"))
    found.seals, found.rows = found.seals + 1, found.rows + kept["count"]
    return str(kept["hash"])


def _check_trailer(kept: dict[str, Any], digest: Any, public: str, found: Verdict) -> None:
    if kept["sha256"] != digest.hexdigest():
        found.flaws.append(Flaw("the file", "its content was changed"))
    if not signing.is_signed(digest.digest(), kept["signature"], public):
        found.flaws.append(Flaw("the file", "the signature is not that of its public key"))
    if public != signing.public_key():
        found.flaws.append(Flaw("the file", "another installation has signed it"))
