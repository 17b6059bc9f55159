"""Every published figure that the models must give, to the digits printed, with its source."""

from functools import cache

import numpy as np
import pytest

from guanxi.numerics import survey, weights
from guanxi.numerics.purchases import contracts, spend, value
from guanxi.numerics.purchases.histories import compress, merge_days, rows_of, summarise
from guanxi.numerics.purchases.models import MODELS, fit
from guanxi.numerics.tests.real_data import cdnow, day, mobile_survey


def judgements(*rows):
    """A matrix of judgements from its upper triangle."""
    matrix = np.full((len(rows) + 1, len(rows) + 1), np.nan)
    for place, row in enumerate(rows):
        matrix[place, place + 1 :] = row
    return matrix


#: Saaty's drinks (consumption in the United States).
DRINKS = judgements(
    [9, 5, 2, 1, 1, 1 / 2],
    [1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9],
    [1 / 3, 1 / 4, 1 / 3, 1 / 9],
    [1 / 2, 1, 1 / 3],
    [2, 1 / 2],
    [1 / 3],
)
#: Saaty's house (EJOR 48, 1990, p. 15): famously not consistent enough.
HOUSE = judgements(
    [5, 3, 7, 6, 6, 1 / 3, 1 / 4],
    [1 / 3, 5, 3, 3, 1 / 5, 1 / 7],
    [6, 3, 4, 6, 1 / 5],
    [1 / 3, 1 / 4, 1 / 7, 1 / 8],
    [1 / 2, 1 / 5, 1 / 6],
    [1 / 5, 1 / 6],
    [1 / 2],
)


@cache
def drinks():
    return weights.ahp(DRINKS)


@cache
def house():
    return weights.ahp(HOUSE)


SUBJECTIVE, OBJECTIVE = [0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4]
PLANS = np.array([[3, 100, 10], [2.5, 80, 8], [1.8, 50, 20], [2.2, 70, 12]])


def combined(how):
    return weights.combine(np.array([SUBJECTIVE, OBJECTIVE]), how)


@cache
def calibration():
    """CDNOW until 1997-09-30 in weeks, as all papers cut it."""
    return summarise(merge_days(*cdnow()), until=day("1997-09-30"))


@cache
def fitted(name):
    return fit(MODELS[name], rows_of(calibration()))


@cache
def spent():
    return spend.fit(calibration().x, calibration().spend)


@cache
def report():
    """The hold-out of 39 weeks under BG/NBD."""
    histories, rows, model = calibration(), rows_of(calibration()), MODELS["bgnbd"]
    expected = model.expected(fitted("bgnbd").values(), rows, np.array([39.0]))[rows.place, 0]
    later = value.bought_later(
        merge_days(*cdnow()), histories, until=day("1997-09-30"), end=day("1998-06-30")
    )
    return value.hold_out(histories, expected, later, None)


def customer_1516(name, *values):
    """P(alive) and the purchases expected in 52 weeks of x = 26, t_x = 30.857, T = 31."""
    row = compress(*(np.array([number]) for number in (26.0, 216 / 7, 31.0)))
    values, model = np.array(values), MODELS[name]
    expected = model.expected(values, row, np.array([52.0]))
    return model.p_alive(values, row)[0], expected[0, 0]


@cache
def renewals():
    """The "Regular" customers of Fader & Hardie (2007), of a thousand."""
    active = np.round(1000 * np.array([1, 0.631, 0.468, 0.382, 0.326, 0.289, 0.262, 0.241]))
    return contracts.fit(contracts.renewals(active))


BGNBD = (0.2425945, 4.4136019, 0.7929199, 2.4258881)
PARETO = (0.55315, 10.57633, 0.60625, 11.67150)
ACTUAL = [0.2367, 0.6970, 1.3925, 1.5600, 2.5323, 2.9474, 3.8621, 6.3594]
EXPECTED = [0.2251, 0.5231, 1.0441, 1.5203, 2.1638, 2.6538, 3.5040, 6.1570]


