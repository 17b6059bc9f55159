"""Silence foretold from orders: facts of a day, nothing from later, the bounds on the real shop."""

import numpy as np
import pytest

from guanxi.numerics import leaving, measures
from guanxi.numerics.refusal import Refused
from guanxi.numerics.tests.real_data import day, online_retail


def shop(customers=150, days=420, seed=3):
    """Customers with a pace of their own, some of whom leave; some return goods."""
    chance = np.random.default_rng(seed)
    rows = []
    for who in range(customers):
        on, pace = int(chance.integers(0, 150)), chance.choice([8, 25, 80])
        while on < days:
            rows.append((who, on, chance.gamma(3, 20)))
            if chance.random() < 0.1:
                rows.append((who, on, -5.0))
            if chance.random() < 0.08:
                break
            on += 1 + int(chance.exponential(pace))
    customer, on, amount = map(np.array, zip(*rows, strict=True))
    return customer, on, amount


def test_facts_of_a_day_know_its_past_only():
    customer, on, amount = shop()
    whole = leaving.facts(leaving.log_of(customer, on, amount), as_of=200, horizon=60)
    past = on <= 200
    alone = leaving.facts(
        leaving.log_of(customer[past], on[past], amount[past]), as_of=200, horizon=60
    )
    np.testing.assert_array_equal(whole.customer, alone.customer)
    np.testing.assert_array_equal(whole.features.values, alone.features.values)


def test_who_bought_within_the_horizon_was_not_silent():
    log = leaving.log_of(np.array([0, 0, 1, 2]), np.array([0, 15, 5, 30]), np.ones(4))
    silent = leaving.silent_after(log, np.array([0, 1]), as_of=10, horizon=10)
    assert silent.tolist() == [False, True]


@pytest.mark.slow
def test_a_forecast_ranks_customers_and_ignores_what_comes_later():
    customer, on, amount = shop()
    log = leaving.log_of(customer, on, amount)
    found, chance = leaving.Learner(log, horizon=60).foretell(330)
    silent = leaving.silent_after(log, found.customer, as_of=330, horizon=60)
    assert measures.auc(silent, chance).value > 0.8
    past = on <= 330
    alone = leaving.Learner(leaving.log_of(customer[past], on[past], amount[past]), horizon=60)
    np.testing.assert_allclose(alone.foretell(330)[1], chance)


def test_a_short_log_is_refused():
    log = leaving.log_of(*shop())
    with pytest.raises(Refused) as refused:
        leaving.Learner(log, horizon=90).foretell(100)
    assert refused.value.code == "too_short_a_log"


@pytest.mark.slow
def test_the_real_shop_is_foretold_over_three_days():
    """Online Retail II, silence of 90 days, cut at three dates: the bounds that must be held."""
    log = leaving.log_of(*online_retail())
    learner = leaving.Learner(log, horizon=90)
    outcomes, chances, errors = [], [], []
    for cut in ("2011-03-10", "2011-06-10", "2011-09-10"):
        found, chance = learner.foretell(day(cut))
        silent = leaving.silent_after(log, found.customer, as_of=day(cut), horizon=90)
        errors.append(measures.expected_calibration_error(silent, chance))
        outcomes.append(silent)
        chances.append(chance)
    assert measures.auc(np.concatenate(outcomes), np.concatenate(chances)).value >= 0.785
    assert max(errors) <= 0.05, errors
