"""Ranking, calibration and concentration against their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.numerics import measures
from guanxi.numerics.refusal import Refused

cases = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=4, max_size=60).filter(
    lambda rows: len({happened for happened, _ in rows}) == 2
)


@given(cases)
@settings(max_examples=60)
def test_auc_is_the_share_of_pairs_in_order_and_lies_in_its_interval(rows):
    happened = np.array([each for each, _ in rows])
    score = np.array([float(each) for _, each in rows])
    yes, no = score[happened], score[~happened]
    pairs = (yes[:, None] > no[None, :]) + 0.5 * (yes[:, None] == no[None, :])
    found = measures.auc(happened, score)
    assert found.value == pytest.approx(pairs.mean())
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_the_interval_is_delongs():
    chance = np.random.default_rng(5)
    happened = chance.random(300) < 0.3
    score = chance.normal(0, 1, 300) + happened
    yes, no = score[happened], score[~happened]
    above = (yes[:, None] > no[None, :]).mean(1)
    below = (yes[:, None] > no[None, :]).mean(0)
    spread = np.sqrt(above.var(ddof=1) / len(yes) + below.var(ddof=1) / len(no))
    found = measures.auc(happened, score)
    assert found.high - found.low == pytest.approx(2 * 1.96 * spread, rel=0.02)


def test_one_outcome_has_no_ranking():
    with pytest.raises(Refused):
        measures.auc(np.array([True, True]), np.array([0.1, 0.2]))


def test_equal_values_share_their_rank():
    assert measures.ranks(np.array([3.0, 1, 3, 2])).tolist() == [3.5, 1, 3.5, 2]


def test_brier_and_calibration():
    happened = np.array([True, False, True, False])
    said = np.array([1.0, 0.0, 0.5, 0.5])
    assert measures.brier(happened, said) == pytest.approx(0.125)
    assert measures.expected_calibration_error(happened, said, bins=2) == pytest.approx(0.25)
    assert [each.count for each in measures.calibration_bins(happened, said, bins=3)] == [2, 1, 1]


def test_capture_is_the_share_of_the_best():
    assert measures.captured(np.arange(10.0), np.arange(10.0)) == pytest.approx(17 / 45)
    assert measures.captured(np.arange(3.0), np.zeros(3)) == 0
