"""How late people hear of a deadline: a thousand fall due while the worker has its usual work."""

import statistics
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from benchmarks.figures import Bench, Measured

CLOCKS: Final = 1_000
#: They fall due one after the other within so many seconds.
SPREAD: Final = 60
AHEAD: Final = 15
BOUND: Final = 10.0
_PATIENCE: Final = 120


def measure(bench: Bench) -> list[Measured]:
    """From the due instant until the notice can be seen in the database, by the wall clock."""
    del bench
    late = seen_late(start(CLOCKS, SPREAD, AHEAD))
    worst = statistics.quantiles(late, n=100)[-1]
    details = {
        "alerts": len(late),
        "median_s": round(statistics.median(late), 2),
        "most_s": round(max(late), 2),
    }
    return [Measured("lateness of alerts", round(worst, 2), "s p99", BOUND, details)]


def start(count: int, spread: int, ahead: int) -> dict[int, datetime]:
    """Running clocks of customers that their owners hear of; when each is due, by customer."""
    from guanxi.customers.models import Customer
    from guanxi.deadlines import services
    from guanxi.deadlines.services import Level, Measure, Promise, Target
    from guanxi.kernel.actor import system_actor

    rows = list(Customer.objects.filter(owner__isnull=False).order_by("pk")[:count])
    at, actor = datetime.now(UTC), system_actor()
    levels = (Level("due", percent=100, to=("owner",)),)
    dues = {}
    for number, customer in enumerate(rows):
        seconds = ahead + spread * number // len(rows)
        promise = Promise(Target(Measure.CALENDAR, seconds), levels=levels)
        services.start_clock(
            customer, "customers.enter", promise=promise, key="alerts", actor=actor, at=at
        )
        dues[customer.pk] = at + timedelta(seconds=seconds)
    return dues


def seen_late(dues: Mapping[int, datetime]) -> list[float]:
    """Seconds from each due instant until its notice is there; asked ten times a second."""
    from guanxi.notifications.models import Notification

    seen: dict[int, float] = {}
    end = time.monotonic() + _PATIENCE + SPREAD
    kinds = Notification.objects.filter(
        kind="deadlines.overdue", subject_type="customers.customer", key__startswith="clock:"
    )
    while len(seen) < len(dues) and time.monotonic() < end:
        now = datetime.now(UTC)
        for pk in kinds.values_list("subject_id", flat=True):
            if int(pk) in dues and int(pk) not in seen:
                seen[int(pk)] = (now - dues[int(pk)]).total_seconds()
        time.sleep(0.1)
    if len(seen) < len(dues):
        raise RuntimeError(f"{len(dues) - len(seen)} of {len(dues)} deadlines were told to nobody")
    return list(seen.values())
