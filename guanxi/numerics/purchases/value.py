"""What customers will buy and be worth, and how well that would have been known before."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from guanxi.numerics import measures
from guanxi.numerics.purchases.fitting import Floats
from guanxi.numerics.purchases.histories import Histories, Purchases, Rows
from guanxi.numerics.purchases.models import Model
from guanxi.numerics.refusal import Refused

#: The last row of the table by frequency holds all who bought at least this often again.
MOST_FREQUENT: Final = 7
_DAYS_OF_A_YEAR: Final = 365.0


@dataclass(frozen=True)
class Forecast:
    """By distinct row: the chance to be alive, and the purchases up to the end of each step."""

    alive: Floats
    ends: Floats
    expected: Floats


def forecast(model: Model, values: Floats, rows: Rows, *, horizon: float, steps: int) -> Forecast:
    """Purchases of each row within the horizon, cut into equal steps."""
    ends = horizon * np.arange(1, steps + 1) / steps
    alive = model.p_alive(values, rows)
    expected = alive[:, None] * model.expected_if_alive(values, rows, ends)
    return Forecast(alive, ends, expected)


def discounted(found: Forecast, *, rate: float, unit: float) -> Floats:
    """Each row's purchases in today's worth: `rate` is a year's, each step counts at its middle."""
    ends = found.ends
    middles = (ends + np.concatenate([[0.0], ends[:-1]])) / 2
    factors = (1 + rate) ** -(middles * unit / _DAYS_OF_A_YEAR)
    worth: Floats = np.diff(found.expected, axis=1, prepend=0.0) @ factors
    return worth


@dataclass(frozen=True)
class Report:
    """The hold-out: what was expected of the customers, and what they did."""

    expected: float
    actual: float
    mae: float
    by_frequency: list[tuple[int, int, float, float]]
    """Repeats before, customers, mean expected, mean actual."""
    auc: float | None
    captured: float | None
    revenue: float

    @property
    def total_error(self) -> float | None:
        """How far the expected total is off, as a share of the actual one."""
        return self.expected / self.actual - 1 if self.actual else None


@dataclass(frozen=True)
class Later:
    """What each customer of some histories bought after the calibration."""

    count: Floats
    revenue: Floats


def bought_later(purchases: Purchases, histories: Histories, *, until: int, end: int) -> Later:
    """Purchases after the day `until`, up to and with the day `end`, by customers known then."""
    chosen = (purchases.day > until) & (purchases.day <= end)
    who, size = purchases.customer[chosen], int(histories.customer.max()) + 1
    is_known = who < size
    who, amount = who[is_known], purchases.amount[chosen][is_known]
    count = np.bincount(who, minlength=size)[histories.customer]
    revenue = np.bincount(who, weights=amount, minlength=size)[histories.customer]
    return Later(count.astype(np.float64), revenue.astype(np.float64))


def hold_out(histories: Histories, expected: Floats, later: Later, spend: Floats | None) -> Report:
    """Hold the expectation of each customer against what the customer did."""
    bought = later.count > 0
    try:
        ranking = measures.auc(bought, expected).value
    except Refused:
        ranking = None
    money = None if spend is None else measures.captured(expected * spend, later.revenue)
    return Report(
        expected=float(expected.sum()),
        actual=float(later.count.sum()),
        mae=float(np.abs(expected - later.count).mean()),
        by_frequency=_by_frequency(histories.x, expected, later.count),
        auc=ranking,
        captured=money,
        revenue=float(later.revenue.sum()),
    )


def _by_frequency(
    x: Floats, expected: Floats, actual: Floats
) -> list[tuple[int, int, float, float]]:
    group = np.minimum(x, MOST_FREQUENT).astype(np.int64)
    return [
        (
            each,
            int((group == each).sum()),
            float(expected[group == each].mean()),
            float(actual[group == each].mean()),
        )
        for each in np.unique(group).tolist()
    ]
