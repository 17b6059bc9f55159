"""Seals what was written since the last time; called by the worker, switched off by nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from guanxi.kernel.audit import chain
from guanxi.kernel.audit.chain import LOGS, Log
from guanxi.kernel.models import Seal

ROWS_IN_SEAL: Final = 2000
ROWS_AT_ONCE: Final = 20_000
#: How long a transaction may have run and still have its rows sealed without a question.
LATEST: Final = timedelta(hours=48)


@dataclass(frozen=True)
class Window:
    """What one seal is about to cover."""

    log: Log
    first: int
    last: int
    ids: tuple[int, ...] = ()

    @property
    def is_late(self) -> bool:
        """Whether these rows were committed into gaps of earlier seals."""
        return bool(self.ids)


def seal_due(*, at: datetime, most: int = ROWS_AT_ONCE) -> int:
    """Seal the rows of every log that no seal covers yet, some thousands at once; how many."""
    done = 0
    for log in LOGS.values():
        done += _seal_late(log, at)
        while done < most and (count := _seal_next(log, at)):
            done += count
    return done


def _seal_next(log: Log, at: datetime) -> int:
    """Seal the next window of a log."""
    last = _last_sealed(log)
    ids = list(
        log.model._default_manager.filter(id__gt=last)
        .order_by("id")
        .values_list("id", flat=True)[:ROWS_IN_SEAL]
    )
    return _write(Window(log, last + 1, ids[-1]), at) if ids else 0


def _last_sealed(log: Log) -> int:
    found = Seal.objects.filter(log=log.name, is_late=False).aggregate(last=Max("last_id"))
    return found["last"] or 0


def _seal_late(log: Log, at: datetime) -> int:
    """Seal rows that a long transaction committed between others, in a seal that names them."""
    recent = Seal.objects.filter(log=log.name, sealed_at__gt=at - LATEST)
    gaps = [
        tuple(gap) for seal in recent.filter(is_late=False).exclude(gaps=[]) for gap in seal.gaps
    ]
    known = {number for seal in recent.filter(is_late=True) for number in seal.ids}
    late = sorted(set(_rows_in(log, gaps)) - known)
    done = 0
    for start in range(0, len(late), ROWS_IN_SEAL):
        ids = tuple(late[start : start + ROWS_IN_SEAL])
        done += _write(Window(log, ids[0], ids[-1], ids), at)
    return done


def _rows_in(log: Log, gaps: Sequence[tuple[int, ...]]) -> list[int]:
    found: list[int] = []
    for start in range(0, len(gaps), 100):
        ranges = Q()
        for first, last in gaps[start : start + 100]:
            ranges |= Q(id__gte=first, id__lte=last)
        found += log.model._default_manager.filter(ranges).values_list("id", flat=True)
    return found


def _write(window: Window, at: datetime) -> int:
    """Write one seal after the last; of two workers at once, one writes."""
    log = window.log
    rows = (
        chain.rows_of(log, chain.FORM, window.ids)
        if window.is_late
        else chain.rows_between(log, chain.FORM, window.first, window.last)
    )
    found = chain.sum_rows(rows)
    try:
        with transaction.atomic():
            before = Seal.objects.order_by("-number").first()
            seal = Seal(
                number=before.number + 1 if before else 1,
                log=log.name,
                form=chain.FORM,
                first_id=window.first,
                last_id=window.last,
                count=len(found.ids),
                gaps=[] if window.is_late else chain.gaps_in(found.ids, window.first, window.last),
                is_late=window.is_late,
                ids=list(window.ids),
                digest=found.digest,
                marks=found.marks,
                sealed_at=at,
                previous=before.hash if before else chain.FIRST,
            )
            if not window.is_late and _last_sealed(log) != window.first - 1:
                return 0  # Another worker has just sealed it.
            seal.hash = chain.hash_of(seal)
            seal.save(force_insert=True)
    except IntegrityError:
        return 0  # The other worker was faster.
    return seal.count
