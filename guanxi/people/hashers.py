"""Password hashing that cannot drown the other requests of a process (E13)."""

from __future__ import annotations

import os
import threading
from typing import Any, Final

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import TooMany

AT_ONCE: Final = max(1, (os.cpu_count() or 2) // 2)
WAITING: Final = 1
RETRY_SECONDS: Final = 2
_BUSY = _("Many people are signing in at this moment. Try again in a few seconds.")


class Slots:
    """A few places for slow work, some more for waiting; whoever comes on top is sent away at once.

    A request that waits holds a thread of the server, so many waiting would stop every page.
    """

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._running = threading.BoundedSemaphore(at_once)
        self._inside = threading.BoundedSemaphore(at_once + waiting)

    def __enter__(self) -> None:
        if not self._inside.acquire(blocking=False):
            raise TooMany(RETRY_SECONDS, _BUSY)
        self._running.acquire()

    def __exit__(self, *_error: object) -> None:
        self._running.release()
        self._inside.release()


slots = Slots()
# At most two of the server's four threads, and only one of them at work: with two, the others'
# pages took three times as long while fifty people signed in.
door = Slots(at_once=1, waiting=1)


class BoundedArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB and two passes, at most half the processors at once."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Hash a password, waiting for a free slot."""
        with slots:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Check a password, waiting for a free slot."""
        with slots:
            return super().verify(password, encoded)

    def harden_runtime(self, password: str, encoded: str) -> Any:
        """Nothing to add: parameters of older hashes cost no less."""
