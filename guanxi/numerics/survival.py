"""How long customers stay: cohorts by month, Kaplan–Meier curves, silence against the own habit."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from guanxi.numerics.purchases.contracts import Renewals
from guanxi.numerics.purchases.histories import Purchases
from guanxi.numerics.refusal import Refused

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: A customer who bought this often has a habit to be measured by.
_HABIT: Final = 3


@dataclass(frozen=True)
class Cohort:
    """Customers by the month of their first purchase, and how many bought in each month since."""

    month: int
    """Months since January 1970."""
    active: Ints

    @property
    def size(self) -> int:
        """How many there were to begin with."""
        return int(self.active[0])


def cohorts(purchases: Purchases, *, as_of: int) -> list[Cohort]:
    """Monthly cohorts as known at the end of a day; the last month may be incomplete."""
    known = purchases.day <= as_of
    if not known.any():
        raise Refused("no_purchases")
    customer, month = purchases.customer[known], months(purchases.day[known])
    last = int(months(np.array([as_of]))[0])
    starts = np.flatnonzero(np.diff(customer, prepend=-1))
    first = np.repeat(month[starts], np.diff(np.append(starts, len(customer))))
    once = np.unique(np.stack([customer, first, month - first]), axis=1)
    found = []
    for begin in np.unique(once[1]).tolist():
        since = once[2][once[1] == begin]
        found.append(Cohort(begin, np.bincount(since, minlength=last - begin + 1)))
    return found


def months(day: Ints) -> Ints:
    """Calendar months since January 1970 of days since its first."""
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


@dataclass(frozen=True)
class Curve:
    """The share that stays beyond each time with an event, with its band."""

    time: Floats
    at_risk: Ints
    events: Ints
    survival: Floats
    low: Floats
    high: Floats

    def median(self) -> float | None:
        """When half have left; nothing while more than half stay."""
        gone = np.flatnonzero(self.survival <= 0.5)
        return float(self.time[gone[0]]) if len(gone) else None


def kaplan_meier(duration: Floats, left: Flags, *, level: float = 0.95) -> Curve:
    """Product-limit estimate (Kaplan & Meier 1958); Greenwood's variance, log–log bands.

    `duration` is how long each was seen to stay, `left` whether the leaving was seen.
    """
    if not len(duration):
        raise Refused("nobody_watched")
    time, place = np.unique(duration, return_inverse=True)
    events = np.bincount(place, weights=left).astype(np.int64)
    gone = np.bincount(place)
    at_risk = (len(duration) - np.concatenate([[0], np.cumsum(gone)[:-1]])).astype(np.int64)
    seen = events > 0
    time, events, at_risk = time[seen].astype(np.float64), events[seen], at_risk[seen]
    survival = np.cumprod(1 - events / at_risk).astype(np.float64)
    low, high = _band(survival, events, at_risk, level)
    return Curve(time, at_risk, events, survival, low, high)


def _band(survival: Floats, events: Ints, at_risk: Ints, level: float) -> tuple[Floats, Floats]:
    """Bands of the logarithm of −ln S, which stay between 0 and 1."""
    z = float(special.ndtri((1 + level) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(np.cumsum(events / (at_risk * (at_risk - events.astype(float)))))
        stretch = np.exp(z * error / -np.log(survival))
        low, high = survival**stretch, survival ** (1 / stretch)
    is_open = (survival > 0) & (survival < 1)
    return np.where(is_open, low, survival), np.where(is_open, high, survival)


@dataclass(frozen=True)
class Stays:
    """Of each customer: days from the first purchase to the leaving, or to the day of reckoning."""

    customer: Ints
    duration: Floats
    left: Flags
    came_back: Flags


def stays(purchases: Purchases, *, as_of: int, silence: int) -> Stays:
    """A customer leaves when the first silence has lasted so many days, whatever comes after.

    Hence what is said of a day never changes later; who buys again afterwards came back.
    """
    known = purchases.day <= as_of
    if not known.any():
        raise Refused("no_purchases")
    customer, day = purchases.customer[known], purchases.day[known]
    is_last = np.append(np.diff(customer) != 0, True)
    until = np.where(is_last, as_of, np.append(day[1:], as_of))
    is_first = np.diff(customer, prepend=-1) != 0
    starts = np.flatnonzero(is_first)
    quiet = until - day >= silence
    place = np.where(quiet, np.arange(len(day)), len(day))
    gap = np.minimum.reduceat(place, starts)
    left = gap < len(day)
    ends = np.where(left, day[np.minimum(gap, len(day) - 1)] + silence, as_of)
    came_back = left & ~is_last[np.minimum(gap, len(day) - 1)]
    return Stays(customer[starts], (ends - day[starts]).astype(np.float64), left, came_back)


def renewals_of(found: Stays, *, period: float = 30.0) -> Renewals:
    """Leaving by period, as if staying were renewing a contract every so many days."""
    whole = np.floor(found.duration / period).astype(np.int64)
    size = int(whole.max()) + 1
    lost = np.bincount(whole[found.left], minlength=size)
    # Who was last seen within the first period says nothing yet.
    left = np.bincount(whole[~found.left], minlength=size + 1)[1:]
    return Renewals(lost.astype(np.float64), left.astype(np.float64))


@dataclass(frozen=True)
class Habits:
    """Of customers with a habit: the own interval in days, and the silence as a multiple of it."""

    customer: Ints
    interval: Floats
    silence: Floats


def habits(purchases: Purchases, *, as_of: int) -> Habits:
    """Median interval between purchases, and how many of it have passed since the last."""
    known = purchases.day <= as_of
    customer, day = purchases.customer[known], purchases.day[known]
    starts = np.flatnonzero(np.diff(customer, prepend=-1))
    ends = np.append(starts[1:], len(customer))
    chosen = np.flatnonzero(ends - starts >= _HABIT)
    interval = np.array([np.median(np.diff(day[starts[n] : ends[n]])) for n in chosen])
    silent = as_of - day[ends[chosen] - 1]
    return Habits(customer[starts[chosen]], interval, silent / np.maximum(interval, 1.0))
