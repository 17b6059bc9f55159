"""What domains hand down: which clocks their records have (in `<domain>/clocks.py`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guanxi.kernel.errors import Message


def _nobody(_record: Any) -> int | None:
    return None


@dataclass(frozen=True)
class ClockKind:
    """A deadline that records of one type can have; who answers for it, how the record is called.

    `name` is dotted and says what is to be done ("approvals.step"); `owner` and `department` give
    ids; the team's calendar comes before the department's. `moment` is what a promise of so many
    days ahead is counted back from (the visit, the delivery).
    """

    name: str
    record_key: str
    label: Message
    owner: Callable[[Any], int | None] = _nobody
    department: Callable[[Any], int | None] = _nobody
    team: Callable[[Any], int | None] = _nobody
    label_of: Callable[[Any], str] = str
    moment: Callable[[Any], datetime | None] | None = None


_kinds: dict[str, ClockKind] = {}


def declare_clock(kind: ClockKind) -> ClockKind:
    """Add a kind of deadline; the same name twice is a mistake."""
    if kind.name in _kinds:
        raise ValueError(f"clock {kind.name} is declared twice")
    _kinds[kind.name] = kind
    return kind


def get_kind(name: str) -> ClockKind:
    """The kind of a name; KeyError when nobody declared it."""
    return _kinds[name]


def clock_kinds(record_key: str = "") -> Sequence[ClockKind]:
    """Every kind of deadline, or those of one record type."""
    found = sorted(_kinds.values(), key=lambda kind: kind.name)
    return [kind for kind in found if not record_key or kind.record_key == record_key]


def has_clocks(record_key: str) -> bool:
    """Whether records of this type have deadlines at all."""
    return any(kind.record_key == record_key for kind in _kinds.values())
