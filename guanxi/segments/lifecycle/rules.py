"""What a stage's rule may say, and what a customer's stage is due to, who is left alone: pure."""

import hashlib
import math
from collections.abc import Mapping
from typing import Any, Final

from guanxi.kernel.errors import RuleViolation
from guanxi.segments.lifecycle import messages
from guanxi.segments.lifecycle.choices import BOUNDS

Values = dict[str, Any]
Bounds = tuple[int | None, int | None]
#: How many pauses of a customer's own weigh as much as what is usual with all customers.
SHRINK: Final = 3
#: Within so many days a customer who was away for long counts as back.
LATELY: Final = 90
#: What is usual when nobody has bought twice.
FALLBACK: Final = 90
#: Of a hundred, at most so many are left alone for comparison.
MOST_CONTROL: Final = 50
#: How long it counts as the effect of a warning when a customer buys again.
EFFECT_DAYS: Final = 180
_Z: Final = 1.959964


def check_stage(values: Values, current: Mapping[str, Any]) -> Values:
    """The lower limit of each bound is not above the upper one."""
    for name in BOUNDS:
        low, high = (values.get(n, current.get(n)) for n in (f"{name}_from", f"{name}_to"))
        if low is not None and high is not None and low > high:
            raise RuleViolation("bad_bounds", messages.BAD_BOUNDS, f"{name}_from")
    if (values.get("control_percent") or 0) > MOST_CONTROL:
        raise RuleViolation("bad_percent", messages.BAD_PERCENT, "control_percent")
    return values


def bounds_of(rule: Mapping[str, Any]) -> dict[str, Bounds]:
    """The limits of a rule that say something."""
    pairs = {name: (rule.get(f"{name}_from"), rule.get(f"{name}_to")) for name in BOUNDS}
    return {name: pair for name, pair in pairs.items() if pair != (None, None)}


def share(days: int, habit: int) -> int:
    """Days as percent of the customer's usual days between two purchases, rounded down."""
    return 100 * days // habit


# Warnings -----------------------------------------------------------------------------------------
def is_drawn(run_id: int, customer_id: int, mark: str, percent: int) -> bool:
    """Whether the lot puts a customer into the control group; the same however often it is drawn.

    The mark is the hash of the facts, which nobody can choose.
    """
    lot = hashlib.sha256(f"{mark}:{run_id}:{customer_id}".encode()).digest()
    return int.from_bytes(lot[:8], "big") % 100 < percent


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    if not n:
        return 0.0, 1.0
    p, zz = hits / n, _Z * _Z
    middle, reach = p + zz / (2 * n), _Z * math.sqrt(p * (1 - p) / n + zz / (4 * n * n))
    return (middle - reach) / (1 + zz / n), (middle + reach) / (1 + zz / n)


def uplift(hits: int, n: int, control_hits: int, control_n: int) -> tuple[float, float, float]:
    """How much larger a share is than the control group's, with its 95 % interval.

    Newcombe's hybrid of Wilson's intervals (1998, method 10).
    """
    p, q = hits / n, control_hits / control_n
    low, high = wilson(hits, n)
    control_low, control_high = wilson(control_hits, control_n)
    below = math.hypot(p - low, control_high - q)
    above = math.hypot(high - p, q - control_low)
    return p - q, p - q - below, p - q + above
