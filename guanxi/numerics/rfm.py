"""Recency, frequency and money of customers, and the scores made of them.

A purchase is a row with an amount of zero or more. A refund (negative) is taken off the money and
is no purchase: it neither counts for frequency nor makes a customer recent. Rows after the day of
reckoning do not exist. Customers without a purchase have no recency, hence no scores.

Scores follow the thresholds: the score of a value is one more than the number of thresholds below
it, so equal values always have equal scores (ties are kept together, even where a score stays
empty), and a value on a threshold belongs to the lower class. Recency is turned round.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from guanxi.numerics.refusal import Refused

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: The eight groups of the Chinese textbooks by (recency, frequency, money) above the middle score.
GROUPS: Final = {
    (True, True, True): "champion",
    (True, False, True): "to_develop",
    (False, True, True): "to_keep",
    (False, False, True): "to_win_back",
    (True, True, False): "ordinary_value",
    (True, False, False): "ordinary_develop",
    (False, True, False): "ordinary_keep",
    (False, False, False): "ordinary_win_back",
}


@dataclass(frozen=True)
class Rfm:
    """One row per customer with a purchase: code, days since the last one, how many, net money."""

    customer: Ints
    recency: Ints
    frequency: Ints
    monetary: Floats


@dataclass(frozen=True)
class Scored:
    """Scores from 1 (worst) to the number of bins, and the thresholds behind them."""

    recency: Ints
    frequency: Ints
    monetary: Ints
    cuts: dict[str, Floats]
    bins: dict[str, int]


def measure(customer: Ints, day: Ints, amount: Floats, *, as_of: int) -> Rfm:
    """Recency (days), frequency (purchases) and money (net) at the end of the day `as_of`."""
    known = day <= as_of
    customer, day, amount = customer[known], day[known], amount[known]
    bought = amount >= 0
    if not bought.any():
        raise Refused("no_purchases")
    size = int(customer.max()) + 1
    frequency = np.bincount(customer[bought], minlength=size)
    last: Ints = np.full(size, np.iinfo(np.int64).min)
    np.maximum.at(last, customer[bought], day[bought])
    money: Floats = np.bincount(customer, weights=amount, minlength=size).astype(np.float64)
    seen = np.flatnonzero(frequency)
    return Rfm(seen, as_of - last[seen], frequency[seen].astype(np.int64), money[seen])


def quantile_cuts(values: NDArray[np.generic], bins: int) -> Floats:
    """The thresholds that cut values into `bins` parts: type-7 quantiles (Hyndman & Fan 1996)."""
    if bins < 2:
        raise Refused("too_few_bins", bins=bins)
    cuts: Floats = np.quantile(values.astype(float), np.arange(1, bins) / bins, method="linear")
    return cuts


def score(values: NDArray[np.generic], cuts: Floats, *, fewer_is_better: bool = False) -> Ints:
    """1 to len(cuts) + 1 by the thresholds below a value; turned round where less is more."""
    below = np.searchsorted(np.sort(cuts), values, side="left").astype(np.int64)
    return len(cuts) + 1 - below if fewer_is_better else below + 1


def score_all(rfm: Rfm, *, bins: int = 5, fixed: dict[str, Floats] | None = None) -> Scored:
    """Score the three measures by quantiles, or by the fixed thresholds given for some of them."""
    fixed = fixed or {}
    values = {"recency": rfm.recency, "frequency": rfm.frequency, "monetary": rfm.monetary}
    cuts = {
        name: np.asarray(fixed[name]) if name in fixed else quantile_cuts(column, bins)
        for name, column in values.items()
    }
    return Scored(
        recency=score(rfm.recency, cuts["recency"], fewer_is_better=True),
        frequency=score(rfm.frequency, cuts["frequency"]),
        monetary=score(rfm.monetary, cuts["monetary"]),
        cuts=cuts,
        bins={name: len(c) + 1 for name, c in cuts.items()},
    )


def group_of(scored: Scored) -> list[str]:
    """The group of each customer: which of its three scores lie above the middle of their scale."""
    high = [
        getattr(scored, name) > (scored.bins[name] + 1) / 2
        for name in ("recency", "frequency", "monetary")
    ]
    return [
        GROUPS[bool(r), bool(f), bool(m)]
        for r, f, m in zip(*(h.tolist() for h in high), strict=True)
    ]
