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


class Slow(hashers.Argon2PasswordHasher):
    """Takes its time, and notes how many did so at once."""

    lock, running, most = threading.Lock(), 0, 0

    def verify(self, password: str, encoded: str) -> bool:
        with self.lock:
            Slow.running += 1
            Slow.most = max(Slow.most, Slow.running)
        time.sleep(0.05)
        with self.lock:
            Slow.running -= 1
        return True


class Bounded(hashers.BoundedArgon2PasswordHasher, Slow):
    """The product's bounds around something slow."""


def test_a_crowd_is_bounded_and_the_rest_is_sent_away_at_once(monkeypatch):
    monkeypatch.setattr(hashers, "slots", hashers.Slots(at_once=2, waiting=1))
    start, ends = threading.Barrier(20), []

    def sign_in():
        start.wait()
        began = time.monotonic()
        try:
            Bounded().verify("x", "y")
            ends.append(("let in", 0.0))
        except TooMany:
            ends.append(("sent away", time.monotonic() - began))

    threads = [threading.Thread(target=sign_in) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Slow.most == 2
    sent_away = [seconds for end, seconds in ends if end == "sent away"]
    assert len(ends) == 20
    assert len(sent_away) >= 10
    assert max(sent_away) < 0.05
    assert Bounded().verify("x", "y")


def test_a_place_is_given_back_when_hashing_fails(monkeypatch):
    monkeypatch.setattr(hashers, "slots", hashers.Slots(at_once=1, waiting=0))
    hasher = hashers.BoundedArgon2PasswordHasher()
    for _ in range(3):
        with pytest.raises(AttributeError):
            hasher.encode(None, "0123456789abcdef")
