"""Shifted beta–geometric (Fader & Hardie 2007): who renews a contract, period by period."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from guanxi.numerics.purchases.fitting import Fit, Floats, Likelihood, maximise
from guanxi.numerics.refusal import Refused


@dataclass(frozen=True)
class Renewals:
    """By period: how many were lost in it, and how many were last seen still there at its end."""

    lost: Floats
    left: Floats


def renewals(active: Floats) -> Renewals:
    """From how many were active at the start of each period."""
    if len(active) < 2 or active[0] <= 0:
        raise Refused("too_few_periods")
    lost = -np.diff(active)
    if (lost < 0).any():
        raise Refused("more_came_than_were")
    left = np.zeros(len(lost))
    left[-1] = active[-1]
    return Renewals(lost.astype(np.float64), left)


def likelihood(data: Renewals) -> Likelihood:
    """The log-likelihood of (α, β) with its gradient."""
    t = np.arange(1, len(data.lost) + 1)

    def at(values: Floats) -> tuple[float, Floats]:
        a, b = values
        ln, psi = special.betaln, special.psi
        lost, left = data.lost, data.left
        value = float(lost @ ln(a + 1, b + t - 1) + left @ ln(a, b + t))
        value -= float(lost.sum() + left.sum()) * float(ln(a, b))
        start = psi(a + b)
        d_a = float(lost @ (psi(a + 1) - psi(a + b + t) - psi(a) + start))
        d_a += float(left @ (start - psi(a + b + t)))
        d_b = float(lost @ (psi(b + t - 1) - psi(a + b + t) - psi(b) + start))
        d_b += float(left @ (psi(b + t) - psi(a + b + t) - psi(b) + start))
        return value, np.array([d_a, d_b])

    return at


def fit(data: Renewals) -> Fit:
    """α and β by maximum likelihood."""
    if not data.lost.sum() or not data.left.sum() + data.lost[1:].sum():
        raise Refused("nobody_or_all_left")
    size = float(data.lost.sum() + data.left.sum())
    return maximise(likelihood(data), ("alpha", "beta"), [np.array([1.0, 1.0])], size=size)


def survival(values: Floats, periods: int) -> Floats:
    """The share that is left at the start of each period, the first being 1."""
    a, b = values
    t = np.arange(periods)
    share: Floats = np.exp(special.betaln(a, b + t) - special.betaln(a, b))
    return share


def retention(values: Floats, periods: int) -> Floats:
    """The share of those left that renews, by period: it rises, for the unsteady go first."""
    a, b = values
    t = np.arange(1, periods + 1)
    rate: Floats = (b + t - 1) / (a + b + t - 1)
    return rate
