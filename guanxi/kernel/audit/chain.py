"""What a seal says and how it is computed: the same on every database, today and in ten years.

A seal covers the rows of one log between two ids, names the ids that were not there, and carries
the hash of the seal before it. A row that was committed late into such a gap is never lost: a
later seal names it. `form` says which columns were hashed, so that a column added later leaves
older seals valid.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from guanxi.kernel.models import AccessEntry, Event, Seal

FORM: Final = 1
MARK_BYTES: Final = 4
FIRST: Final = "0" * 64
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Log:
    """One append-only table of the trail, with the columns that each form of seal covers."""

    name: str
    model: type[Event] | type[AccessEntry]
    columns: Mapping[int, tuple[str, ...]]


LOGS: Final = {
    log.name: log
    for log in (
        Log(
            "events",
            Event,
            {
                1: (
                    *("id", "kind", "subject_type", "subject_id", "subject_label", "customer_id"),
                    *("actor_user_id", "actor_label", "channel", "at", "data", "cause_id"),
                    *("request_id", "ip", "is_on_timeline"),
                )
            },
        ),
        Log(
            "accesses",
            AccessEntry,
            {
                1: (
                    *("id", "action", "subject_type", "subject_id", "customer_id"),
                    *("actor_user_id", "actor_label", "channel", "at", "fields", "reason"),
                    *("request_id", "ip"),
                )
            },
        ),
    )
}


def canonical(values: Sequence[Any] | Mapping[str, Any]) -> bytes:
    """Values as the one text that is hashed."""
    return json.dumps(
        values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_text
    ).encode()


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value)


@dataclass(frozen=True)
class Sum:
    """The digest of some rows and a short mark of each, by which a changed one is named."""

    digest: str
    marks: bytes
    ids: tuple[int, ...]


def sum_rows(rows: Iterable[Row]) -> Sum:
    """Hash rows in their order; the first column is the id."""
    whole, marks, ids = hashlib.sha256(), bytearray(), []
    for row in rows:
        # Its number apart: a row that moved keeps its mark, and is told from an edited one.
        digest = hashlib.sha256(canonical(row[1:])).digest()
        whole.update(b"%d " % row[0] + digest)
        marks += digest[:MARK_BYTES]
        ids.append(int(row[0]))
    return Sum(whole.hexdigest(), bytes(marks), tuple(ids))


def rows_between(log: Log, form: int, first: int, last: int) -> Iterator[Row]:
    """The rows of a log between two ids, both included."""
    found = log.model._default_manager.filter(id__gte=first, id__lte=last).order_by("id")
    yield from found.values_list(*log.columns[form]).iterator(chunk_size=2000)


def rows_of(log: Log, form: int, ids: Sequence[int]) -> Iterator[Row]:
    """The rows of a log with these ids."""
    found = log.model._default_manager.filter(id__in=ids).order_by("id")
    yield from found.values_list(*log.columns[form])


def rows_under(seal: Seal, late: Collection[int]) -> Iterator[Row]:
    """The rows that a seal covers, as they are now; `late` are the ids of later seals."""
    log = LOGS[seal.log]
    if seal.is_late:
        yield from rows_of(log, seal.form, seal.ids)
        return
    for row in rows_between(log, seal.form, seal.first_id, seal.last_id):
        if row[0] not in late or not is_in_gap(int(row[0]), seal.gaps):
            yield row


def late_ids() -> dict[str, set[int]]:
    """The ids of every log that a later seal covers, not that of their window."""
    late: dict[str, set[int]] = {name: set() for name in LOGS}
    for log, ids in Seal.objects.filter(is_late=True).values_list("log", "ids"):
        late[log].update(ids)
    return late


def gaps_in(ids: Sequence[int], first: int, last: int) -> list[list[int]]:
    """The ranges of ids between two that are not among the given ones."""
    gaps, expected = [], first
    for each in ids:
        if each > expected:
            gaps.append([expected, each - 1])
        expected = each + 1
    if expected <= last:
        gaps.append([expected, last])
    return gaps


def is_in_gap(number: int, gaps: Sequence[Sequence[int]]) -> bool:
    """Whether an id lies in one of the ranges."""
    return any(first <= number <= last for first, last in gaps)


def expected_ids(seal: Seal) -> list[int]:
    """The ids of the rows that a seal covers."""
    if seal.is_late:
        return list(seal.ids)
    found: list[int] = []
    expected = seal.first_id
    for first, last in seal.gaps:
        found += range(expected, first)
        expected = last + 1
    return [*found, *range(expected, seal.last_id + 1)]


def hash_of(seal: Seal) -> str:
    """The hash that a seal must carry: over everything it says and the seal before it."""
    said = [
        *(seal.number, seal.log, seal.form, seal.first_id, seal.last_id, seal.count, seal.gaps),
        *(seal.is_late, seal.ids, seal.digest, hashlib.sha256(bytes(seal.marks)).hexdigest()),
        *(seal.sealed_at, seal.previous),
    ]
    return hashlib.sha256(canonical(said)).hexdigest()
