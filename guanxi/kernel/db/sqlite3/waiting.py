"""Who waits for SQLite's write lock is seen by long work, which then lets them go first.

SQLite has no queue: whoever asks at the right moment gets the lock. Work that takes it again and
again leaves only moments in between, which a waiting page may miss time after time. Those who wait
hold a file beside the database, shared among them; to hold it alone is to know that nobody waits.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection

LONGEST_SECONDS: Final = 0.1
ASK_AGAIN_SECONDS: Final = 0.0005
_ENDING: Final = "-waiting"


@contextmanager
def standing_in_line(database: str) -> Iterator[None]:
    """Be seen as one who waits."""
    descriptor = _open(database)
    if descriptor is None:
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)  # Held alone only for a moment, by give_way.
        yield
    finally:
        os.close(descriptor)


def give_way() -> None:
    """Between two short transactions of long work: let those who wait write first."""
    if connection.vendor != "sqlite":
        return
    descriptor = _open(str(connection.settings_dict["NAME"]))
    if descriptor is None:
        return
    until = time.monotonic() + LONGEST_SECONDS
    try:
        while time.monotonic() < until:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(ASK_AGAIN_SECONDS)
            else:
                return
    finally:
        os.close(descriptor)


def _open(database: str) -> int | None:
    """The file beside the database; None for one in memory, or where nothing can be written."""
    if ":memory:" in database or "mode=memory" in database:
        return None
    try:
        return os.open(f"{database}{_ENDING}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
