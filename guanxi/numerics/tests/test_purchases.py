"""The purchase models beyond published figures: gradients, extremes, recovery, bounds, no leak."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from guanxi.numerics.purchases import contracts, spend, value
from guanxi.numerics.purchases.histories import compress, merge_days, rows_of, summarise
from guanxi.numerics.purchases.models import MODELS, fit
from guanxi.numerics.refusal import Refused
from guanxi.numerics.tests.real_data import day, online_retail

NAMES = tuple(MODELS)
ROWS = compress(
    np.array([0.0, 0, 1, 2, 5, 40, 300]),
    np.array([0.0, 0, 3, 8, 20, 29, 30]),
    np.array([5.0, 39, 30, 8, 39, 30, 39]),
)


def history(x, t_x, watched):
    return compress(*(np.array([float(v)]) for v in (x, t_x, watched)))


def slope_by_differences(likelihood, values, step=1e-6):
    found = []
    for place in range(len(values)):
        shift = np.zeros(len(values))
        shift[place] = step * values[place]
        found.append(
            (likelihood(values + shift)[0] - likelihood(values - shift)[0]) / (2 * shift[place])
        )
    return np.array(found)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("values", [[0.3, 5, 0.9, 2.2], [2.0, 0.5, 3.0, 0.4], [0.05, 90, 1.0, 30]])
def test_gradients_agree_with_finite_differences(name, values):
    likelihood = MODELS[name].likelihood(ROWS)
    values = np.array(values)
    np.testing.assert_allclose(
        likelihood(values)[1], slope_by_differences(likelihood, values), rtol=1e-5, atol=1e-5
    )


def test_gradients_of_spend_and_contracts_agree_with_finite_differences():
    amounts = spend.likelihood(np.array([1.0, 3, 1, 9]), np.array([5.0, 20, 31, 2]))
    renewed = contracts.likelihood(contracts.renewals(np.array([100.0, 60, 50, 45])))
    for likelihood, values in ((amounts, [6.0, 4, 15]), (renewed, [0.7, 1.2])):
        given_values = np.array(values)
        np.testing.assert_allclose(
            likelihood(given_values)[1], slope_by_differences(likelihood, given_values), rtol=1e-5
        )


@pytest.mark.parametrize(
    ("x", "t_x", "watched", "values"),
    [
        (0, 0, 39, (0.5, 10, 0.6, 12)),
        (3, 20, 39, (0.5, 10, 0.6, 12)),
        (2000, 30, 39, (0.5, 10, 0.6, 12)),
        (5, 1, 10_000, (0.5, 1e-3, 0.6, 1e3)),
        (5, 1, 10_000, (0.5, 1e3, 0.6, 1e-3)),
        (0, 0, 10_000, (0.05, 1e-4, 5.0, 200)),
        (1, 0.1, 2, (50.0, 1e4, 20.0, 1e5)),
        (4, 30, 30, (0.5, 10, 0.6, 12)),
    ],
)
def test_pareto_holds_for_extreme_histories(x, t_x, watched, values):
    r, alpha, s, beta = values

    def share(u):
        y = np.expm1(u) + t_x
        logs = (r + x) * (np.log(alpha + t_x) - np.log(alpha + y))
        return np.exp(logs + u - (s + 1) * np.log(beta + y))

    edges = np.linspace(0, np.log1p(watched - t_x), 200)
    gone = s * sum(
        integrate.quad(share, *ends, epsabs=0, epsrel=1e-12)[0] for ends in pairwise(edges)
    )
    stay = np.exp(
        (r + x) * (np.log(alpha + t_x) - np.log(alpha + watched)) - s * np.log(beta + watched)
    )
    rows = history(x, t_x, watched)
    found = MODELS["paretonbd"].p_alive(np.array(values), rows)[0]
    assert found == pytest.approx(stay / (stay + gone), rel=1e-8, abs=1e-300)
    whole = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    whole += np.log(stay + gone) - (r + x) * np.log(alpha + t_x)
    likelihood = MODELS["paretonbd"].likelihood(rows)(np.array(values))[0]
    assert likelihood == pytest.approx(whole, rel=1e-9, abs=1e-8)


@pytest.mark.parametrize(("name", "shift"), [("bgnbd", 0), ("mbgnbd", 1)])
@pytest.mark.parametrize(("x", "horizon"), [(0, 1.0), (1, 52.0), (4, 200.0), (30, 52.0)])
def test_expectation_agrees_with_the_papers_hypergeometric_form(name, shift, x, horizon):
    r, alpha, a, b = values = np.array([0.25, 4.4, 0.8, 2.4])
    watched, stays = 39.0, b + x + shift
    z = horizon / (alpha + watched + horizon)
    f = special.hyp2f1(r + x, stays, a + stays - 1, z)
    paper = (a + stays - 1) / (a - 1)
    paper *= 1 - ((alpha + watched) / (alpha + watched + horizon)) ** (r + x) * f
    rows = history(x, 20 if x else 0, watched)
    found = MODELS[name].expected_if_alive(values, rows, np.array([horizon]))
    assert found[0, 0] == pytest.approx(paper, rel=1e-9)


@pytest.mark.parametrize("a", [1.0, 1 - 1e-9, 1 + 1e-9, 0.02, 300.0])
@pytest.mark.parametrize("x", [0, 3, 2500])
def test_expectation_holds_where_the_hypergeometric_form_fails(a, x):
    r, alpha, b, watched, horizon = 0.25, 0.5, 2.4, 10.0, 52.0
    values = np.array([r, alpha, a, b])
    found = MODELS["bgnbd"].expected_if_alive(
        values, history(x, 5 if x else 0, watched), np.array([horizon])
    )

    def share(w):
        """The integrand by w = ln(p^a), where the beta density's pole is gone."""
        p = np.exp(w / a)
        gone = -np.expm1(-(r + x) * np.log1p(p * horizon / (alpha + watched)))
        each = gone / p if p > 1e-290 else (r + x) * horizon / (alpha + watched)
        left = (b + x - 1) * np.log1p(-p) if p < 1 else -np.inf
        return each * np.exp(w + left - special.betaln(a, b + x)) / a

    edges = np.concatenate([np.linspace(-60 * max(a, 1), -a, 300), np.linspace(-a, 0, 200)[1:]])
    exact = sum(integrate.quad(share, *ends, epsrel=1e-11)[0] for ends in pairwise(edges))
    assert found[0, 0] == pytest.approx(exact, rel=1e-7)


