"""A figure of the table: what is done, how often, and the bound that must hold."""

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.site import Site

WARM_UP = 25


@dataclass(frozen=True)
class Measured:
    """What one figure came to."""

    name: str
    value: float
    unit: str
    bound: float | None = None
    details: dict[str, Any] = field(default_factory=dict)
    is_least: bool = False
    """Whether the bound is what must be reached, not what must not be passed."""

    @property
    def ratio(self) -> float | None:
        """The share of the bound that is used; above 1 the bound is broken."""
        if self.bound is None:
            return None
        return self.bound / self.value if self.is_least else self.value / self.bound


@dataclass
class Bench:
    """The running product with what a measurement needs to know of its data."""

    site: Site
    chance: random.Random
    customers: list[int]
    words: list[str]
    phones: list[str]
    requests: int


def cpu_per_operation(
    bench: Bench, name: str, bound: float | None, operate: Callable[[], object]
) -> Measured:
    """Milliseconds of processor time of application and database for one operation."""
    for _ in range(WARM_UP):
        operate()
    before, began, walls = bench.site.cpu(), time.monotonic(), []
    for _ in range(bench.requests):
        start = time.perf_counter()
        operate()
        walls.append((time.perf_counter() - start) * 1000)
    after = bench.site.cpu()
    parts = {k: (after[k] - before[k]) * 1000 / bench.requests for k in after}
    details = {
        **{part: round(value, 2) for part, value in parts.items()},
        "requests": bench.requests,
        "seconds": round(time.monotonic() - began, 1),
        "wall_median_ms": round(statistics.median(walls), 1),
        "wall_p95_ms": round(statistics.quantiles(walls, n=20)[-1], 1),
    }
    return Measured(name, round(sum(parts.values()), 2), "ms CPU", bound, details)
