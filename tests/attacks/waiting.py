"""A password hasher that lets a crowd past every check before it looks at the first password."""

import threading
import time
from typing import Any

from django.contrib.auth.hashers import MD5PasswordHasher


class WaitingHasher(MD5PasswordHasher):
    """Everybody waits at the gate; then wrong passwords are told at once, the right one last."""

    algorithm = "waiting"
    gate: Any = None

    def verify(self, password: str, encoded: str) -> bool:
        """Whether it is the password, as late as an attacker could wish."""
        if WaitingHasher.gate is not None:
            WaitingHasher.gate.wait(20)
        is_right = super().verify(password, encoded)
        if is_right and WaitingHasher.gate is not None:
            time.sleep(1.5)
        return is_right


def gate(size: int) -> None:
    """Let so many in together; with 0 nobody waits."""
    WaitingHasher.gate = threading.Barrier(size) if size else None
