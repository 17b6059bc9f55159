"""Weights of indicators: by pairwise judgement (AHP), by the data (entropy), by experts, combined.

Sources: Saaty, The Analytic Hierarchy Process (1980) and How to make a decision (EJOR 48, 1990);
Bozóki, Fülöp & Rónyai, On optimal completion of incomplete pairwise comparison matrices (2010);
Shannon entropy as in Zou, Yun & Sun (2006); Kendall & Babington Smith (1939).
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from guanxi.numerics import measures
from guanxi.numerics.refusal import Refused

Floats = NDArray[np.float64]

#: Random index by the size of the matrix, as Saaty printed it in 1980; named beside every CR.
RANDOM_INDEX: Final = {
    1: 0.0, 2: 0.0, 3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49,
    11: 1.51, 12: 1.48, 13: 1.56, 14: 1.57, 15: 1.59,
}  # fmt: skip
RANDOM_INDEX_SOURCE: Final = "Saaty 1980"
CONSISTENT_BELOW: Final = 0.10
_SCALE: Final = np.array([1 / n for n in range(9, 1, -1)] + list(range(1, 10)))
_ROUNDING: Final = 0.05
"""How far a pair may be from reciprocal: people write 0.33 for 1/3."""


@dataclass(frozen=True)
class Judgement:
    """A judgement that disturbs the others most, and what would agree with them."""

    row: int
    column: int
    given: float
    suggested: float
    cr_then: float


@dataclass(frozen=True)
class Hierarchy:
    """The answer of AHP; `worst` is filled where the judgements contradict each other."""

    weights: Floats
    lambda_max: float
    ci: float
    cr: float
    consistent: bool
    completed: int = 0
    worst: list[Judgement] = field(default_factory=list)


def ahp(matrix: Floats) -> Hierarchy:
    """Weights by the principal eigenvector; NaN marks a judgement that nobody made."""
    judged, missing = _checked(matrix)
    if missing:
        judged = _completed(judged, missing)
    weights, largest = _principal(judged)
    ci, cr = _consistency(largest, len(judged))
    is_consistent = cr < CONSISTENT_BELOW
    return Hierarchy(
        weights=weights,
        lambda_max=largest,
        ci=ci,
        cr=cr,
        consistent=is_consistent,
        completed=len(missing),
        worst=[] if is_consistent else _worst(judged),
    )


def _checked(matrix: Floats) -> tuple[Floats, list[tuple[int, int]]]:
    """The matrix with every pair made reciprocal, and the pairs that are missing altogether."""
    size = len(matrix)
    if matrix.ndim != 2 or matrix.shape != (size, size):
        raise Refused("not_square", rows=size, columns=matrix.shape[-1])
    if size > max(RANDOM_INDEX):
        raise Refused("matrix_too_large", size=size, limit=max(RANDOM_INDEX))
    judged = np.array(matrix, dtype=float)
    for i in range(size):
        if not np.isnan(judged[i, i]) and abs(judged[i, i] - 1) > _ROUNDING:
            raise Refused("diagonal_not_one", row=i + 1, column=i + 1)
        judged[i, i] = 1.0
        for j in range(i + 1, size):
            _pair(judged, i, j)
    above = np.isnan(np.triu(judged, 1))
    return judged, [(int(i), int(j)) for i, j in np.argwhere(above)]


def _pair(judged: Floats, i: int, j: int) -> None:
    """Make one pair reciprocal, from either half, when anything is known of it."""
    above, below = judged[i, j], judged[j, i]
    if np.isnan(above) and np.isnan(below):
        return
    for row, column in ((i, j), (j, i)):
        if judged[row, column] <= 0:
            raise Refused("judgement_not_positive", row=row + 1, column=column + 1)
    if np.isnan(above):
        judged[i, j] = 1 / below
    elif not np.isnan(below) and abs(above * below - 1) > _ROUNDING:
        raise Refused("not_reciprocal", row=j + 1, column=i + 1)
    elif not np.isnan(below) and below > above:
        judged[i, j] = 1 / below
    judged[j, i] = 1 / judged[i, j]


def _completed(judged: Floats, missing: list[tuple[int, int]]) -> Floats:
    """Fill what is missing so that the largest eigenvalue is least (convex in logarithms)."""
    if not _is_connected(judged):
        raise Refused("judgements_not_connected")
    known = np.where(np.isnan(judged), 0.0, judged)

    def filled(logs: Floats) -> Floats:
        full = known.copy()
        for (i, j), value in zip(missing, logs, strict=True):
            full[i, j], full[j, i] = np.exp(value), np.exp(-value)
        return full

    def eigenvalue(logs: Floats) -> tuple[float, Floats]:
        full = filled(logs)
        right, largest = _principal(full)
        left, _ = _principal(full.T)
        slope = [
            (left[i] * full[i, j] * right[j] - left[j] * full[j, i] * right[i]) for i, j in missing
        ]
        return largest, np.array(slope) / (left @ right)

    found = optimize.minimize(
        eigenvalue, np.zeros(len(missing)), jac=True, method="L-BFGS-B", options={"gtol": 1e-10}
    )
    return filled(found.x)


def _is_connected(judged: Floats) -> bool:
    """Whether every item is compared with every other, if only through third ones."""
    reached = np.linalg.matrix_power((~np.isnan(judged)).astype(float), len(judged))
    return bool((reached > 0).all())


def _principal(matrix: Floats) -> tuple[Floats, float]:
    """The eigenvector of the largest eigenvalue, summing to one (Perron: real and positive)."""
    values, vectors = np.linalg.eig(matrix)
    place = int(np.argmax(values.real))
    vector = np.abs(vectors[:, place].real)
    return vector / vector.sum(), float(values[place].real)


def _consistency(largest: float, size: int) -> tuple[float, float]:
    if size < 3:
        return 0.0, 0.0
    ci = max((largest - size) / (size - 1), 0.0)
    return ci, ci / RANDOM_INDEX[size]


def _worst(judged: Floats, count: int = 3) -> list[Judgement]:
    """The judgements that the others would rather see changed, by what their change would mend."""
    size = len(judged)
    found = []
    for i in range(size):
        for j in range(i + 1, size):
            without = judged.copy()
            without[i, j] = without[j, i] = np.nan
            ideal = float(_completed(without, [(i, j)])[i, j])
            suggested = float(_SCALE[np.argmin(np.abs(np.log(_SCALE) - np.log(ideal)))])
            without[i, j], without[j, i] = suggested, 1 / suggested
            _, cr = _consistency(_principal(without)[1], size)
            found.append(Judgement(i, j, float(judged[i, j]), suggested, cr))
    return sorted(found, key=lambda each: each.cr_then)[:count]


def agreed(matrices: list[Floats]) -> Floats:
    """One matrix of several experts: the geometric mean of each judgement (Aczél & Saaty 1983)."""
    if len({matrix.shape for matrix in matrices}) != 1:
        raise Refused("sizes_differ")
    full = []
    for matrix in matrices:
        judged, missing = _checked(matrix)
        full.append(_completed(judged, missing) if missing else judged)
    mean: Floats = np.exp(np.mean(np.log(full), axis=0))
    return mean


def kendalls_w(scores: Floats) -> float:
    """How far the rows (experts) rank the columns alike, 0 to 1, corrected for ties."""
    experts, items = scores.shape
    if experts < 2 or items < 2:
        return 1.0
    ranks = np.apply_along_axis(measures.ranks, 1, scores)
    spread = float(((ranks.sum(0) - ranks.sum(0).mean()) ** 2).sum())
    counts = [np.unique(row, return_counts=True)[1].astype(float) for row in ranks]
    ties = sum(float((c**3 - c).sum()) for c in counts)
    most = experts**2 * (items**3 - items) - experts * ties
    return 1.0 if most <= 0 else 12 * spread / most


def expert(scores: Floats) -> Floats:
    """Each expert (row) shares out one whole; the weights are the mean of the shares."""
    if (scores < 0).any() or not np.isfinite(scores).all():
        raise Refused("negative_weight")
    totals = scores.sum(1, keepdims=True)
    if (totals <= 0).any():
        raise Refused("nothing_given", row=int(np.argmin(totals)) + 1)
    mean: Floats = (scores / totals).mean(0)
    return mean


def entropy(
    table: Floats, *, cost: NDArray[np.bool_] | None = None, scaling: str = "minmax"
) -> Floats:
    """Weights by how much the rows differ in a column: 1 − entropy of its shares (0·ln 0 = 0).

    Cost columns are reversed first. A column that is the same for all rows weighs nothing; one row,
    or only such columns, say nothing: all weigh the same.
    """
    rows, columns = table.shape
    equal = np.full(columns, 1 / columns)
    if rows < 2:
        return equal
    low, high = table.min(0), table.max(0)
    is_cost = np.zeros(columns, dtype=bool) if cost is None else cost
    turned = np.where(is_cost, low + high - table, table)
    varies = high > low
    if scaling == "minmax":
        scaled = np.where(varies, (turned - low) / np.where(varies, high - low, 1), 0)
    elif (turned < 0).any():
        raise Refused("negative_for_sum_scaling")
    else:
        scaled = turned
    shares = scaled / np.where(scaled.sum(0) > 0, scaled.sum(0), 1)
    disorder = -(shares * np.log(np.where(shares > 0, shares, 1))).sum(0) / np.log(rows)
    spread = np.where(varies, np.clip(1 - disorder, 0, None), 0)
    return spread / spread.sum() if spread.sum() > 0 else equal


def combine(vectors: Floats, how: str = "multiplicative") -> Floats:
    """One weight vector of several (rows): product, mean, least relative entropy, game theory."""
    if (vectors < 0).any():
        raise Refused("negative_weight")
    totals = vectors.sum(1, keepdims=True)
    if (totals <= 0).any():
        raise Refused("nothing_given", row=int(np.argmin(totals)) + 1)
    shares = vectors / totals
    mixed: Floats = _COMBINATIONS[how](shares)
    if mixed.sum() <= 0:
        raise Refused("weights_exclude_each_other")
    whole: Floats = mixed / mixed.sum()
    return whole


def _relative_entropy(shares: Floats) -> Floats:
    """The vector nearest to all in the sum of Kullback–Leibler distances: the geometric mean."""
    with np.errstate(divide="ignore"):
        mean: Floats = np.exp(np.log(shares).mean(0))
    return mean


def _game(shares: Floats) -> Floats:
    """The mixture that deviates least from each of its parts (an equilibrium between them)."""
    products = shares @ shares.T
    factors = np.abs(np.linalg.lstsq(products, np.diag(products), rcond=None)[0])
    mixed: Floats = factors @ shares
    return mixed


_COMBINATIONS: Final = {
    "multiplicative": lambda shares: shares.prod(0),
    "additive": lambda shares: shares.mean(0),
    "entropy": _relative_entropy,
    "game": _game,
}
