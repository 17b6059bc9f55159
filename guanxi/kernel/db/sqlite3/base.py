"""SQLite that waits for the write lock with short random pauses.

SQLite's own busy handler backs off to 100 ms and lets one waiter starve for seconds;
random short pauses keep the slowest writer near the median. They grow a little with the wait:
many threads that all ask again at once would take the processor from the one that holds the lock.
"""

import random
import sqlite3
import time

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

WAIT_SECONDS = 20.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's SQLite backend with a fair wait for the write lock."""

    def _start_transaction_under_autocommit(self) -> None:
        start = time.monotonic()
        self._busy_timeout(2)
        try:
            while True:
                try:
                    super()._start_transaction_under_autocommit()  # type: ignore[misc]
                except (sqlite3.OperationalError, OperationalError) as error:
                    waited = time.monotonic() - start
                    if "locked" not in str(error) or waited > WAIT_SECONDS:
                        raise
                    # The pause is not a secret: any spread will do.
                    time.sleep(random.uniform(0.0005, min(0.003 + waited / 10, 0.05)))  # noqa: S311
                else:
                    return
        finally:
            self._busy_timeout(int(WAIT_SECONDS * 1000))

    def _busy_timeout(self, milliseconds: int) -> None:
        self.connection.execute(f"PRAGMA busy_timeout={milliseconds}")
