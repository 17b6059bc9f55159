"""Who will not buy again soon, learnt from orders alone.

Facts of a day use only what was known at its end; the outcome is whether nothing was bought within
the horizon after it. A model of a day learns from days a month apart over the year before, the last
of them so long ago that its outcome was known on the day. Shops have seasons: how far the model is
off on the same day a year ago is added to the log-odds of all.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from guanxi.numerics.classification import Classifier, Features, refuse_thin
from guanxi.numerics.purchases.histories import (
    Histories,
    Purchases,
    merge_days,
    rows_of,
    summarise,
)
from guanxi.numerics.purchases.models import MODELS, fit
from guanxi.numerics.refusal import Refused

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

WINDOWS: Final = (30, 90, 180, 365)
_YEAR: Final = 365
_APART: Final = 30
_WARM_UP: Final = 60
_UNIT: Final = 7.0


@dataclass(frozen=True)
class Log:
    """Purchases by customer and day, and the refunds (customer, day, sum) beside them."""

    purchases: Purchases
    refund_customer: Ints
    refund_day: Ints
    refund_amount: Floats


def log_of(customer: Ints, day: Ints, amount: Floats) -> Log:
    """Orders as the models of leaving read them."""
    back = amount < 0
    return Log(merge_days(customer, day, amount), customer[back], day[back], -amount[back])


@dataclass(frozen=True)
class Day:
    """Those known on a day, with what was known of them."""

    customer: Ints
    features: Features


def facts(log: Log, *, as_of: int, horizon: int) -> Day:
    """What was known of each customer at the end of a day."""
    histories = summarise(log.purchases, until=as_of, unit=_UNIT)
    known = log.purchases.day <= as_of
    past = Purchases(
        log.purchases.customer[known], log.purchases.day[known], log.purchases.amount[known]
    )
    columns = {
        **_habit(histories, past),
        **_model(histories, horizon),
        **_windows(histories, past, as_of),
        **_refunds(histories, log, as_of),
        "season": _sums(histories, past, as_of - _YEAR, as_of - _YEAR + horizon)[0],
    }
    return Day(
        histories.customer,
        Features(
            list(columns),
            np.column_stack(list(columns.values())),
            np.zeros(len(columns), dtype=bool),
        ),
    )


def _habit(histories: Histories, past: Purchases) -> dict[str, Floats]:
    """Rhythm and spend: the last gap and its kind, what the last purchase brought."""
    ends = np.flatnonzero(np.append(np.diff(past.customer) != 0, True))
    is_repeat = np.diff(past.customer, prepend=-1) == 0
    gaps = np.where(is_repeat, np.diff(past.day, prepend=0), np.nan).astype(np.float64)
    squares = _by_customer(histories, past.customer[is_repeat], gaps[is_repeat] ** 2)
    silent, times = (histories.T - histories.t_x) * _UNIT, histories.x + 1
    total = _by_customer(histories, past.customer, past.amount)
    repeats = np.where(histories.x > 0, histories.x, np.nan)
    mean = histories.t_x * _UNIT / repeats
    return {
        "recency": silent,
        "purchases": np.log(times),
        "spend": np.log1p(total),
        "mean_spend": np.log1p(total / times),
        "last_spend": np.log1p(past.amount[ends]),
        "mean_gap": mean,
        "gap_spread": np.sqrt(np.maximum(squares / repeats - mean**2, 0)),
        "last_gap": gaps[ends],
        "overdue": np.log((silent + 1) / (mean + 1)),
        "rate": times / (histories.T * _UNIT + 30),
    }


def _model(histories: Histories, horizon: int) -> dict[str, Floats]:
    """What MBG/NBD, fitted that day, says of each."""
    rows, model = rows_of(histories), MODELS["mbgnbd"]
    values = fit(model, rows).values()
    expected = model.expected(values, rows, np.array([horizon / _UNIT]))[:, 0]
    return {
        "expected": np.log(expected + 1e-9)[rows.place],
        "alive": model.p_alive(values, rows)[rows.place],
    }


def _windows(histories: Histories, past: Purchases, as_of: int) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for days in WINDOWS:
        count, spend = _sums(histories, past, as_of - days, as_of)
        found |= {f"purchases_{days}": count, f"spend_{days}": np.log1p(spend)}
    return found


def _refunds(histories: Histories, log: Log, as_of: int) -> dict[str, Floats]:
    known = (log.refund_day <= as_of) & np.isin(log.refund_customer, histories.customer)
    who, amount = log.refund_customer[known], log.refund_amount[known]
    return {
        "refunds": _by_customer(histories, who, np.ones(len(who))),
        "refunded": np.log1p(_by_customer(histories, who, amount)),
    }


def _sums(histories: Histories, past: Purchases, after: int, until: int) -> tuple[Floats, Floats]:
    """Purchases and spend of each customer after a day, up to and with another."""
    chosen = (past.day > after) & (past.day <= until)
    who, amount = past.customer[chosen], past.amount[chosen]
    return (
        _by_customer(histories, who, np.ones(len(who))),
        _by_customer(histories, who, amount),
    )


def _by_customer(histories: Histories, who: Ints, amount: Floats) -> Floats:
    size = int(histories.customer.max()) + 1
    sums = np.bincount(who, weights=amount, minlength=size)[histories.customer]
    return sums.astype(np.float64)


def silent_after(log: Log, customer: Ints, *, as_of: int, horizon: int) -> Flags:
    """Who of these customers bought nothing within the horizon after a day."""
    later = (log.purchases.day > as_of) & (log.purchases.day <= as_of + horizon)
    came: Flags = np.isin(customer, log.purchases.customer[later])
    return ~came


class Learner:
    """Foretells for days of one log; days that were prepared once are kept."""

    def __init__(self, log: Log, *, horizon: int, seed: int = 0) -> None:
        self._log, self._horizon, self._seed = log, horizon, seed
        self._first = int(log.purchases.day.min())
        self._days: dict[int, tuple[Day, Flags] | None] = {}

    def foretell(self, as_of: int) -> tuple[Day, Floats]:
        """The chance of each customer known on a day to be silent for the horizon after it."""
        prepared = [each for day in self._days_before(as_of) if (each := self._prepared(day))]
        if not prepared:
            raise Refused("too_short_a_log", days=_WARM_UP + self._horizon)
        happened = np.concatenate([silent for _, silent in prepared])
        refuse_thin(happened)
        features = prepared[0][0].features
        model = Classifier(
            Features(
                features.names,
                np.concatenate([day.features.values for day, _ in prepared]),
                features.is_category,
            ),
            happened,
            seed=self._seed,
        )
        today = facts(self._log, as_of=as_of, horizon=self._horizon)
        odds = special.logit(model.probability(today.features.values))
        return today, special.expit(odds + self._season(model, as_of - _YEAR))

    def _days_before(self, as_of: int) -> list[int]:
        """A month apart, and the same day a year ago, all with outcomes known by then."""
        earliest = max(self._first + _WARM_UP, as_of - _YEAR)
        days = list(range(as_of - self._horizon, earliest - 1, -_APART))
        last_year = as_of - _YEAR
        has_year = last_year - self._first >= _WARM_UP and last_year + self._horizon <= as_of
        return [*days, *([last_year] if has_year and last_year not in days else [])]

    def _prepared(self, as_of: int) -> tuple[Day, Flags] | None:
        """A day to learn from; nothing where too few were known then."""
        if as_of not in self._days:
            self._days[as_of] = self._prepare(as_of)
        return self._days[as_of]

    def _prepare(self, as_of: int) -> tuple[Day, Flags] | None:
        try:
            day = facts(self._log, as_of=as_of, horizon=self._horizon)
        except Refused:
            return None
        return day, silent_after(self._log, day.customer, as_of=as_of, horizon=self._horizon)

    def _season(self, model: Classifier, last_year: int) -> float:
        """How far the log-odds of a year ago were from what came, on the same day."""
        known = self._days.get(last_year)
        if known is None:
            return 0.0
        day, silent = known
        if not 0 < silent.mean() < 1:
            return 0.0
        odds = special.logit(model.probability(day.features.values))
        share = float(silent.mean())
        return float(optimize.brentq(lambda d: special.expit(odds + d).mean() - share, -9, 9))
