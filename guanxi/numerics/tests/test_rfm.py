"""Scores of recency, frequency and money: ties, refunds, single purchases, nothing from later."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.numerics import rfm
from guanxi.numerics.refusal import Refused

ORDERS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 100), st.integers(-50, 500)),
    min_size=1,
    max_size=40,
)


def measured(rows, as_of=100):
    customer, day, amount = np.array(rows).T
    return rfm.measure(customer, day, amount.astype(float), as_of=as_of)


def test_refunds_are_taken_off_the_money_and_are_no_purchase():
    found = measured([(0, 10, 100), (0, 90, -30), (1, 50, 0), (2, 60, -5)])
    assert found.customer.tolist() == [0, 1]
    assert found.recency.tolist() == [90, 50]
    assert found.frequency.tolist() == [1, 1]
    assert found.monetary.tolist() == [70, 0]


def test_without_a_purchase_there_is_nothing_to_score():
    with pytest.raises(Refused):
        measured([(0, 10, -1)])


def test_quantiles_are_of_type_seven():
    np.testing.assert_allclose(rfm.quantile_cuts(np.array([1, 2, 3, 4, 10]), 4), [2, 3, 4])
    np.testing.assert_allclose(rfm.quantile_cuts(np.arange(1, 11), 5), [2.8, 4.6, 6.4, 8.2])


def test_ties_stay_together_and_recency_is_turned_round():
    frequency = np.array([1, 1, 1, 1, 2, 7])
    assert rfm.score(frequency, rfm.quantile_cuts(frequency, 5)).tolist() == [1, 1, 1, 1, 4, 5]
    days = np.array([0, 5, 10, 20, 40])
    cuts = rfm.quantile_cuts(days, 5)
    assert rfm.score(days, cuts, fewer_is_better=True).tolist() == [5, 4, 3, 2, 1]


def test_fixed_thresholds_hold_whoever_the_customers_are():
    found = rfm.score_all(
        measured([(0, 100, 5), (1, 69, 500)]), fixed={"recency": np.array([30.0, 90])}
    )
    assert found.recency.tolist() == [3, 2]
    assert found.bins == {"recency": 3, "frequency": 5, "monetary": 5}


@given(ORDERS, ORDERS)
@settings(max_examples=60)
def test_what_comes_later_changes_nothing(before, after):
    if not any(amount >= 0 for _, _, amount in before):
        return
    later = [(who, day + 101, amount) for who, day, amount in after]
    alone, with_later = measured(before), measured(before + later)
    for name in ("customer", "recency", "frequency", "monetary"):
        np.testing.assert_array_equal(getattr(alone, name), getattr(with_later, name))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.integers(2, 10))
@settings(max_examples=60)
def test_scores_keep_within_bounds_and_order(values, bins):
    column = np.array(values)
    found = rfm.score(column, rfm.quantile_cuts(column, bins))
    assert found.min() >= 1
    assert found.max() <= bins
    order = np.argsort(column)
    assert (np.diff(found[order]) >= 0).all()


def test_the_eight_groups_are_named_by_what_lies_above_the_middle():
    scored = rfm.Scored(
        recency=np.array([5, 3, 4]),
        frequency=np.array([4, 5, 1]),
        monetary=np.array([5, 4, 2]),
        cuts={},
        bins={"recency": 5, "frequency": 5, "monetary": 5},
    )
    assert rfm.group_of(scored) == ["champion", "to_keep", "ordinary_develop"]
