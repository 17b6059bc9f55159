"""Ends a worker whose work shows no sign of life: its row is tried again, then parked (H15).

The clock runs beside the interpreter, so that it also ends a loop that lets nothing else run.
"""

import faulthandler
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

#: No step between two signs of life of any work takes nearly as long.
ENDLESS_SECONDS: Final = 15 * 60
_watched: list[float] = []


@contextmanager
def watched(seconds: float | None = None) -> Iterator[None]:
    """Within this block the process ends when no sign of life comes for so long."""
    _watched.append(ENDLESS_SECONDS if seconds is None else seconds)
    try:
        show_life()
        yield
    finally:
        _watched.pop()
        faulthandler.cancel_dump_traceback_later()
        show_life()


def show_life() -> None:
    """Begin to count anew, where somebody watches; what hung is then written to the log."""
    if _watched and sys.__stderr__ is not None:
        faulthandler.dump_traceback_later(_watched[-1], exit=True, file=sys.__stderr__)