def simulated(name, size, seed=1):
    """Customers who buy and leave as the model says."""
    chance = np.random.default_rng(seed)
    watched = chance.integers(60, 365, size) / 7
    rate = chance.gamma(0.6, 1 / 6.0, size)
    if name == "paretonbd":
        life = chance.exponential(1 / chance.gamma(0.7, 1 / 10.0, size))
        leaves = np.zeros(size)
    else:
        life, leaves = np.full(size, np.inf), chance.beta(0.9, 2.5, size)
    x, t_x, now = np.zeros(size), np.zeros(size), np.zeros(size)
    here = chance.random(size) >= leaves if name == "mbgnbd" else np.ones(size, dtype=bool)
    while here.any():
        who = np.flatnonzero(here)
        now[who] += chance.exponential(1 / np.maximum(rate[who], 1e-12))
        here[who] = now[who] < np.minimum(watched, life)[who]
        buyers = np.flatnonzero(here)
        x[buyers] += 1
        t_x[buyers] = now[buyers]
        here[buyers] = chance.random(len(buyers)) >= leaves[buyers]
    return compress(x, t_x, watched)


@pytest.mark.parametrize(
    ("name", "truth"),
    [
        ("bgnbd", [0.6, 6, 0.9, 2.5]),
        ("mbgnbd", [0.6, 6, 0.9, 2.5]),
        ("paretonbd", [0.6, 6, 0.7, 10]),
    ],
)
@pytest.mark.slow
def test_parameters_are_recovered_from_simulated_customers(name, truth):
    found = fit(MODELS[name], simulated(name, 20_000))
    errors = np.array(list(found.errors.values()))
    assert (np.abs(found.values() - truth) < 4 * errors).all(), found
    assert (errors < 0.3 * np.array(truth)).all()


