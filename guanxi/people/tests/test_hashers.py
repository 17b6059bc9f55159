"""Hashing is argon2 and bounded (E13)."""

import threading
import time

import pytest

from guanxi.kernel.errors import TooMany
from guanxi.people import hashers

pytestmark = pytest.mark.once


def test_a_password_is_kept_as_argon2id_with_a_bounded_price():
    hasher = hashers.BoundedArgon2PasswordHasher()
    encoded = hasher.encode("Wren-harbour-42", "0123456789abcdef")
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert hasher.verify("Wren-harbour-42", encoded)
    assert not hasher.verify("wren-harbour-42", encoded)


def test_never_more_than_the_slots_hash_at_once(monkeypatch):
    monkeypatch.setattr(hashers, "_slots", threading.BoundedSemaphore(2))
    running, most, lock = [0], [0], threading.Lock()

    class Counting(hashers.Argon2PasswordHasher):
        def verify(self, password: str, encoded: str) -> bool:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            time.sleep(0.01)
            with lock:
                running[0] -= 1
            return True

    class Bounded(hashers.BoundedArgon2PasswordHasher, Counting):
        pass

    threads = [threading.Thread(target=Bounded().verify, args=("x", "y")) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 2


def test_whoever_waits_too_long_is_asked_to_come_back(monkeypatch):
    slots = threading.BoundedSemaphore(1)
    slots.acquire()
    monkeypatch.setattr(hashers, "_slots", slots)
    monkeypatch.setattr(hashers, "WAIT_SECONDS", 0.01)
    with pytest.raises(TooMany) as refused:
        hashers.BoundedArgon2PasswordHasher().encode("x", "0123456789abcdef")
    assert refused.value.retry_after == 5
