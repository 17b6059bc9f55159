"""Password hashing that cannot drown the other requests of a process (E13)."""

from __future__ import annotations

import os
import threading
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import TooMany

WAIT_SECONDS = 10.0
_slots = threading.BoundedSemaphore(max(1, (os.cpu_count() or 2) // 2))


class _Slot:
    """One of the few places for hashing; whoever waits too long is asked to come back."""

    def __enter__(self) -> None:
        if not _slots.acquire(timeout=WAIT_SECONDS):
            raise TooMany(5, _("Many people are signing in at this moment. Try again soon."))

    def __exit__(self, *_error: object) -> None:
        _slots.release()


class BoundedArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB and two passes, at most half the processors at once."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Hash a password, waiting for a free slot."""
        with _Slot():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Check a password, waiting for a free slot."""
        with _Slot():
            return super().verify(password, encoded)

    def harden_runtime(self, password: str, encoded: str) -> Any:
        """Nothing to add: parameters of older hashes cost no less."""
