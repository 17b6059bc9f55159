"""What happens to a clock: the events of its ledger, in the one order in which they count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from guanxi.deadlines.rules.calendars import Calendar, Day
from guanxi.deadlines.rules.promises import Target
from guanxi.deadlines.rules.times import Impossible


class Kind(StrEnum):
    """What can happen to a clock; at the same instant the earlier of these comes first."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    UPDATE = "update"
    REOPEN = "reopen"
    DELIVERY_FAILED = "delivery_failed"
    RETARGET = "retarget"
    TRANSFER = "transfer"
    CALENDAR_CHANGED = "calendar_changed"
    EXCUSE = "excuse"
    CANCEL = "cancel"


RANK: Final = {kind: rank for rank, kind in enumerate(Kind)}


@dataclass(frozen=True)
class Entry:
    """One event of a ledger; `target`, `calendar` and `overrides` only where the kind has them."""

    kind: Kind
    at: int
    id: int | str = 0
    reason: str = ""
    target: Target | None = None
    calendar: Calendar | None = None
    overrides: Mapping[date, Day] | None = None

    @property
    def place(self) -> tuple[int, int, str, int | str]:
        """Where the event stands in its ledger, whenever it arrived."""
        return self.at, RANK[self.kind], type(self.id).__name__, self.id


def in_order(entries: Iterable[Entry], until: int) -> list[Entry]:
    """The events up to an instant in their order, each once, without the stops that failed."""
    once = {entry.place: entry for entry in entries if entry.at <= until}
    ordered = [once[place] for place in sorted(once)]
    kept: list[Entry] = []
    for entry in ordered:
        if entry.kind is Kind.DELIVERY_FAILED:
            _take_last_stop(kept)
        else:
            kept.append(entry)
    return kept


def _take_last_stop(entries: list[Entry]) -> None:
    for index in range(len(entries) - 1, -1, -1):
        if entries[index].kind is Kind.STOP:
            del entries[index]
            return


def start_of(entries: Iterable[Entry]) -> Entry:
    """The first start of a ledger."""
    starts = [entry for entry in entries if entry.kind is Kind.START]
    if not starts:
        raise Impossible("a clock has a start")
    return min(starts, key=lambda entry: entry.place)
