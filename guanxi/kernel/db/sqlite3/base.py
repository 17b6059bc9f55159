"""SQLite that waits for the write lock with short random pauses.

SQLite's own busy handler backs off to 100 ms and lets one waiter starve for seconds;
random short pauses keep the slowest writer near the median. They grow a little with the wait:
many threads that all ask again at once would take the processor from the one that holds the lock.
"""

import random
import sqlite3
import time
from collections.abc import Callable
from typing import Any

from django.db.backends.sqlite3 import base

from guanxi.kernel.db.sqlite3.waiting import standing_in_line

WAIT_SECONDS = 20.0
ASK_AGAIN_MILLISECONDS = 2


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's SQLite backend with a fair wait for the write lock."""

    def get_new_connection(self, conn_params: Any) -> Any:
        """Open the database; from here on the cursors do the waiting."""
        connection = super().get_new_connection(conn_params)
        connection.execute(f"PRAGMA busy_timeout={ASK_AGAIN_MILLISECONDS}")
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that waits its turn."""
        del name
        cursor = self.connection.cursor(factory=PatientCursor)
        cursor.database = str(self.settings_dict["NAME"])
        return cursor


class PatientCursor(base.SQLiteCursorWrapper):
    """Waits where a lock is asked for: at the begin of a transaction, and outside of any."""

    database = ""

    def execute(self, query: Any, params: Any = None) -> Any:
        """Run one statement."""
        return self._patiently(lambda: base.SQLiteCursorWrapper.execute(self, query, params))

    def executemany(self, query: Any, param_list: Any) -> Any:
        """Run one statement for many rows."""
        rows = list(param_list)
        return self._patiently(lambda: base.SQLiteCursorWrapper.executemany(self, query, rows))

    def _patiently(self, act: Callable[[], Any]) -> Any:
        """Try again until the lock is free; inside a transaction the lock is ours already."""
        try:
            return act()
        except sqlite3.OperationalError as error:
            if not self._is_locked_out(error):
                raise
        with standing_in_line(self.database):
            return self._wait(act)

    def _wait(self, act: Callable[[], Any]) -> Any:
        start = time.monotonic()
        while True:
            waited = time.monotonic() - start
            # The pause is not a secret: any spread will do.
            time.sleep(random.uniform(0.0005, min(0.003 + waited / 10, 0.012)))  # noqa: S311
            try:
                return act()
            except sqlite3.OperationalError as error:
                if not self._is_locked_out(error) or waited > WAIT_SECONDS:
                    raise

    def _is_locked_out(self, error: sqlite3.OperationalError) -> bool:
        return "locked" in str(error) and not self.connection.in_transaction
