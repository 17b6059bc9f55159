"""What a stage's rule may say, and what a customer's stage is due to: pure."""

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


def check_stage(values: Values, current: Mapping[str, Any]) -> Values:
    """The lower limit of each bound is not above the upper one."""
    for name in BOUNDS:
        low, high = (values.get(n, current.get(n)) for n in (f"{name}_from", f"{name}_to"))
        if low is not None and high is not None and low > high:
            raise RuleViolation("bad_bounds", messages.BAD_BOUNDS, f"{name}_from")
    return values


def bounds_of(rule: Mapping[str, Any]) -> dict[str, Bounds]:
    """The limits of a rule that say something."""
    pairs = {name: (rule.get(f"{name}_from"), rule.get(f"{name}_to")) for name in BOUNDS}
    return {name: pair for name, pair in pairs.items() if pair != (None, None)}


def share(days: int, habit: int) -> int:
    """Days as percent of the customer's usual days between two purchases, rounded down."""
    return 100 * days // habit
