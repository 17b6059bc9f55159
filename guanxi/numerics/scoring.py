"""Indicators on one scale, their weighted sum, and classes by thresholds: of customers, of people.

Every indicator is brought to 0…100, more always being better. A missing value is worth 0 points and
does not move the scale of the others. Equal values have equal points.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from guanxi.numerics.refusal import Refused

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SCALINGS: Final = ("percentile", "minmax", "z")
Z_REACH: Final = 3.0
"""Beyond so many standard deviations nothing is gained or lost."""
_GRID: Final = np.linspace(0, 1, 101)


@dataclass(frozen=True)
class Scale:
    """How raw values become points, kept so that points can be explained and turned back."""

    how: str
    is_less_better: bool
    low: float
    high: float
    mean: float
    spread: float
    grid: list[float]
    """The values at every hundredth of the customers, from the least to the most points."""


def scale(
    values: Floats, how: str = "percentile", *, is_less_better: bool = False
) -> tuple[Floats, Scale]:
    """Points of 0…100 for every value, and the scale behind them.

    percentile: the share of the others that a value beats; minmax: its place between the least and
    the most; z: its distance from the mean in standard deviations, cut at three.
    """
    if how not in SCALINGS:
        raise Refused("unknown_scaling", how=how)
    is_known = np.isfinite(values)
    known = values[is_known]
    turned = -known if is_less_better else known
    points = np.zeros(len(values))
    found = _describe(known, how, is_less_better=is_less_better)
    if len(known):
        points[is_known] = np.clip(_POINTS[how](turned), 0, 100)
    return points, found


def _describe(known: Floats, how: str, *, is_less_better: bool) -> Scale:
    if not len(known):
        return Scale(how, is_less_better, 0.0, 0.0, 0.0, 0.0, [0.0] * len(_GRID))
    grid = np.quantile(known, _GRID)
    spread = float(known.std())
    return Scale(
        how,
        is_less_better,
        float(known.min()),
        float(known.max()),
        float(known.mean()),
        spread,
        (grid[::-1] if is_less_better else grid).tolist(),
    )


def _by_rank(values: Floats) -> Floats:
    if len(values) < 2:
        return np.zeros(len(values))
    below = np.searchsorted(np.sort(values), values, side="left")
    points: Floats = below / (len(values) - 1) * 100
    return points


def _by_range(values: Floats) -> Floats:
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return np.zeros(len(values))
    points: Floats = (values - low) / (high - low) * 100
    return points


def _by_deviation(values: Floats) -> Floats:
    spread = float(values.std())
    if spread <= 0:
        return np.full(len(values), 50.0)
    points: Floats = ((values - values.mean()) / spread / Z_REACH + 1) * 50
    return points


_POINTS: Final = {"percentile": _by_rank, "minmax": _by_range, "z": _by_deviation}


def weighted(points: Floats, weights: Floats) -> tuple[Ints, Ints]:
    """Hundredths of points that each indicator (column) adds, and their sum for every row."""
    parts = np.rint(points * weights * 100).astype(np.int64)
    return parts, parts.sum(1)


def thresholds_by_share(scores: Ints, shares: list[float]) -> list[float]:
    """The scores above which the best so many percent lie, from the best class downwards."""
    if any(share <= 0 for share in shares) or sum(shares) >= 100:
        raise Refused("bad_shares")
    if not len(scores):
        return [0.0 for _ in shares]
    upper = np.cumsum(shares) / 100
    return [float(cut) for cut in np.quantile(scores, 1 - upper, method="linear")]


def classes(scores: Ints, thresholds: list[float]) -> Ints:
    """0 (best) to len(thresholds): the class of each score; one on a threshold is in the lower.

    So whoever shares a score shares the class, and a crowd with the least score is never on top.
    """
    if sorted(thresholds, reverse=True) != thresholds:
        raise Refused("thresholds_not_falling")
    below = np.searchsorted(np.array(thresholds[::-1], dtype=float), scores, side="left")
    return len(thresholds) - below.astype(np.int64)


@dataclass(frozen=True)
class Lift:
    """What an earlier ranking would have foretold: the share of the later sum in each tenth."""

    shares: list[float]
    of_random: float
    top_share: float
    gini: float


def lift(scores: Ints, later: Floats) -> Lift | None:
    """The curve of a ranking over what came later; nothing where nothing came.

    Rows of equal score share what they brought evenly, so their order does not matter.
    """
    worth = np.clip(later, 0, None)
    total = float(worth.sum())
    if not len(scores) or total <= 0:
        return None
    _values, place, count = np.unique(-scores, return_inverse=True, return_counts=True)
    sums = np.bincount(place, weights=worth)
    reached = np.concatenate([[0.0], np.cumsum(sums) / total])
    people = np.concatenate([[0.0], np.cumsum(count) / len(scores)])
    steps = np.interp(np.linspace(0, 1, 11), people, reached)
    area = float((np.diff(people) * (reached[1:] + reached[:-1]) / 2).sum())
    return Lift([float(s) for s in np.diff(steps)], 0.1, float(steps[1]), 2 * area - 1)
