"""Reads the whole chain again and names every spot where it is broken (I11)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Max

from guanxi.kernel.audit import anchors, chain
from guanxi.kernel.audit.chain import LOGS, MARK_BYTES, Log, Sum
from guanxi.kernel.models import Seal

MOST_NAMED = 20


@dataclass(frozen=True)
class Flaw:
    """One broken spot: where, and what is wrong there."""

    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.place}: {self.words}"


@dataclass
class Verdict:
    """What a reading of the chain found."""

    seals: int = 0
    rows: int = 0
    anchors: int = 0
    unsealed: int = 0
    flaws: list[Flaw] = field(default_factory=list)


def check_trail() -> Verdict:
    """Check every seal, every row that one covers, every anchor."""
    found = Verdict()
    late = chain.late_ids()
    for seal in _seals(found):
        log = LOGS[seal.log]
        found.flaws += _check_rows(log, seal, late[log.name])
        found.seals, found.rows = found.seals + 1, found.rows + seal.count
    found.flaws += _check_windows()
    found.flaws += _check_anchors(found)
    found.unsealed = sum(_unsealed(log) for log in LOGS.values())
    return found


def _seals(found: Verdict) -> Iterator[Seal]:
    """The seals in order; what is wrong with a link itself is noted on the way."""
    previous, number = chain.FIRST, 0
    for seal in Seal.objects.order_by("number").iterator(chunk_size=200):
        place = f"seal {seal.number}"
        if seal.number != number + 1:
            found.flaws.append(Flaw(place, f"the seals from {number + 1} on before it are gone"))
        elif seal.previous != previous:
            found.flaws.append(Flaw(place, "it does not follow on the seal before it"))
        if chain.hash_of(seal) != seal.hash:
            found.flaws.append(Flaw(place, "the seal itself was edited"))
        previous, number = seal.hash, seal.number
        yield seal


def _check_rows(log: Log, seal: Seal, late: set[int]) -> list[Flaw]:
    """Whether the rows are those that were sealed; if not, which are not."""
    found = chain.sum_rows(chain.rows_under(seal, late))
    if found.digest == seal.digest:
        return []
    return _name_rows(log, seal, found)


def _name_rows(log: Log, seal: Seal, found: Sum) -> list[Flaw]:
    expected, was = chain.expected_ids(seal), _marks(bytes(seal.marks))
    then, now = (
        dict(zip(expected, was, strict=False)),
        dict(zip(found.ids, _marks(found.marks), strict=True)),
    )
    where = f"seal {seal.number}, {log.name}"
    wrong = [Flaw(f"{where} {n}", "the row was deleted") for n in expected if n not in now]
    wrong += [Flaw(f"{where} {n}", "the row was put in later") for n in found.ids if n not in then]
    changed = [n for n in expected if n in now and then.get(n) != now[n]]
    moved = Counter(then.get(n) for n in changed)
    wrong += [
        Flaw(f"{where} {n}", "the row was reordered" if moved[now[n]] else "the row was edited")
        for n in changed
    ]
    if len(wrong) > MOST_NAMED:
        more = len(wrong) - MOST_NAMED
        wrong = [*wrong[:MOST_NAMED], Flaw(where, f"and {more} more rows")]
    return wrong or [Flaw(where, "the rows are not those that were sealed")]


def _marks(marks: bytes) -> Sequence[bytes]:
    return [marks[i : i + MARK_BYTES] for i in range(0, len(marks), MARK_BYTES)]


def _check_windows() -> list[Flaw]:
    """No id of a log lies between two seals."""
    flaws = []
    for log in LOGS.values():
        expected = 1
        windows = Seal.objects.filter(log=log.name, is_late=False).order_by("number")
        for number, first, last in windows.values_list("number", "first_id", "last_id"):
            if first != expected:
                flaws.append(Flaw(f"seal {number}, {log.name}", f"it should begin at {expected}"))
            expected = last + 1
    return flaws


def _check_anchors(found: Verdict) -> list[Flaw]:
    """What stands outside the database must stand in it too."""
    flaws, last = [], Seal.objects.aggregate(last=Max("number"))["last"] or 0
    cut: anchors.Anchor | None = None
    for anchor in anchors.read_anchors():
        found.anchors += 1
        if not anchor.is_genuine:
            flaws.append(Flaw(anchor.place, "this anchor was not written by this installation"))
        elif anchor.number > last:
            cut = anchor if cut is None or anchor.number > cut.number else cut
        elif Seal.objects.filter(number=anchor.number).exclude(hash=anchor.hash).exists():
            flaws.append(Flaw(anchor.place, f"seal {anchor.number} is another one now"))
    if cut is not None:
        words = f"the tail was cut: seals {last + 1} to {cut.number} are gone (written {cut.at})"
        flaws.append(Flaw(cut.place, words))
    return flaws


def _unsealed(log: Log) -> int:
    last = Seal.objects.filter(log=log.name, is_late=False).aggregate(m=Max("last_id"))["m"] or 0
    return int(log.model._default_manager.filter(id__gt=last).count())