def test_a_start_from_a_part_leads_to_the_same_top(monkeypatch):
    rows = simulated("bgnbd", 5_000)
    whole = fit(MODELS["bgnbd"], rows)
    monkeypatch.setattr("guanxi.numerics.purchases.models._MANY_ROWS", 1_000)
    monkeypatch.setattr("guanxi.numerics.purchases.models._FEW_ROWS", 300)
    np.testing.assert_allclose(fit(MODELS["bgnbd"], rows).values(), whole.values(), rtol=1e-6)


def test_who_all_buy_at_one_rate_carry_no_model_of_differing_rates():
    chance = np.random.default_rng(8)
    x = chance.poisson(20, 400).astype(float)
    rows = compress(x, 50 - chance.random(400), np.full(400, 50.0))
    assert refusal(fit, MODELS["bgnbd"], rows) == "rates_do_not_differ"


def test_parameters_that_the_data_do_not_fix_are_named():
    """Customers who never leave: how leaving differs between them cannot be known."""
    chance = np.random.default_rng(5)
    x = chance.poisson(chance.gamma(0.8, 20, 300)).astype(float)
    watched = np.full(300, 50.0)
    t_x = np.where(x > 0, watched - chance.exponential(50 / np.maximum(x, 1)).clip(0, 40), 0.0)
    found = fit(MODELS["bgnbd"], compress(x, t_x.round(1), watched))
    assert {"a", "b"} & set(found.warnings)
    assert not {"r", "alpha"} & set(found.warnings)


def test_spend_is_recovered_and_pulled_to_the_mean_of_all():
    chance = np.random.default_rng(3)
    x = chance.integers(1, 12, 8_000).astype(float)
    mean = chance.gamma(6.0 * x, 1 / chance.gamma(3.7, 1 / 15.4, 8_000)) / x
    found = spend.fit(x, mean)
    np.testing.assert_allclose(found.values(), [6.0, 3.7, 15.4], rtol=0.15)
    p, q, v = found.values()
    everybody = p * v / (q - 1)
    pulled = spend.expected_mean(found.values(), np.array([0.0, 1, 100]), np.array([0, 200.0, 200]))
    assert pulled[0] == pytest.approx(everybody)
    assert everybody < pulled[1] < pulled[2] < 200


positive = st.floats(0.02, 50)


@given(
    st.sampled_from(NAMES),
    st.tuples(positive, positive, positive, positive),
    st.integers(0, 500),
    st.floats(0, 1),
    st.floats(0.01, 500),
)
@settings(max_examples=150)
def test_outputs_are_bounded_and_monotone(name, values, x, place, watched):
    model, values = MODELS[name], np.array(values)
    t_x = watched * place if x else 0.0
    rows = history(x, t_x, watched)
    alive = model.p_alive(values, rows)[0]
    assert 0 <= alive <= 1
    longer = model.p_alive(values, history(x, t_x, watched * 1.5))[0]
    assert longer <= alive + 1e-9
    expected = model.expected(values, rows, np.array([1.0, 10, 52, 200]))[0]
    assert (expected >= 0).all()
    assert (np.diff(expected) >= -1e-9).all()
    more = model.expected_if_alive(values, history(x + 1, t_x, watched), np.array([52.0]))[0, 0]
    assert more >= model.expected_if_alive(values, rows, np.array([52.0]))[0, 0] - 1e-9


orders = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 60), st.integers(-9, 50)), min_size=1, max_size=40
)


