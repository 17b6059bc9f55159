"""How much one caller may ask of one process: requests, tries, heavy reads at once (L05, B05).

The counts live in each web process: they cost nothing and need no shared store, and a caller
gets at most the limit times the number of processes.
"""

import math
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from django.conf import settings

from guanxi.kernel.errors import TooMany

REMEMBERED = 20_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class RateLimit:
    """Token buckets per caller: `burst` at once, refilled at `per_minute`."""

    def __init__(self, per_minute: int, burst: int) -> None:
        self.rate, self.burst = per_minute / 60, float(burst)
        self._buckets: OrderedDict[Hashable, _Bucket] = OrderedDict()
        self._lock = Lock()

    def take(self, caller: Hashable, now: float | None = None) -> None:
        """Count one request, or raise TooMany with the seconds until the next may come."""
        with self._lock:
            self._filled(caller, now).tokens -= 1

    def require(self, caller: Hashable, now: float | None = None) -> None:
        """Raise TooMany when nothing is left, without counting: what counts is known later."""
        with self._lock:
            if caller in self._buckets:
                self._filled(caller, now)

    def _filled(self, caller: Hashable, now: float | None) -> _Bucket:
        """The caller's bucket as it stands now, with at least one token in it."""
        now = monotonic() if now is None else now
        bucket = self._buckets.get(caller)
        if bucket is None:
            bucket = self._buckets[caller] = _Bucket(self.burst, now)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(caller)
        bucket.tokens = min(self.burst, bucket.tokens + (now - bucket.filled_at) * self.rate)
        bucket.filled_at = now
        if bucket.tokens < 1:
            raise TooMany(max(1, math.ceil((1 - bucket.tokens) / self.rate)))
        return bucket

    def forget(self) -> None:
        """Start anew."""
        with self._lock:
            self._buckets.clear()


class Slots:
    """How many heavy requests of one caller run at the same time."""

    def __init__(self, each: int, retry_after: int = 2) -> None:
        self.each, self.retry_after = each, retry_after
        self._taken: dict[Hashable, int] = {}
        self._lock = Lock()

    @contextmanager
    def hold(self, caller: Hashable) -> Iterator[None]:
        """Take a slot for the block, or raise TooMany."""
        with self._lock:
            taken = self._taken.get(caller, 0)
            if taken >= self.each:
                raise TooMany(self.retry_after)
            self._taken[caller] = taken + 1
        try:
            yield
        finally:
            with self._lock:
                self._taken[caller] -= 1
                if not self._taken[caller]:
                    del self._taken[caller]


callers = RateLimit(settings.API_REQUESTS_PER_MINUTE, settings.API_BURST)
strangers = RateLimit(settings.API_STRANGERS_PER_MINUTE, settings.API_STRANGERS_PER_MINUTE)
heavy_reads = Slots(each=2)
probes = RateLimit(per_minute=2, burst=20)
#: A form is kept every few seconds while one types in it, and says every ten that it is in use.
drafts = RateLimit(per_minute=60, burst=60)
presence = RateLimit(per_minute=120, burst=60)
