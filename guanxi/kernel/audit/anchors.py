"""The anchor: the last seal of each day's work, written outside the database and signed.

A tail that is cut from the database together with its seals still stands in the anchor file.
Name a second folder in GUANXI_ANCHOR_DIR, on another machine or a medium that is written once.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from guanxi.kernel.audit import signing
from guanxi.kernel.audit.chain import canonical
from guanxi.kernel.models import Seal


@dataclass(frozen=True)
class Anchor:
    """One line of an anchor file, and whether this installation has written it so."""

    place: str
    number: int
    hash: str
    at: str
    is_genuine: bool


def folders() -> list[Path]:
    """Where anchors lie: in the data folder, and wherever else the operator says."""
    also = [Path(settings.ANCHOR_DIR)] if settings.ANCHOR_DIR else []
    return [Path(settings.DATA_DIR) / "anchors", *also]


def write_anchor(*, at: datetime) -> None:
    """Add the last seal to the day's file in every folder, once for each seal."""
    last = Seal.objects.order_by("-number").first()
    if last is None:
        return
    said = {"number": last.number, "hash": last.hash, "at": _stamp(at)}
    line = json.dumps({**said, "signature": signing.sign(canonical(said))}) + "\n"
    errors = []
    for folder in folders():
        try:
            _append(folder / f"{at.astimezone(UTC):%Y-%m-%d}.jsonl", line, last.number)
        except OSError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _append(path: Path, line: str, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    known = path.read_text("utf-8") if path.exists() else ""
    if f'"number": {number},' in known.rpartition("\n{")[2]:
        return
    with path.open("a", encoding="utf-8") as stream:
        stream.write(line if known.endswith("\n") or not known else f"\n{line}")
        stream.flush()
        os.fsync(stream.fileno())


def read_anchors() -> Iterator[Anchor]:
    """Every anchor of every folder, oldest first."""
    public = signing.public_key()
    for folder in folders():
        for path in sorted(folder.glob("*.jsonl")):
            lines = path.read_text("utf-8", errors="replace").splitlines()
            for position, line in enumerate(lines, start=1):
                found = _read(line, f"{path}:{position}", public)
                # A line that a crash cut short was never an anchor.
                if found.number or position < len(lines):
                    yield found


def _read(line: str, place: str, public: str) -> Anchor:
    try:
        kept = json.loads(line)
        said = {name: kept[name] for name in ("number", "hash", "at")}
        is_genuine = signing.is_signed(canonical(said), str(kept["signature"]), public)
        return Anchor(place, int(said["number"]), str(said["hash"]), str(said["at"]), is_genuine)
    except (ValueError, KeyError, TypeError):
        return Anchor(place, 0, "", "", is_genuine=False)
