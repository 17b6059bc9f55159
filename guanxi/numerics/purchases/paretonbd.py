"""Pareto/NBD (Schmittlein, Morrison & Colombo 1987): purchases and leaving both go on in time.

Rates of purchase are gamma (r, α), rates of leaving gamma (s, β). The likelihood of x purchases,
the last at t_x, in a time T is, up to Γ(r+x) α^r β^s / Γ(r),

    (α+T)^{−(r+x)} (β+T)^{−s} + s ∫_{t_x}^{T} (α+y)^{−(r+x)} (β+y)^{−(s+1)} dy.

The papers write the integral with 2F1, which loses all digits for large x or when α and β differ
much. Here it is a Gauss–Legendre sum in u = ln(min(α, β) + y), where the integrand is smooth, cut
where it has fallen below e^{−40}: nothing cancels, and the gradient is a mean under its weights.
"""

from typing import Final

import numpy as np
from scipy import special

from guanxi.numerics.purchases.fitting import Floats, Likelihood
from guanxi.numerics.purchases.histories import Rows

_NODES: Final = 32
_WIDE: Final = 7.0
"""From this width on, the poles beside the interval ask for twice the nodes."""
_FALL: Final = 40.0
_BLOCK: Final = 20_000


def likelihood(rows: Rows) -> Likelihood:
    """The log-likelihood of (r, α, s, β) with its gradient, over rows with counts."""
    total = float(rows.count.sum())
    which, place = np.unique(rows.x, return_inverse=True)
    count_x = np.bincount(place, weights=rows.count)

    def at(values: Floats) -> tuple[float, Floats]:
        r, alpha, s, beta = values
        value = float(count_x @ (special.gammaln(r + which) - special.gammaln(r)))
        value += total * (r * np.log(alpha) + s * np.log(beta))
        slope = np.array(
            [
                float(count_x @ (special.psi(r + which) - special.psi(r))) + total * np.log(alpha),
                total * r / alpha,
                total * np.log(beta),
                total * s / beta,
            ]
        )
        for start in range(0, len(rows.x), _BLOCK):
            part = slice(start, start + _BLOCK)
            each = _Chances(values, rows.x[part], rows.t_x[part], rows.T[part])
            value += float(rows.count[part] @ each.log_total)
            slope += each.slopes() @ rows.count[part]
        return value, slope

    return at


class _Chances:
    """The two ways to such a history, alive or gone, in logarithms, row by row."""

    def __init__(self, values: Floats, x: Floats, t_x: Floats, watched: Floats) -> None:
        self.r, self.alpha, self.s, self.beta = values
        self.k, self.T = self.r + x, watched
        self.log_a, self.log_b = np.log(self.alpha + watched), np.log(self.beta + watched)
        self.log_alive = -self.k * self.log_a - self.s * self.log_b
        self._integrate(t_x)
        self.log_total = np.logaddexp(self.log_alive, self.log_gone)

    def _integrate(self, t_x: Floats) -> None:
        """Nodes of the integral over the moment of leaving, and its logarithm."""
        lesser = min(self.alpha, self.beta)
        begin = np.log(lesser + t_x)
        width = np.log((lesser + self.T) / (lesser + t_x))
        # Per unit of u the integrand falls at least by the lesser offset's exponent, less one.
        falls = (self.k if self.alpha <= self.beta else self.s + 1) - 1
        width = np.minimum(width, _FALL / np.maximum(falls, 1e-9))
        nodes = _NODES if width.max(initial=0) <= _WIDE else 2 * _NODES
        points, weights = special.roots_legendre(nodes)
        u = begin[:, None] + width[:, None] * (points + 1) / 2
        y = np.exp(u)
        # Written so that both differences are exact where the offsets are equal.
        self.at_alpha, self.at_beta = y + (self.alpha - lesser), y + (self.beta - lesser)
        self.ln_alpha, self.ln_beta = np.log(self.at_alpha), np.log(self.at_beta)
        logs = u - self.k[:, None] * self.ln_alpha - (self.s + 1) * self.ln_beta
        top = logs.max(axis=1)
        parts = np.exp(logs - top[:, None]) * weights
        sums = parts.sum(axis=1)
        self.parts = parts / sums[:, None]
        with np.errstate(divide="ignore"):
            self.log_gone = np.log(self.s) + top + np.log(sums) + np.log(width / 2)

    def slopes(self) -> Floats:
        """The gradient of each row's logarithm by r, α, s and β (a row each)."""
        gone = np.exp(self.log_gone - self.log_total)
        alive = np.exp(self.log_alive - self.log_total)

        def mean(column: Floats) -> Floats:
            found: Floats = np.einsum("ij,ij->i", self.parts, column)
            return found

        return np.array(
            [
                -alive * self.log_a - gone * mean(self.ln_alpha),
                -self.k * (alive / (self.alpha + self.T) + gone * mean(1 / self.at_alpha)),
                -alive * self.log_b + gone * (1 / self.s - mean(self.ln_beta)),
                -alive * self.s / (self.beta + self.T)
                - gone * (self.s + 1) * mean(1 / self.at_beta),
            ]
        )


def p_alive(values: Floats, rows: Rows) -> Floats:
    """The probability that a customer with this history still buys."""
    found = np.empty(len(rows.x))
    for start in range(0, len(rows.x), _BLOCK):
        part = slice(start, start + _BLOCK)
        each = _Chances(values, rows.x[part], rows.t_x[part], rows.T[part])
        found[part] = np.exp(each.log_alive - each.log_total)
    return found


def expected_if_alive(values: Floats, rows: Rows, horizons: Floats) -> Floats:
    """Purchases within each horizon of a customer who is alive (Schmittlein et al. 1987)."""
    r, alpha, s, beta = values
    time = np.log1p(horizons[None, :] / (beta + rows.T)[:, None])
    power = s - 1
    # (1 − e^{−power·time}) / power, which is `time` where s is 1.
    spell = time * special.exprel(-power * time)
    found: Floats = ((r + rows.x) * (beta + rows.T) / (alpha + rows.T))[:, None] * spell
    return found
