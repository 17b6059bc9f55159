"""PostgreSQL that is given up on when it does not answer: a request waits only so long (H10).

A connection that is kept is looked at before a request, not asked: a server that has gone away has
closed its end, and one that goes says so first. A question would cost every request a round trip.
"""

import select
from types import SimpleNamespace
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg import errors

from guanxi.kernel.db.patience import current


class PatientConnection(psycopg.Connection[Any]):
    """Waits for an answer as long as the request has patience."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """One exchange with the server; a connection that did not answer is not used again."""
        patience = current()
        if patience is None:
            return super().wait(gen, interval, timeout)
        left = patience.seconds if timeout is None else min(timeout, patience.seconds)
        with patience.spent():
            try:
                return super().wait(gen, interval, left)
            except errors._WaitTimeout as error:  # noqa: SLF001  the library's own word for it
                self.pgconn.finish()
                raise psycopg.OperationalError("the server did not answer in time") from error


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL backend with connections that lose patience."""

    # A module but for this one word.
    Database = SimpleNamespace(  # type: ignore[assignment]
        **{**vars(psycopg), "connect": PatientConnection.connect}
    )

    def is_usable(self) -> bool:
        """Whether the connection that is kept can be used again; asked only if it has news."""
        connection = self.connection
        if connection is None or connection.closed:
            return False
        look = select.poll()
        look.register(connection.fileno(), select.POLLIN)
        return bool(super().is_usable()) if look.poll(0) else True
