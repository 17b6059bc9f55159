"""Pieces of the large company made by other processes, never more ahead than memory holds."""

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

from guanxi.customers.demo.large.past import make_piece
from guanxi.customers.demo.large.plan import SHEETS, Piece, Plan

AHEAD: Final = 4
Made = tuple[Piece, dict[str, Any]]
_plan: list[Plan] = []


def pieces_of(plan: Plan) -> Iterator[Made]:
    """Every piece in order, ready for the database; the processes end with the iterator."""
    makers = max(1, min(os.cpu_count() or 1, 8))
    pool = multiprocessing.get_context("fork").Pool(makers, _start, (plan,))
    try:
        waiting: deque[Any] = deque()
        for piece in plan.pieces():
            waiting.append(pool.apply_async(_make, (piece,)))
            if len(waiting) >= makers + AHEAD:
                yield waiting.popleft().get()
        while waiting:
            yield waiting.popleft().get()
    finally:
        pool.terminate()
        pool.join()


def _start(plan: Plan) -> None:
    """A maker leaves interruptions to the process that asked for its work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.disable()
    _plan[:] = [plan]


def _make(piece: Piece) -> Made:
    plan = _plan[0]
    rows = make_piece(plan, piece)
    if not plan.is_copied:
        return piece, rows
    return piece, {label: SHEETS[label].copied(found) for label, found in rows.items()}
