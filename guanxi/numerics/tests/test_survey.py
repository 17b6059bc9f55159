"""Survey statistics beyond the published figures: bounds, signs, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.numerics import survey
from guanxi.numerics.refusal import Refused


@given(st.integers(0, 400), st.integers(1, 400))
def test_a_share_lies_in_its_interval_and_the_interval_between_0_and_1(successes, more):
    found = survey.wilson(successes, successes + more)
    assert 0 <= found.low <= found.value <= found.high <= 1


@given(st.integers(0, 90), st.integers(0, 90), st.integers(1, 90))
def test_promoters_raise_the_score_and_detractors_lower_it(promoters, passives, detractors):
    found = survey.net_promoter_score(promoters, passives, detractors)
    assert found.low <= found.value <= found.high
    assert survey.net_promoter_score(promoters + 1, passives, detractors).value > found.value
    assert -100 <= found.value <= 100


def test_a_sample_is_never_larger_than_its_population():
    assert survey.sample_size(0.001, population=50) == 50
    assert survey.sample_size(0.05, population=1) == 1


def test_items_that_say_the_same_are_reliable_and_unrelated_ones_are_not():
    chance = np.random.default_rng(1)
    truth = chance.normal(size=(500, 1))
    alike = truth + 0.3 * chance.normal(size=(500, 4))
    assert survey.cronbachs_alpha(alike) > 0.9 > survey.RELIABLE_FROM
    assert abs(survey.cronbachs_alpha(chance.normal(size=(500, 4)))) < 0.3


def test_a_path_is_found_again_whatever_the_scale_of_the_items():
    chance = np.random.default_rng(2)
    cause = chance.normal(size=2000)
    effect = 0.6 * cause + 0.8 * chance.normal(size=2000)
    blocks = {
        "cause": cause[:, None] + 0.2 * chance.normal(size=(2000, 3)),
        "effect": effect[:, None] + 0.2 * chance.normal(size=(2000, 3)),
    }
    found = survey.path_model(blocks, [("cause", "effect")])
    assert found.paths["cause", "effect"] == pytest.approx(0.6, abs=0.05)
    scaled = {name: 10 * block + 3 for name, block in blocks.items()}
    again = survey.path_model(scaled, [("cause", "effect")])
    assert again.paths["cause", "effect"] == pytest.approx(found.paths["cause", "effect"])


def test_the_index_runs_from_0_to_100():
    items = np.array([[1.0, 10], [10, 1], [1, 10], [10, 1]])
    assert survey.satisfaction_index(items, np.ones(2)) == pytest.approx(50)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: survey.sample_size(0), "margin_out_of_range"),
        (lambda: survey.wilson(0, 0), "no_answers"),
        (lambda: survey.net_promoter_score(0, 0, 0), "no_answers"),
        (lambda: survey.cronbachs_alpha(np.ones((5, 1))), "too_few_items"),
        (lambda: survey.cronbachs_alpha(np.ones((5, 3))), "answers_do_not_differ"),
        (lambda: survey.path_model({"a": np.ones((5, 2))}, []), "answers_do_not_differ"),
    ],
)
def test_what_says_nothing_is_refused(call, code):
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.code == code
