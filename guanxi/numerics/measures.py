"""How good a prediction was: ranking, calibration, concentration."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from guanxi.numerics.refusal import Refused

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Auc:
    """The chance that a case that happened was scored above one that did not, with its interval."""

    value: float
    low: float
    high: float


def auc(happened: Flags, score: Floats, *, level: float = 0.95) -> Auc:
    """Area under the ROC curve, ties counted half, interval by DeLong (1988) on the logit scale.

    The placement values come from ranks (Sun & Xu 2014), so a million cases take a second.
    """
    yes, no = score[happened], score[~happened]
    if not len(yes) or not len(no):
        raise Refused("one_outcome_only")
    places = ranks(np.concatenate([yes, no]))
    above = (places[: len(yes)] - ranks(yes)) / len(no)
    below = 1 - (places[len(yes) :] - ranks(no)) / len(yes)
    value = float(above.mean())
    variance = sum(float(v.var(ddof=1)) / len(v) for v in (above, below) if len(v) > 1)
    if not 0 < value < 1 or variance <= 0:
        return Auc(value, value, value)
    half = float(special.ndtri((1 + level) / 2)) * variance**0.5 / (value * (1 - value))
    centre = float(special.logit(value))
    return Auc(value, float(special.expit(centre - half)), float(special.expit(centre + half)))


def ranks(values: Floats) -> Floats:
    """Places from 1 in rising order; equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    shared: Floats = (last - (count - 1) / 2)[place]
    return shared


def brier(happened: Flags, probability: Floats) -> float:
    """The mean squared difference of probability and outcome (Brier 1950)."""
    return float(((probability - happened) ** 2).mean())


@dataclass(frozen=True)
class Bin:
    """Cases of similar probability: how many, what was said, what happened."""

    count: int
    predicted: float
    happened: float


def calibration_bins(happened: Flags, probability: Floats, *, bins: int = 10) -> list[Bin]:
    """Ten equal groups in order of probability."""
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return [
        Bin(len(part), float(probability[part].mean()), float(happened[part].mean()))
        for part in parts
    ]


def expected_calibration_error(happened: Flags, probability: Floats, *, bins: int = 10) -> float:
    """The mean distance of what was said from what happened, over equal groups (ECE)."""
    groups = calibration_bins(happened, probability, bins=bins)
    total = sum(group.count for group in groups)
    return sum(group.count * abs(group.predicted - group.happened) for group in groups) / total


def captured(score: Floats, value: Floats, *, share: float = 0.2) -> float:
    """The share of all value that those with the highest scores hold."""
    total = float(value.sum())
    if not total:
        return 0.0
    best = np.argsort(-score, kind="stable")[: round(share * len(score))]
    return float(value[best].sum()) / total
