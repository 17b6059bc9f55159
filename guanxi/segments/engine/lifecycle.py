"""Finds the stage of every customer at the end of a day, by the first rule that fits (SEG-5)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from guanxi.segments.engine.rating import Ints, input_hash, places
from guanxi.segments.engine.warehouse import Warehouse
from guanxi.segments.lifecycle import rules

COLUMNS = ("purchases", "tenure", "silence", "habit", "pause")


@dataclass(frozen=True)
class Found:
    """For each customer the place of its rule (-1 for none) and what it is due to, in days."""

    place: Ints
    measured: dict[str, Ints]
    usual: int
    input_hash: str

    @property
    def result_hash(self) -> str:
        """The same for the same result, whichever machine computed it."""
        digest = hashlib.sha256()
        for column in (self.place, *self.measured.values()):
            digest.update(np.ascontiguousarray(column, dtype="<i8").tobytes())
        return digest.hexdigest()


def find_stages(
    warehouse: Warehouse, given: Sequence[Mapping[str, Any]], customers: Ints, as_of: date
) -> Found:
    """The stages of these customers (rising numbers) by what was known at the end of a day."""
    lately = as_of - timedelta(days=rules.LATELY)
    found = warehouse.columns("habits", as_of=as_of, lately=lately)
    rows, here = places(customers, found["customer"])
    usual = _usual(found["own"])
    taken = {key: found[key][here] for key in ("purchases", "tenure", "silence", "pause")}
    taken["habit"] = habit(found["own"][here], taken["purchases"], usual)
    measured = {key: np.zeros(len(customers), dtype=np.int64) for key in COLUMNS}
    for key in COLUMNS:
        measured[key][rows] = taken[key]
    return Found(_first_fit(given, measured), measured, usual, input_hash(warehouse, as_of))


def _usual(own: Any) -> int:
    """What is usual between two purchases, of all who bought on two days at least."""
    known = own[~np.isnan(own)] if len(own) else own
    return max(1, round(float(np.median(known)))) if len(known) else rules.FALLBACK


def habit(own: Any, purchases: Any, usual: int) -> Any:
    """The usual days between two purchases: the fewer there are, the more what is usual counts."""
    pauses = purchases - 1
    mine = np.where(np.isnan(own), 0, own)
    days = (pauses * mine + rules.SHRINK * usual) / (pauses + rules.SHRINK)
    return np.maximum(np.rint(days), 1).astype(np.int64)


def _first_fit(given: Sequence[Mapping[str, Any]], measured: Mapping[str, Ints]) -> Ints:
    """The place of the first rule within whose limits a customer lies."""
    usual = np.maximum(measured["habit"], 1)
    values = dict(measured)
    for key in ("silence", "pause"):
        values[key] = 100 * measured[key] // usual
    has_bought = measured["purchases"] > 0
    place = np.full(len(has_bought), -1, dtype=np.int64)
    for number, rule in enumerate(given):
        bounds = rules.bounds_of(rule)
        # Who never bought has no habit: only a rule about purchases alone can fit.
        fits = (place < 0) & (has_bought | (set(bounds) == {"purchases"}))
        for name, (low, high) in bounds.items():
            fits &= values[name] >= (low or 0)
            if high is not None:
                fits &= values[name] <= high
        place[fits] = number
    return place