@given(orders, orders)
@settings(max_examples=60)
def test_what_comes_later_changes_no_history(before, after):
    if not any(amount >= 0 for *_, amount in before):
        return
    later = [(who, on + 61, amount) for who, on, amount in after]
    alone, with_later = (
        summarise(merge_days(*map(np.array, zip(*rows, strict=True))), until=60)
        for rows in (before, before + later)
    )
    for name in ("customer", "x", "t_x", "T", "spend"):
        np.testing.assert_array_equal(getattr(alone, name), getattr(with_later, name))


def test_one_days_purchases_are_one_and_refunds_are_none():
    days = merge_days(
        np.array([7, 7, 7, 7, 3]), np.array([0, 0, 14, 21, 7]), np.array([5.0, 6, 4, -4, 0])
    )
    found = summarise(days, until=28)
    assert found.customer.tolist() == [3, 7]
    assert found.x.tolist() == [0, 1]
    assert found.t_x.tolist() == [0, 2]
    assert found.T.tolist() == [3, 4]
    assert found.spend.tolist() == [0, 4]


def refusal(call, *arguments):
    with pytest.raises(Refused) as refused:
        call(*arguments)
    return refused.value.code


def test_what_cannot_carry_a_model_is_refused():
    many = np.ones(50)
    model = MODELS["bgnbd"]
    assert refusal(fit, model, history(5, 3, 9)) == "too_few_customers"
    assert refusal(fit, model, compress(0 * many, 0 * many, 9 * many)) == "too_few_repeats"
    assert refusal(fit, model, compress(many, 0 * many, 0 * many)) == "no_time_watched"
    assert refusal(spend.fit, many, 5 * many) == "amounts_do_not_differ"
    assert refusal(spend.fit, many[:3], many[:3]) == "too_few_spenders"
    thick_tail = (np.array([2.0, 0.9, 5]), many, many)
    assert refusal(spend.expected_mean, *thick_tail) == "mean_spend_infinite"
    for active, code in (
        ([100.0], "too_few_periods"),
        ([100.0, 120], "more_came_than_were"),
        ([100.0, 100], "nobody_or_all_left"),
    ):
        shown = np.array(active)
        assert refusal(lambda a: contracts.fit(contracts.renewals(a)), shown) == code


def test_renewal_rates_rise_and_survival_falls():
    survival, rates = (
        f(np.array([0.7, 1.2]), 12) for f in (contracts.survival, contracts.retention)
    )
    assert survival[0] == 1
    np.testing.assert_allclose(survival[1:] / survival[:-1], rates[:-1])
    assert (np.diff(rates) > 0).all()


def test_worth_is_discounted_step_by_step():
    rows, model = ROWS, MODELS["bgnbd"]
    values = np.array([0.25, 4.4, 0.8, 2.4])
    found = value.forecast(model, values, rows, horizon=52, steps=12)
    np.testing.assert_allclose(value.discounted(found, rate=0, unit=7), found.expected[:, -1])
    cheaper = value.discounted(found, rate=0.1, unit=7)
    assert (cheaper < found.expected[:, -1]).all()
    assert (cheaper > found.expected[:, -1] / 1.1).all()


@pytest.mark.slow
def test_the_real_shop_is_foretold_for_half_a_year():
    """Online Retail II cut at 2011-06-09, 26 weeks: the bounds that must be held."""
    purchases = merge_days(*online_retail())
    until = day("2011-06-09")
    histories = summarise(purchases, until=until)
    rows, model = rows_of(histories), MODELS["bgnbd"]
    expected = model.expected(fit(model, rows).values(), rows, np.array([26.0]))[rows.place, 0]
    money = spend.fit(histories.x, histories.spend)
    mean = spend.expected_mean(money.values(), histories.x, histories.spend)
    later = value.bought_later(purchases, histories, until=until, end=until + 182)
    report = value.hold_out(histories, expected, later, mean)
    assert abs(report.total_error) <= 0.03
    assert report.auc >= 0.805
    assert report.captured >= 0.764
