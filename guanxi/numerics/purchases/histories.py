"""What the models need to know of customers, and the same with equal customers counted once.

Time runs in units of days (a week is 7). A customer's history begins with the first purchase;
purchases of one day are one. `x` counts the repeated purchases, `t_x` is when the last of them was,
`T` how long the customer has been watched; a refund is no purchase.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guanxi.numerics.refusal import Refused

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Histories:
    """One row per customer known at the end of the calibration; `spend` is the mean of repeats."""

    customer: Ints
    x: Floats
    t_x: Floats
    T: Floats
    spend: Floats

    def __len__(self) -> int:
        """How many customers there are."""
        return len(self.x)


@dataclass(frozen=True)
class Rows:
    """Distinct (x, t_x, T) with their number; `place` leads from a customer to its row."""

    x: Floats
    t_x: Floats
    T: Floats
    count: Floats
    place: Ints

    def thinned(self, step: int) -> "Rows":
        """Every so many rows, which lie evenly over all histories: enough for a first idea."""
        part = slice(None, None, step)
        nowhere = np.empty(0, dtype=np.int64)
        return Rows(self.x[part], self.t_x[part], self.T[part], self.count[part], nowhere)

    def scaled(self, factor: float) -> "Rows":
        """The same rows in another unit of time."""
        return Rows(self.x, self.t_x / factor, self.T / factor, self.count, self.place)


@dataclass(frozen=True)
class Purchases:
    """One row per customer and day on which something was bought, in that order, with its sum."""

    customer: Ints
    day: Ints
    amount: Floats


def merge_days(customer: Ints, day: Ints, amount: Floats) -> Purchases:
    """Purchases (amount of zero or more) of one customer on one day are one purchase."""
    bought = amount >= 0
    if not bought.any():
        raise Refused("no_purchases")
    customer, day, amount = customer[bought], day[bought], amount[bought]
    first, span = int(day.min()), int(day.max() - day.min()) + 1
    keys, place = np.unique(customer * span + (day - first), return_inverse=True)
    return Purchases(
        keys // span, keys % span + first, np.bincount(place, weights=amount).astype(np.float64)
    )


def summarise(purchases: Purchases, *, until: int, unit: float = 7.0) -> Histories:
    """The histories at the end of the day `until`; later purchases do not exist."""
    known = purchases.day <= until
    if not known.any():
        raise Refused("no_purchases")
    customer, day = purchases.customer[known], purchases.day[known]
    amount = purchases.amount[known]
    starts = np.flatnonzero(np.diff(customer, prepend=-1))
    ends = np.append(starts[1:], len(customer))
    x = (ends - starts - 1).astype(np.float64)
    sums = np.add.reduceat(amount, starts) - amount[starts]
    return Histories(
        customer=customer[starts],
        x=x,
        t_x=(day[ends - 1] - day[starts]) / unit,
        T=(until - day[starts]) / unit,
        spend=np.divide(sums, x, out=np.zeros_like(x), where=x > 0),
    )


def compress(x: Floats, t_x: Floats, watched: Floats) -> Rows:
    """Equal histories once, with their count: a million customers are about a tenth of that."""
    order = np.lexsort((t_x, watched, x))
    columns = [column[order] for column in (x, t_x, watched)]
    is_new = np.zeros(len(x), dtype=bool)
    is_new[:1] = True
    for column in columns:
        is_new[1:] |= column[1:] != column[:-1]
    place = np.empty(len(x), dtype=np.int64)
    place[order] = np.cumsum(is_new) - 1
    starts = np.flatnonzero(is_new)
    count = np.diff(np.append(starts, len(x))).astype(np.float64)
    distinct = [column[starts] for column in columns]
    return Rows(distinct[0], distinct[1], distinct[2], count, place)


def rows_of(histories: Histories) -> Rows:
    """The distinct rows of some histories."""
    return compress(histories.x, histories.t_x, histories.T)
