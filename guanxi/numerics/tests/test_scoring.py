"""Points, thresholds and lift: bounded, monotone, ties together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from guanxi.numerics import scoring
from guanxi.numerics.refusal import Refused

VALUES = arrays(np.float64, st.integers(1, 60), elements=st.integers(-1000, 1000).map(float))


@given(VALUES, st.sampled_from(scoring.SCALINGS), st.booleans())
def test_points_lie_between_0_and_100_and_keep_the_order(values, how, less):
    points, _ = scoring.scale(values, how, is_less_better=less)
    assert points.min() >= 0
    assert points.max() <= 100
    order = np.argsort(-values if less else values, kind="stable")
    assert (np.diff(points[order]) >= 0).all()
    for value in np.unique(values):
        assert len(set(points[values == value])) == 1


@given(VALUES)
def test_a_missing_value_has_no_points_and_moves_nobody(values):
    with_gap = np.concatenate([values, [np.nan]])
    points, _ = scoring.scale(with_gap)
    assert points[-1] == 0
    assert (points[:-1] == scoring.scale(values)[0]).all()


def test_known_points():
    values = np.array([1.0, 2.0, 2.0, 4.0, 5.0])
    assert scoring.scale(values)[0].tolist() == [0, 25, 25, 75, 100]
    assert scoring.scale(values, "minmax")[0].tolist() == [0, 25, 25, 75, 100]
    assert scoring.scale(values, "minmax", is_less_better=True)[0].tolist() == [100, 75, 75, 25, 0]
    assert scoring.scale(np.array([1.0, 3.0]), "z")[0] == pytest.approx([100 / 3, 200 / 3])
    assert scoring.scale(np.array([7.0]), "percentile")[0].tolist() == [0]
    assert scoring.scale(np.array([7.0, 7.0]), "z")[0].tolist() == [50, 50]


@given(arrays(np.int64, st.integers(1, 200), elements=st.integers(0, 30)))
def test_classes_keep_ties_together_and_never_overfill(scores):
    cuts = scoring.thresholds_by_share(scores, [10, 30])
    found = scoring.classes(scores, cuts)
    for value in np.unique(scores):
        assert len(set(found[scores == value])) == 1
    assert (found == 0).mean() <= 0.1 + 1 / len(scores)
    assert (found <= 1).mean() <= 0.4 + 1 / len(scores)
    assert found[scores.argmin()] == 2


def test_shares_that_cannot_be_are_refused():
    with pytest.raises(Refused):
        scoring.thresholds_by_share(np.arange(3), [60, 40])


def test_lift_of_a_perfect_and_of_a_blind_ranking():
    worth = np.array([0.0] * 9 + [100.0])
    perfect = scoring.lift(np.arange(10), worth)
    assert perfect.top_share == pytest.approx(1)
    assert perfect.gini == pytest.approx(0.9)
    blind = scoring.lift(np.zeros(10, dtype=np.int64), worth)
    assert blind.top_share == pytest.approx(0.1)
    assert blind.gini == pytest.approx(0)
    assert scoring.lift(np.arange(10), -worth) is None
