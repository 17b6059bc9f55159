"""BG/NBD (Fader, Hardie & Lee 2005) and MBG/NBD (Batislam, Denizel & Filiztekin 2007).

Rates of purchase are gamma (r, α) over customers, the chance to leave after a purchase is beta
(a, b). In MBG/NBD a customer may leave after the first purchase, too: `shift` is 1 there and 0 in
BG/NBD, where who never came back is alive for certain (so P(alive) is no churn score).

Everything runs in logarithms; the expectation is a Gauss–Jacobi sum over the chance to leave, which
holds where the hypergeometric form of the papers loses its digits (a near 1, large x).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, special

from guanxi.numerics.purchases.fitting import Floats, Likelihood
from guanxi.numerics.purchases.histories import Rows

_FEWEST_NODES: Final = 24
_MOST_NODES: Final = 160
_DIGITS: Final = 14


def likelihood(rows: Rows, *, shift: int = 0) -> Likelihood:
    """The log-likelihood of (r, α, a, b) with its gradient, over rows with counts."""
    x, which, count = rows.x, *_by_value(rows)
    died_maybe = x + shift > 0
    died = _Rows(rows, died_maybe)
    total = float(rows.count.sum())

    def at(values: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = values
        alive = _Gamma((r, a, b), which, count, shift)
        log_watched, log_last = np.log(alpha + rows.T), np.log(alpha + died.t_x)
        k_died = r + died.x
        gap = np.log(a / (b + died.x + shift - 1)) + k_died * (log_watched[died.which] - log_last)
        w = special.expit(gap)
        value = alive.value + total * r * np.log(alpha)
        value -= float(rows.count @ ((r + x) * log_watched))
        value += float(died.count @ np.logaddexp(0, gap))
        cw = died.count * w
        log_ratio = log_watched[died.which] - log_last
        d_r = alive.d_r + total * np.log(alpha) - float(rows.count @ log_watched)
        d_r += float(cw @ log_ratio)
        inverse = 1 / (alpha + rows.T)
        d_alpha = total * r / alpha - float(rows.count @ ((r + x) * inverse))
        d_alpha += float((cw * k_died) @ (inverse[died.which] - 1 / (alpha + died.t_x)))
        d_a = alive.d_a + float(cw.sum()) / a
        d_b = alive.d_b - float(cw @ (1 / (b + died.x + shift - 1)))
        return value, np.array([d_r, d_alpha, d_a, d_b])

    return at


class _Rows:
    """The rows of those who may have left."""

    def __init__(self, rows: Rows, chosen: NDArray[np.bool_]) -> None:
        self.which = np.flatnonzero(chosen)
        self.x, self.t_x = rows.x[self.which], rows.t_x[self.which]
        self.count = rows.count[self.which]


class _Gamma:
    """The part of the likelihood that depends on x alone, summed over its distinct values."""

    def __init__(
        self, values: tuple[float, float, float], x: Floats, count: Floats, shift: int
    ) -> None:
        r, a, b = values
        ln, psi = special.gammaln, special.psi
        stayed = b + x + shift
        value = ln(r + x) - ln(r) + ln(stayed) - ln(a + stayed) + ln(a + b) - ln(b)
        both = psi(a + b) - psi(a + stayed)
        self.value = float(count @ value)
        self.d_r = float(count @ (psi(r + x) - psi(r)))
        self.d_a = float(count @ both)
        self.d_b = float(count @ (both + psi(stayed) - psi(b)))


def _by_value(rows: Rows) -> tuple[Floats, Floats]:
    values, place = np.unique(rows.x, return_inverse=True)
    return values, np.bincount(place, weights=rows.count).astype(np.float64)


def p_alive(values: Floats, rows: Rows, *, shift: int = 0) -> Floats:
    """The probability that a customer with this history still buys."""
    r, alpha, a, b = values
    stayed = b + rows.x + shift - 1
    may_have_left = rows.x + shift > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.log(a / stayed) + (r + rows.x) * np.log((alpha + rows.T) / (alpha + rows.t_x))
    alive: Floats = np.where(may_have_left, special.expit(-gap), 1.0)
    return alive


def expected_if_alive(values: Floats, rows: Rows, horizons: Floats, *, shift: int = 0) -> Floats:
    """Purchases within each horizon of a customer who is alive: E[(1 − e^{−λpt}) / p].

    λ is gamma (r + x, α + T), which leaves (1 − (1 + pt/(α + T))^{−(r+x)}) / p, and p is beta
    (a, b + x), over which it is integrated.
    """
    r, alpha, a, b = values
    pairs, place = np.unique(np.stack([rows.x, rows.T]), axis=1, return_inverse=True)
    found = np.empty((pairs.shape[1], len(horizons)))
    starts = np.flatnonzero(np.diff(pairs[0], prepend=-1.0))
    nodes = _nodes_needed(float((alpha + rows.T.min()) / max(float(np.max(horizons)), 1e-12)))
    for start, end in zip(starts, [*starts[1:].tolist(), pairs.shape[1]], strict=True):
        x = pairs[0, start]
        chance, weight = _beta_nodes(a, b + x + shift, nodes)
        scale = 1 / (alpha + pairs[1, start:end])
        for column, horizon in enumerate(horizons):
            gone = -np.expm1(-(r + x) * np.log1p(np.outer(scale * horizon, chance)))
            found[start:end, column] = gone @ (weight / chance)
    spread: Floats = found[place.ravel()]
    return spread


def _nodes_needed(distance: float) -> int:
    """Enough nodes for the digits, by how near the integrand's pole lies to the interval."""
    z = 1 + 2 * distance
    growth = np.log(z + np.sqrt(z * z - 1))
    return int(np.clip(_DIGITS * np.log(10) / (2 * growth), _FEWEST_NODES, _MOST_NODES))


def _beta_nodes(a: float, b: float, count: int) -> tuple[Floats, Floats]:
    """Nodes and weights that integrate against a beta density (Golub & Welsch 1969)."""
    upper, lower = b - 1, a - 1
    n = np.arange(1, count)
    both = 2 * n + upper + lower
    middle = np.empty(count)
    middle[0] = (lower - upper) / (upper + lower + 2)
    middle[1:] = (lower**2 - upper**2) / (both * (both + 2))
    side = np.empty(count - 1)
    side[0] = 4 * (1 + upper) * (1 + lower) / ((2 + upper + lower) ** 2 * (3 + upper + lower))
    m, s = n[1:], both[1:]
    side[1:] = 4 * m * (m + upper) * (m + lower) * (m + upper + lower)
    side[1:] /= s**2 * (s + 1) * (s - 1)
    points, vectors = linalg.eigh_tridiagonal(middle, np.sqrt(side))
    chance = np.clip((1 + points) / 2, 1e-300, 1.0)
    return chance, vectors[0] ** 2
