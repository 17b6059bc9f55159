"""Weights beyond the published figures: missing judgements, several experts, degenerate tables."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.numerics import weights
from guanxi.numerics.refusal import Refused


def consistent(shares):
    return np.array(shares)[:, None] / np.array(shares)[None, :]


shares = st.lists(st.floats(0.05, 1), min_size=1, max_size=9)


@given(shares)
@settings(max_examples=40)
def test_consistent_judgements_give_back_their_weights(given_shares):
    found = weights.ahp(consistent(given_shares))
    np.testing.assert_allclose(found.weights, np.array(given_shares) / sum(given_shares), atol=1e-9)
    assert found.consistent
    assert found.cr < 1e-6


@given(st.lists(st.sampled_from([1 / 9, 1 / 5, 1 / 3, 1, 3, 5, 9]), min_size=6, max_size=6))
@settings(max_examples=12)
def test_any_judgements_give_positive_weights_and_an_eigenvalue_of_at_least_the_size(upper):
    matrix = np.full((4, 4), np.nan)
    matrix[np.triu_indices(4, 1)] = upper
    found = weights.ahp(matrix)
    assert found.weights.sum() == pytest.approx(1)
    assert (found.weights > 0).all()
    assert found.lambda_max >= 4 - 1e-9
    assert found.consistent == (not found.worst)


def test_missing_judgements_are_filled_as_the_others_say():
    whole = consistent([0.5, 0.3, 0.15, 0.05])
    gaps = whole.copy()
    gaps[0, 3] = gaps[3, 0] = gaps[1, 2] = gaps[2, 1] = np.nan
    found = weights.ahp(gaps)
    assert found.completed == 2
    np.testing.assert_allclose(found.weights, weights.ahp(whole).weights, atol=1e-6)


@pytest.mark.parametrize(
    ("matrix", "code"),
    [
        ([[1, 2, 3], [0.5, 1, 2]], "not_square"),
        ([[2, 2], [0.5, 1]], "diagonal_not_one"),
        ([[1, 2], [2, 1]], "not_reciprocal"),
        ([[1, -2], [-0.5, 1]], "judgement_not_positive"),
        ([[1, 0], [np.nan, 1]], "judgement_not_positive"),
        ([[1, np.nan, np.nan], [np.nan, 1, 2], [np.nan, 0.5, 1]], "judgements_not_connected"),
        (np.ones((16, 16)), "matrix_too_large"),
    ],
)
def test_a_matrix_that_is_none_is_refused(matrix, code):
    with pytest.raises(Refused) as refused:
        weights.ahp(np.array(matrix, dtype=float))
    assert refused.value.code == code


def test_a_rounded_reciprocal_is_meant_exactly():
    found = weights.ahp(np.array([[1, 0.33], [3, 1]]))
    np.testing.assert_allclose(found.weights, [0.25, 0.75])


def test_several_experts_are_joined_by_the_geometric_mean():
    joined = weights.agreed([consistent([1, 4]), consistent([4, 1])])
    np.testing.assert_allclose(joined, np.ones((2, 2)))


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([[1, 2, 3], [1, 2, 3], [1, 2, 3]], 1.0),
        ([[1, 2, 3], [3, 2, 1]], 0.0),
        ([[1, 1, 2], [1, 1, 2]], 1.0),
        # Kendall's own example of three rankings of six items: S = 25.5.
        ([[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]], 0.16),
    ],
)
def test_kendalls_w(scores, expected):
    assert weights.kendalls_w(np.array(scores, dtype=float)) == pytest.approx(expected, abs=0.005)


def test_entropy_reverses_costs_and_weighs_a_constant_column_with_nothing():
    table = np.array([[1.0, 5, 7], [2, 4, 7], [4, 2, 7], [5, 1, 7]])
    plain = weights.entropy(table)
    assert plain[2] == 0
    turned = weights.entropy(table, cost=np.array([False, True, False]))
    assert turned[0] == pytest.approx(turned[1])


@pytest.mark.parametrize("table", [np.ones((1, 4)), np.full((5, 4), 3.0)])
def test_a_table_that_says_nothing_weighs_all_alike(table):
    np.testing.assert_allclose(weights.entropy(table), [0.25] * 4)


@given(
    st.lists(st.lists(st.floats(0, 1e6), min_size=3, max_size=3), min_size=1, max_size=12),
    st.sampled_from(["minmax", "sum"]),
)
@settings(max_examples=60)
def test_entropy_weights_are_shares(rows, scaling):
    found = weights.entropy(np.array(rows), scaling=scaling)
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()


def test_sources_that_exclude_each_other_cannot_be_multiplied():
    with pytest.raises(Refused) as refused:
        weights.combine(np.array([[1.0, 0], [0, 1]]))
    assert refused.value.code == "weights_exclude_each_other"


def test_experts_are_heard_alike_whatever_their_scale():
    np.testing.assert_allclose(weights.expert(np.array([[1.0, 3], [50, 50]])), [0.375, 0.625])
