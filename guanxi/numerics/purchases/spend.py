"""Gamma–Gamma (Colombo & Jiang 1999; Fader & Hardie 2013): what a purchase brings in the long run.

A purchase of one customer is gamma (p, ν), and ν differs by customer as gamma (q, γ). It takes
amounts to be independent of how often a customer buys; `correlation` says how far that holds.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from guanxi.numerics.purchases.fitting import Fit, Floats, Likelihood, maximise
from guanxi.numerics.refusal import Refused

_LEAST = 20


def likelihood(x: Floats, mean: Floats) -> Likelihood:
    """The log-likelihood of (p, q, γ) with its gradient, over customers with x purchases."""
    which, place = np.unique(x, return_inverse=True)
    count = np.bincount(place).astype(float)
    log_mean, log_x = np.log(mean), np.log(x)
    total, size = float(log_mean.sum()), len(x)
    by_x = float(x @ (log_x + log_mean))

    def at(values: Floats) -> tuple[float, Floats]:
        p, q, gamma = values
        ln, psi = special.gammaln, special.psi
        rest = np.log(gamma + x * mean)
        sums = x * mean
        value = float(count @ (ln(p * which + q) - ln(p * which))) - size * ln(q)
        value += size * q * np.log(gamma) + p * by_x - total
        value -= p * float(x @ rest) + q * float(rest.sum())
        inner = psi(p * which + q)
        d_p = float(count @ (which * (inner - psi(p * which)))) + by_x - float(x @ rest)
        d_q = float(count @ inner) + size * (np.log(gamma) - psi(q)) - float(rest.sum())
        d_gamma = size * q / gamma - float(((p * x + q) / (gamma + sums)).sum())
        return float(value), np.array([d_p, d_q, d_gamma])

    return at


def fit(x: Floats, mean: Floats) -> Fit:
    """The parameters by customers with repeated purchases that cost something."""
    chosen = usable(x, mean)
    x, mean = x[chosen], mean[chosen]
    if len(x) < _LEAST:
        raise Refused("too_few_spenders", count=len(x), least=_LEAST)
    if np.ptp(mean) <= 1e-12 * mean.max():
        raise Refused("amounts_do_not_differ")
    unit = float(mean.mean())
    found = maximise(
        likelihood(x, mean / unit), ("p", "q", "v"), [np.array([2.0, 3.0, 2.0])], size=len(x)
    )
    return Fit(
        params=found.params | {"v": found.params["v"] * unit},
        errors=found.errors | {"v": found.errors["v"] * unit},
        loglik=found.loglik - len(x) * float(np.log(unit)),
        warnings=found.warnings,
    )


def usable(x: Floats, mean: Floats) -> NDArray[np.bool_]:
    """Whose amounts say something: repeated purchases with a positive mean."""
    return (x > 0) & (mean > 0)


def correlation(x: Floats, mean: Floats) -> float:
    """Pearson's r of frequency and mean amount; far from 0 the model's independence is doubtful."""
    chosen = usable(x, mean)
    x, mean = x[chosen], mean[chosen]
    if len(x) < 2 or not np.ptp(x) or not np.ptp(mean):
        return 0.0
    return float(np.corrcoef(x, mean)[0, 1])


def expected_mean(values: Floats, x: Floats, mean: Floats) -> Floats:
    """What a purchase of each customer will bring: between the own mean and that of all."""
    p, q, gamma = values
    if q <= 1:
        raise Refused("mean_spend_infinite")
    own = np.where(usable(x, mean), x, 0.0)
    found: Floats = p * (gamma + own * mean) / (p * own + q - 1)
    return found
