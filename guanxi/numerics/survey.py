"""Statistics of surveys: sample sizes, intervals, reliability, and a satisfaction index.

Sources: Cochran, Sampling Techniques (1977); Wilson (1927); Cronbach (1951); Tenenhaus, Esposito
Vinzi, Chatelin & Lauro, PLS path modeling (2005), whose mobile-phone survey gives the figures.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from guanxi.numerics.refusal import Refused

Floats = NDArray[np.float64]

#: Below this the items of a scale do not measure one thing well enough to be added up.
RELIABLE_FROM: Final = 0.7
_ROUNDS: Final = 300


def _z(level: float) -> float:
    return float(special.ndtri((1 + level) / 2))


def sample_size(
    margin: float, *, level: float = 0.95, share: float = 0.5, population: int | None = None
) -> int:
    """How many answers make a share known within the margin; fewer in a small population."""
    if not 0 < margin < 1:
        raise Refused("margin_out_of_range")
    wanted = _z(level) ** 2 * share * (1 - share) / margin**2
    if population is not None:
        wanted = wanted / (1 + (wanted - 1) / population)
    return math.ceil(wanted - 1e-9)


@dataclass(frozen=True)
class Interval:
    """An estimate between two bounds."""

    value: float
    low: float
    high: float


def wilson(successes: int, cases: int, *, level: float = 0.95) -> Interval:
    """A share with Wilson's score interval, sound for few cases and for 0 or all."""
    if cases <= 0:
        raise Refused("no_answers")
    z, share = _z(level), successes / cases
    centre = (share + z * z / (2 * cases)) / (1 + z * z / cases)
    half = z * math.sqrt(share * (1 - share) / cases + z * z / (4 * cases**2)) / (1 + z * z / cases)
    low, high = max(centre - half, 0.0), min(centre + half, 1.0)
    return Interval(share, 0.0 if not successes else low, 1.0 if successes == cases else high)


def net_promoter_score(
    promoters: int, passives: int, detractors: int, *, level: float = 0.95
) -> Interval:
    """Promoters less detractors, in points; the error of a difference of shares of one sample."""
    cases = promoters + passives + detractors
    if cases <= 0:
        raise Refused("no_answers")
    p, d = promoters / cases, detractors / cases
    half = _z(level) * math.sqrt(max(p + d - (p - d) ** 2, 0.0) / cases)
    return Interval(100 * (p - d), 100 * (p - d - half), 100 * (p - d + half))


def cronbachs_alpha(items: Floats) -> float:
    """Whether items (columns) measure one thing: warn below `RELIABLE_FROM`."""
    count = items.shape[1]
    if len(items) < 2 or count < 2:
        raise Refused("too_few_items")
    covariance = np.cov(items, rowvar=False)
    total = float(covariance.sum())
    if total <= 0:
        raise Refused("answers_do_not_differ")
    return float(count / (count - 1) * (1 - np.trace(covariance) / total))


@dataclass(frozen=True)
class PathModel:
    """Outer weights by block, and the effect of one block on another as (from, to)."""

    weights: dict[str, Floats]
    paths: dict[tuple[str, str], float]
    scores: dict[str, Floats]


def path_model(
    blocks: Mapping[str, Floats], paths: Sequence[tuple[str, str]], *, tolerance: float = 1e-10
) -> PathModel:
    """Partial least squares with reflective blocks (mode A) and the path weighting scheme."""
    items = {name: _standard(block) for name, block in blocks.items()}
    scores = {name: _scaled(block.sum(1)) for name, block in items.items()}
    weights = {name: np.ones(block.shape[1]) for name, block in items.items()}
    for _ in range(_ROUNDS):
        inner = {name: _neighbours(name, scores, paths) for name in items}
        found = {name: block.T @ inner[name] / len(block) for name, block in items.items()}
        found = {name: w / (items[name] @ w).std() for name, w in found.items()}
        change = max(float(np.abs(found[name] - weights[name]).max()) for name in items)
        weights = found
        scores = {name: items[name] @ weights[name] for name in items}
        if change < tolerance:
            break
    else:
        raise Refused("no_maximum")
    return PathModel(weights, _effects(scores, paths), scores)


def _standard(block: Floats) -> Floats:
    spread = block.std(0)
    if (spread <= 0).any():
        raise Refused("answers_do_not_differ")
    found: Floats = (block - block.mean(0)) / spread
    return found


def _scaled(score: Floats) -> Floats:
    found: Floats = score / score.std()
    return found


def _neighbours(
    name: str, scores: Mapping[str, Floats], paths: Sequence[tuple[str, str]]
) -> Floats:
    """Causes weigh by their effect on a block, consequences by their correlation with it."""
    total = np.zeros(len(scores[name]))
    causes = [start for start, end in paths if end == name]
    if causes:
        table = np.column_stack([scores[cause] for cause in causes])
        total += table @ np.linalg.lstsq(table, scores[name], rcond=None)[0]
    for start, end in paths:
        if start == name:
            total += float(np.mean(scores[name] * scores[end])) * scores[end]
    return total


def _effects(
    scores: Mapping[str, Floats], paths: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for target in dict.fromkeys(end for _, end in paths):
        causes = [start for start, end in paths if end == target]
        table = np.column_stack([scores[cause] for cause in causes])
        effects = np.linalg.lstsq(table, scores[target], rcond=None)[0]
        found |= {(cause, target): float(e) for cause, e in zip(causes, effects, strict=True)}
    return found


def satisfaction_index(
    items: Floats, outer: Floats, *, lowest: float = 1.0, highest: float = 10.0
) -> float:
    """0 to 100: the weighted mean of the items on their own scale (ACSI, ECSI)."""
    weights = outer / items.std(0, ddof=1)
    mean = float(weights @ items.mean(0)) / float(weights.sum())
    return 100 * (mean - lowest) / (highest - lowest)