BLOCKS = {
    "Image": "IMAG", "Expectation": "CUEX", "Quality": "PERQ", "Value": "PERV",
    "Satisfaction": "CUSA", "Complaints": "CUSCO", "Loyalty": "CUSL",
}  # fmt: skip
#: The model of the European customer satisfaction index.
PATHS = [
    ("Image", "Expectation"), ("Image", "Satisfaction"), ("Image", "Loyalty"),
    ("Expectation", "Quality"), ("Expectation", "Value"), ("Expectation", "Satisfaction"),
    ("Quality", "Value"), ("Quality", "Satisfaction"), ("Value", "Satisfaction"),
    ("Satisfaction", "Complaints"), ("Satisfaction", "Loyalty"), ("Complaints", "Loyalty"),
]  # fmt: skip


@cache
def answers(block):
    """The items of one block of the mobile-phone survey."""
    names, table = mobile_survey()
    return table[:, [n for n, name in enumerate(names) if name.startswith(BLOCKS[block])]]


@cache
def satisfied():
    return survey.path_model({name: answers(name) for name in BLOCKS}, PATHS)


def satisfaction():
    outer = satisfied().weights["Satisfaction"]
    return survey.satisfaction_index(answers("Satisfaction"), outer)


def interval(found):
    return [found.low, found.high]


SIZES = [
    (0.05, 0.95, None, 385), (0.03, 0.95, None, 1068), (0.05, 0.99, None, 664),
    (0.05, 0.95, 100, 80), (0.05, 0.95, 500, 218), (0.05, 0.95, 1000, 278),
    (0.05, 0.95, 10_000, 370),
]  # fmt: skip
ALPHAS = {"Image": 0.7144, "Value": 0.8167, "Satisfaction": 0.7701, "Loyalty": 0.4417}
EFFECTS = {
    ("Image", "Expectation"): 0.50491, ("Expectation", "Quality"): 0.55675,
    ("Quality", "Value"): 0.55830, ("Quality", "Satisfaction"): 0.51202,
    ("Satisfaction", "Loyalty"): 0.48548,
}  # fmt: skip

