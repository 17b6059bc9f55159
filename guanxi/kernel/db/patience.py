"""How long one request waits for the database, all its questions together (H10).

A database that is away says so at once. One that is there and does not answer, or only seconds
later, would hold a web process's threads until nobody is served: a request gives up before that.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Patience:
    """What is left of it."""

    seconds: float

    @contextmanager
    def spent(self) -> Iterator[None]:
        """Take off what passes within the block."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds = max(0.0, self.seconds - (time.monotonic() - start))


_current: ContextVar[Patience | None] = ContextVar("patience", default=None)


def current() -> Patience | None:
    """The patience of the request that is being answered; none in workers and commands."""
    return _current.get()


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Within the block all waiting for the database ends after so many seconds."""
    token = _current.set(Patience(seconds))
    try:
        yield
    finally:
        _current.reset(token)
