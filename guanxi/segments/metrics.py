"""What can be measured of a customer: each one column of a versioned query (engine/sql)."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message


@dataclass(frozen=True)
class Metric:
    """One measure: its query and column, which way is better, and in what it is counted.

    Where a customer has no row the value is missing, or zero where that `is_counted`.
    """

    key: str
    aspect: Message
    label: Message
    unit: str
    query: str = "purchases"
    is_less_better: bool = False
    is_counted: bool = False


_AMOUNT, _FREQUENCY = _("Amount"), _("Frequency")
_LOYALTY, _POTENTIAL = _("Loyalty"), _("Potential")
METRICS: Final = {
    each.key: each
    for each in (
        Metric("amount", _AMOUNT, _("Amount in the window"), "money"),
        Metric("frequency", _FREQUENCY, _("Purchases in the window"), "times"),
        Metric(
            "recency", _FREQUENCY, _("Days since the last purchase"), "days", is_less_better=True
        ),
        Metric("tenure", _LOYALTY, _("Days since the first purchase"), "days"),
        Metric("months", _LOYALTY, _("Months with a purchase"), "times"),
        Metric("return_share", _LOYALTY, _("Share of returns"), "share", is_less_better=True),
        Metric("growth", _POTENTIAL, _("Growth within the window"), "money"),
        Metric("talks", _LOYALTY, _("Talks in the window"), "times", "talks", is_counted=True),
    )
}


def metric_names() -> dict[str, str]:
    """Every measure by its label, with the aspect of value that it stands for."""
    return {key: f"{each.label} ({each.aspect})" for key, each in METRICS.items()}