#: (what, computed, published, digits after the point)
FIGURES = [
    ("CDNOW: customers", lambda: calibration().x.size, 2357, 0),
    ("CDNOW: repeats", lambda: float(calibration().x.sum()), 2457, 0),
    ("CDNOW: without repeat", lambda: np.sum(calibration().x == 0), 1411, 0),
    ("BG/NBD: log-likelihood", lambda: fitted("bgnbd").loglik, -9582.429, 3),
    ("MBG/NBD: parameters", lambda: fitted("mbgnbd").values(), [0.525, 6.183, 0.891, 1.614], 3),
    ("MBG/NBD: log-likelihood", lambda: fitted("mbgnbd").loglik, -9582.136, 3),
    ("Pareto/NBD: log-likelihood", lambda: fitted("paretonbd").loglik, -9594.976, 3),
    (
        "Gamma-Gamma: customers",
        lambda: spend.usable(calibration().x, calibration().spend).sum(),
        946,
        0,
    ),
    ("Gamma-Gamma: parameters", lambda: spent().values(), [6.25, 3.74, 15.44], 2),
    ("Gamma-Gamma: log-likelihood", lambda: spent().loglik, -4055.918, 3),
    ("sBG: parameters", lambda: renewals().values(), [0.704, 1.182], 3),
    ("sBG: log-likelihood", lambda: renewals().loglik, -1680.3, 1),
    ("hold-out: purchases", lambda: report().actual, 1882, 0),
    ("hold-out: actual by frequency", lambda: [row[3] for row in report().by_frequency], ACTUAL, 4),
    # The fourth digit printed is off by up to 2, as the parameters behind it were rounded.
    (
        "hold-out: expected by frequency",
        lambda: [r[2] for r in report().by_frequency],
        EXPECTED,
        3,
    ),
    # Of these two pairs the first is BG/NBD's (Fader, Hardie & Lee 2005), the second Pareto/NBD's.
    ("customer 1516: P(alive), BG/NBD", lambda: customer_1516("bgnbd", *BGNBD)[0], 0.96885, 5),
    ("customer 1516: 52 weeks, BG/NBD", lambda: customer_1516("bgnbd", *BGNBD)[1], 25.757, 3),
    (
        "customer 1516: P(alive), Pareto/NBD",
        lambda: customer_1516("paretonbd", *PARETO)[0],
        0.9979,
        4,
    ),
    (
        "customer 1516: 52 weeks, Pareto/NBD",
        lambda: customer_1516("paretonbd", *PARETO)[1],
        25.456,
        3,
    ),
    (
        "AHP drinks: weights",
        lambda: drinks().weights,
        [0.17746, 0.01915, 0.04183, 0.11642, 0.18957, 0.12878, 0.32679],
        5,
    ),
    ("AHP drinks: λ", lambda: drinks().lambda_max, 7.17663, 5),
    ("AHP drinks: CR", lambda: drinks().cr, 0.0223, 4),
    ("AHP house: λ", lambda: house().lambda_max, 9.669, 3),
    ("AHP house: CI", lambda: house().ci, 0.238, 3),
    ("AHP house: CR", lambda: house().cr, 0.169, 3),
    (
        "entropy, scaled by sums",
        lambda: weights.entropy(PLANS, scaling="sum"),
        [0.15671, 0.27093, 0.57236],
        5,
    ),
    ("product", lambda: combined("multiplicative"), [0.2, 0.3, 0.3, 0.2], 5),
    ("mean", lambda: combined("additive"), [0.25] * 4, 5),
    ("game theory", lambda: combined("game"), [0.25] * 4, 5),
    (
        "least relative entropy",
        lambda: combined("entropy"),
        [0.22474, 0.27526, 0.27526, 0.22474],
        5,
    ),
    ("Wilson 81 of 263", lambda: interval(survey.wilson(81, 263)), [0.2553, 0.3662], 4),
    ("Wilson 0 of 20", lambda: interval(survey.wilson(0, 20)), [0, 0.1611], 4),
    ("NPS", lambda: survey.net_promoter_score(60, 25, 15).value, 45, 6),
    ("NPS: interval", lambda: interval(survey.net_promoter_score(60, 25, 15)), [30.5, 59.5], 2),
    ("mobile phones: CSI", satisfaction, 72.454, 3),
    *(
        (
            f"sample of {population} at {level} ± {margin}",
            lambda m=margin, lv=level, n=population: survey.sample_size(m, level=lv, population=n),
            size,
            0,
        )
        for margin, level, population, size in SIZES
    ),
    *(
        (f"alpha of {name}", lambda n=name: survey.cronbachs_alpha(answers(n)), alpha, 4)
        for name, alpha in ALPHAS.items()
    ),
    *(
        (f"effect of {path[0]} on {path[1]}", lambda p=path: satisfied().paths[p], effect, 5)
        for path, effect in EFFECTS.items()
    ),
    *(
        (f"random index {size}", lambda size=size: weights.RANDOM_INDEX[size], index, 2)
        for size, index in zip(
            range(3, 11), [0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49], strict=True
        )
    ),
]


@pytest.mark.parametrize(
    ("compute", "published", "digits"),
    [figure[1:] for figure in FIGURES],
    ids=[figure[0] for figure in FIGURES],
)
def test_figure(compute, published, digits):
    np.testing.assert_allclose(compute(), published, rtol=0, atol=0.51 * 10**-digits)


@pytest.mark.parametrize(
    ("name", "published", "tolerance"),
    [("bgnbd", BGNBD, 1e-5), ("paretonbd", PARETO, 5e-4)],
)
def test_published_parameters_are_met_and_ours_are_at_least_as_likely(name, published, tolerance):
    """The printed optima stop a little short of the top, so their last digits are not the top's."""
    found = fitted(name)
    np.testing.assert_allclose(found.values(), published, rtol=tolerance)
    there = MODELS[name].likelihood(rows_of(calibration()))(np.array(published))[0]
    assert there - 1e-9 <= found.loglik <= there + 1e-4


def test_the_house_is_refused_with_the_three_worst_judgements():
    found = house()
    assert not found.consistent
    assert len(found.worst) == 3
    worst = found.worst[0]
    # Saaty names the same judgement: size of house against finance, 6 instead of about 1/2.2.
    assert (worst.row, worst.column, worst.given, worst.suggested) == (2, 6, 6.0, 0.5)
    assert worst.cr_then < weights.CONSISTENT_BELOW
