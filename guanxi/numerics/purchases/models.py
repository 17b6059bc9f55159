"""The purchase models by name: fit, probability of being alive, expected purchases."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from guanxi.numerics.purchases import bgnbd, paretonbd
from guanxi.numerics.purchases.fitting import Fit, Floats, Likelihood, maximise
from guanxi.numerics.purchases.histories import Rows
from guanxi.numerics.refusal import Refused

#: Fewer customers or repeated purchases than these cannot carry four parameters.
LEAST_CUSTOMERS: Final = 20
LEAST_REPEATS: Final = 10
#: With more rows than the first, the climb begins where about as many as the second lead it.
_MANY_ROWS: Final = 20_000
_FEW_ROWS: Final = 4_000
#: With so large an r and α all customers buy at one rate.
_ONE_RATE: Final = 1e4


@dataclass(frozen=True)
class Model:
    """One model as functions of parameters and rows (x, t_x, T)."""

    name: str
    parameters: tuple[str, ...]
    start: tuple[float, ...]
    likelihood: Callable[[Rows], Likelihood]
    p_alive: Callable[[Floats, Rows], Floats]
    expected_if_alive: Callable[[Floats, Rows, Floats], Floats]
    """By the parameters and the rows, the purchases in each of several horizons: a column each."""

    def expected(self, values: Floats, rows: Rows, horizons: Floats) -> Floats:
        """Expected purchases of each row within each horizon, given its history."""
        alive = self.p_alive(values, rows)
        found: Floats = alive[:, None] * self.expected_if_alive(values, rows, horizons)
        return found


def _of_beta(name: str, shift: int) -> Model:
    return Model(
        name=name,
        parameters=("r", "alpha", "a", "b"),
        start=(0.6, 0.4, 0.8, 2.0),
        likelihood=lambda rows: bgnbd.likelihood(rows, shift=shift),
        p_alive=lambda values, rows: bgnbd.p_alive(values, rows, shift=shift),
        expected_if_alive=lambda values, rows, horizons: bgnbd.expected_if_alive(
            values, rows, horizons, shift=shift
        ),
    )


MODELS: Final = {
    "bgnbd": _of_beta("bgnbd", 0),
    "mbgnbd": _of_beta("mbgnbd", 1),
    "paretonbd": Model(
        name="paretonbd",
        parameters=("r", "alpha", "s", "beta"),
        start=(0.6, 0.4, 0.6, 0.4),
        likelihood=paretonbd.likelihood,
        p_alive=paretonbd.p_alive,
        expected_if_alive=paretonbd.expected_if_alive,
    ),
}


def fit(model: Model, rows: Rows) -> Fit:
    """The parameters under which the histories are likeliest; refuses what cannot carry them."""
    size, repeats = float(rows.count.sum()), float((rows.count * rows.x).sum())
    _refuse_thin_data(rows, size, repeats)
    unit = float((rows.count * rows.T).sum() / size)
    scaled = rows.scaled(unit)
    start = np.array(model.start)
    if len(rows.x) > _MANY_ROWS:
        start = _climb(model, scaled.thinned(len(rows.x) // _FEW_ROWS), start).values()
    found = _climb(model, scaled, start)
    if min(found.params["r"], found.params["alpha"]) > _ONE_RATE:
        raise Refused("rates_do_not_differ")
    in_time = {"alpha", "beta"}
    factors = {name: unit if name in in_time else 1.0 for name in model.parameters}
    return Fit(
        params={name: value * factors[name] for name, value in found.params.items()},
        errors={name: value * factors[name] for name, value in found.errors.items()},
        loglik=found.loglik - repeats * float(np.log(unit)),
        warnings=found.warnings,
    )


def _climb(model: Model, rows: Rows, start: Floats) -> Fit:
    size = float(rows.count.sum())
    return maximise(model.likelihood(rows), model.parameters, [start], size=size)


def _refuse_thin_data(rows: Rows, size: float, repeats: float) -> None:
    if size < LEAST_CUSTOMERS:
        raise Refused("too_few_customers", count=int(size), least=LEAST_CUSTOMERS)
    if repeats < LEAST_REPEATS:
        raise Refused("too_few_repeats", count=int(repeats), least=LEAST_REPEATS)
    if not (rows.T > 0).any():
        raise Refused("no_time_watched")
