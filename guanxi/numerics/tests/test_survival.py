"""Cohorts, curves and habits: a published curve, silences, nothing from later."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.numerics import survival
from guanxi.numerics.purchases import contracts
from guanxi.numerics.purchases.histories import merge_days

#: Weeks in remission under 6-MP (Freireich et al. 1963), a + of the papers being False here.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
ENDED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
#: Time, at risk, survival and its log–log band, as the textbooks print them.
PUBLISHED = [
    (6, 21, 0.8571, 0.6197, 0.9516),
    (7, 17, 0.8067, 0.5631, 0.9228),
    (10, 15, 0.7529, 0.5032, 0.8894),
    (13, 12, 0.6902, 0.4316, 0.8491),
    (16, 11, 0.6275, 0.3675, 0.8049),
    (22, 7, 0.5378, 0.2678, 0.7468),
    (23, 6, 0.4482, 0.1881, 0.6801),
]


def purchases(*rows):
    customer, day = np.array(rows).T
    return merge_days(customer, day, np.ones(len(rows)))


def test_kaplan_meier_gives_the_published_curve():
    found = survival.kaplan_meier(np.array(WEEKS, dtype=float), np.array(ENDED, dtype=bool))
    columns = np.stack([found.time, found.at_risk, found.survival, found.low, found.high], axis=1)
    np.testing.assert_allclose(columns, PUBLISHED, atol=5.1e-5)
    assert found.median() == 23


def test_a_curve_without_events_or_without_survivors_has_no_band():
    none = survival.kaplan_meier(np.array([3.0, 5]), np.array([False, False]))
    assert none.median() is None
    every = survival.kaplan_meier(np.array([3.0, 5]), np.array([True, True]))
    assert every.survival.tolist() == [0.5, 0]
    assert (every.low[1], every.high[1]) == (0, 0)


watched = st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=40)


@given(watched)
@settings(max_examples=60)
def test_a_curve_falls_within_its_band(rows):
    time, ended = (np.array(column) for column in zip(*rows, strict=True))
    found = survival.kaplan_meier(time.astype(float), ended.astype(bool))
    assert (np.diff(found.survival) < 0).all()
    assert ((found.low <= found.survival + 1e-12) & (found.survival <= found.high + 1e-12)).all()
    assert ((found.low >= 0) & (found.high <= 1)).all()


def test_who_is_silent_long_enough_has_left_even_when_coming_back():
    found = survival.stays(
        purchases((0, 0), (0, 50), (1, 0), (1, 95), (2, 80), (3, 10)), as_of=100, silence=90
    )
    assert found.left.tolist() == [False, True, False, True]
    assert found.duration.tolist() == [100, 90, 20, 90]
    assert found.came_back.tolist() == [False, True, False, False]


rows = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 200)), min_size=1, max_size=30)


@given(rows, rows, st.integers(5, 80))
@settings(max_examples=60)
def test_what_comes_later_changes_no_leaving(before, after, silence):
    later = [(who, day + 201) for who, day in after]
    alone, with_later = (
        survival.stays(purchases(*each), as_of=200, silence=silence)
        for each in (before, before + later)
    )
    for name in ("customer", "duration", "left", "came_back"):
        np.testing.assert_array_equal(getattr(alone, name), getattr(with_later, name))
    then = survival.stays(purchases(*before, *later), as_of=500, silence=silence)
    known = np.isin(then.customer, alone.customer)
    seen = alone.left
    assert then.left[known][seen].all()
    np.testing.assert_array_equal(then.duration[known][seen], alone.duration[seen])


def test_cohorts_count_each_customer_once_a_month():
    january, february, march = 0, 31, 59
    found = survival.cohorts(
        purchases((0, january), (0, february), (0, february + 3), (1, 5), (1, march), (2, march)),
        as_of=march,
    )
    assert [each.month for each in found] == [0, 2]
    assert found[0].active.tolist() == [2, 1, 1]
    assert found[0].size == 2
    assert found[1].active.tolist() == [1]


def test_silence_is_measured_by_the_own_habit():
    found = survival.habits(
        purchases((0, 0), (0, 10), (0, 20), (1, 0), (1, 90), (2, 1), (2, 2), (2, 3)), as_of=50
    )
    assert found.customer.tolist() == [0, 2]
    assert found.interval.tolist() == [10, 1]
    assert found.silence.tolist() == [3, 47]


def test_staying_is_renewed_period_by_period():
    stays = survival.Stays(
        np.arange(4),
        np.array([10.0, 40, 70, 100]),
        np.array([True, True, False, False]),
        np.zeros(4, dtype=bool),
    )
    found = survival.renewals_of(stays)
    assert found.lost.tolist() == [1, 1, 0, 0]
    assert found.left.tolist() == [0, 1, 1, 0]
    assert contracts.likelihood(found)(np.array([1.0, 1.0]))[0] == pytest.approx(
        np.log(1 / 2) + np.log(1 / 6) + np.log(1 / 3) + np.log(1 / 4)
    )
