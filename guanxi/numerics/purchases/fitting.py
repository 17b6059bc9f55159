"""Maximum likelihood for positive parameters: logarithms, L-BFGS, Newton steps to the very top.

The parameters' covariance is the inverse of the observed information, whose Hessian comes from
central differences of the analytic gradient; their standard errors follow by the delta method.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from guanxi.numerics.refusal import Refused

Floats = NDArray[np.float64]
Likelihood = Callable[[Floats], tuple[float, Floats]]
"""From the parameters to the log-likelihood and its gradient by them."""

_BOUND: Final = 14.0
_STEP: Final = 1e-4
_FAR: Final = 0.02
_VAGUE: Final = 2.0
"""A standard error of the logarithm beyond which a parameter says nothing."""


@dataclass(frozen=True)
class Fit:
    """Where the likelihood is highest; `warnings` names parameters that the data do not fix."""

    params: dict[str, float]
    errors: dict[str, float]
    loglik: float
    warnings: list[str] = field(default_factory=list)

    def values(self) -> Floats:
        """The parameters as an array, in the order of their names."""
        return np.array(list(self.params.values()))


def maximise(
    likelihood: Likelihood, names: tuple[str, ...], starts: list[Floats], *, size: float
) -> Fit:
    """The best of the starts; `size`, the customers, makes tolerances fit data of any size."""

    def objective(logs: Floats) -> tuple[float, Floats]:
        values = np.exp(logs)
        total, slope = likelihood(values)
        if not np.isfinite(total):
            return 1e12, np.zeros_like(logs)
        return -total / size, -slope * values / size

    found = None
    for start in starts:
        each = optimize.minimize(
            objective,
            np.log(start),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-_BOUND, _BOUND)] * len(start),
            options={"maxiter": 500, "ftol": 1e-11, "gtol": 1e-6},
        )
        if found is None or each.fun < found.fun - 1e-9:
            found = each
    if found is None or not np.isfinite(found.fun) or found.fun > 1e11:
        raise Refused("no_maximum")
    logs, information = _polish(objective, found.x)
    return _fit(objective, names, logs, information, size)


def _polish(objective: Likelihood, logs: Floats) -> tuple[Floats, Floats]:
    """Newton steps while they go up; the information at the end.

    Near the top the information hardly changes, so it is computed anew only after a long way.
    """
    value, slope = objective(logs)
    information, there = _hessian(objective, logs), logs
    for _ in range(12):
        step = _newton(information, slope, logs)
        if step is None:
            break
        new_value, new_slope = objective(logs + step)
        if not new_value <= value + 1e-13:
            break
        logs, value, slope = logs + step, new_value, new_slope
        if np.abs(step).max() < 1e-9:
            break
        if np.abs(logs - there).max() > _FAR:
            information, there = _hessian(objective, logs), logs
    return logs, information


def _newton(information: Floats, slope: Floats, logs: Floats) -> Floats | None:
    """The step to the top of the local parabola, or nothing where there is none near."""
    try:
        np.linalg.cholesky(information)
        step = np.asarray(-np.linalg.solve(information, slope), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    is_near = np.abs(step).max() < 1.0 and np.abs(logs + step).max() < _BOUND
    return step if is_near else None


def _hessian(objective: Likelihood, logs: Floats) -> Floats:
    size = len(logs)
    rows = []
    for place in range(size):
        step = np.zeros(size)
        step[place] = _STEP
        rows.append((objective(logs + step)[1] - objective(logs - step)[1]) / (2 * _STEP))
    hessian = np.array(rows)
    half: Floats = (hessian + hessian.T) / 2
    return half


def _fit(
    objective: Likelihood, names: tuple[str, ...], logs: Floats, information: Floats, size: float
) -> Fit:
    values = np.exp(logs)
    try:
        spread = np.diag(np.linalg.inv(information * size))
    except np.linalg.LinAlgError:
        spread = np.full(len(logs), np.nan)
    is_at_edge = np.abs(logs) > _BOUND - 2
    is_known = (spread > 0) & ~is_at_edge
    errors = values * np.sqrt(np.where(is_known, spread, np.nan))
    is_vague = ~is_known | (spread > _VAGUE**2)
    return Fit(
        params=dict(zip(names, values.tolist(), strict=True)),
        errors=dict(zip(names, errors.tolist(), strict=True)),
        loglik=-float(objective(logs)[0]) * size,
        warnings=[name for name, vague in zip(names, is_vague, strict=True) if vague],
    )
