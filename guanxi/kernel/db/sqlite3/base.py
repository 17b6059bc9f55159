"""SQLite that waits for the write lock with short random pauses.

SQLite's own busy handler backs off to 100 ms and lets one waiter starve for seconds;
random short pauses keep the slowest writer near the median.
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
        end = time.monotonic() + WAIT_SECONDS
        self._busy_timeout(2)
        try:
            while True:
                try:
                    super()._start_transaction_under_autocommit()
                except (sqlite3.OperationalError, OperationalError) as error:
                    if "locked" not in str(error) or time.monotonic() > end:
                        raise
                    # The pause is not a secret: any spread will do.
                    time.sleep(random.uniform(0.0005, 0.003))  # noqa: S311
                else:
                    return
        finally:
            self._busy_timeout(int(WAIT_SECONDS * 1000))

    def _busy_timeout(self, milliseconds: int) -> None:
        self.connection.execute(f"PRAGMA busy_timeout={milliseconds}")
