"""What may stand in a model, and what is said of a customer: no database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.kernel.errors import RuleViolation
from guanxi.segments import rules

TIERS = ("core", "major", "potential", "ordinary", "low")


@pytest.mark.parametrize(
    ("cuts", "by", "lowest"),
    [
        ({"core": 20}, "share", "ordinary"),  # two tiers are no model
        ({"core": 20, "gold": 10}, "share", "ordinary"),
        ({"core": 20, "low": 10}, "share", "ordinary"),  # below the lowest
        ({"core": 60, "major": 50}, "share", "ordinary"),
        ({"core": 0, "major": 50}, "share", "ordinary"),
        ({"core": "x", "major": 5}, "share", "ordinary"),
        ({"core": 40, "major": 60}, "score", "ordinary"),
        ({"core": 140, "major": 60}, "score", "ordinary"),
        ([], "share", "ordinary"),
    ],
)
def test_tiers_that_cannot_be_are_refused(cuts, by, lowest):
    with pytest.raises(RuleViolation):
        rules.read_cuts(cuts, by, lowest, TIERS)


def test_tiers_are_read_best_first_whatever_their_order():
    found = rules.read_cuts({"potential": "30", "core": "10"}, "share", "ordinary", TIERS)
    assert list(found.items()) == [("core", 10.0), ("potential", 30.0)]
    five = rules.read_cuts(
        {"potential": 3, "core": 9, "ordinary": 1, "major": 4}, "score", "low", TIERS
    )
    assert list(five) == ["core", "major", "potential", "ordinary"]


@pytest.mark.parametrize("wrong", [{"amount": "3"}, {"a/b": "0"}, {"a/b": "x"}, {"a/b": "1/0"}, []])
def test_judgements_that_are_none_are_refused(wrong):
    with pytest.raises(RuleViolation):
        rules.read_judgements(wrong)


def test_judgements_may_be_fractions():
    assert str(rules.read_judgements({" amount / frequency ": "1/3"})["amount/frequency"]) == "1/3"


@pytest.mark.parametrize(
    "wrong", [{"recency": "1 2 3"}, {"x": "1 2 3 4"}, {"amount": "4 3 2 1"}, 3]
)
def test_rfm_thresholds_rise(wrong):
    with pytest.raises(RuleViolation):
        rules.read_rfm_cuts(wrong)


def scale(how: str, *, is_less_better: bool = False) -> dict:
    grid = [float(n) for n in range(101)]
    return {
        "how": how, "is_less_better": is_less_better, "low": 0.0, "high": 100.0, "mean": 50.0,
        "spread": 10.0, "grid": grid[::-1] if is_less_better else grid,
    }  # fmt: skip


@given(st.sampled_from(["percentile", "minmax", "z"]), st.floats(0, 100), st.floats(0, 100))
def test_more_points_never_take_less(how, one, other):
    low, high = sorted((one, other))
    assert rules.raw_at(scale(how), low) <= rules.raw_at(scale(how), high)
    less = scale(how, is_less_better=True)
    assert rules.raw_at(less, low) >= rules.raw_at(less, high)


def test_what_would_lift_a_tier_reaches_it():
    scales = {
        "weights": [0.5, 0.5, 0.0],
        "thresholds": [7000.0, 4000.0],
        "scales": [scale("minmax"), scale("minmax"), scale("minmax")],
    }
    ways = rules.ways_up(scales, 1, 5000, [[20, 1000], [80, 4000], [0, 0]])
    assert [(place, round(value, 2)) for place, value in ways] == [(0, 60.02)]
    assert rules.ways_up(scales, 0, 9000, []) == []


def test_reasons_name_what_moved_the_score_most_its_way():
    before, now = [[1, 100], [5, 900], [2, 50]], [[1, 100], [2, 300], [3, 90]]
    assert rules.reasons_of(("a", "b", "c"), before, now) == [["b", 900, 300, 5, 2]]
    assert rules.reasons_of(("a", "b", "c"), now, before) == [["b", 300, 900, 2, 5]]
    evened_out = rules.reasons_of(("a", "b"), [[1, 10], [1, 20]], [[2, 20], [0, 10]])
    assert len(evened_out) == 2


def test_the_first_group_that_fits_is_theirs():
    wide = {f"{letter}_{end}": n for letter in "rfm" for end, n in (("from", 1), ("to", 5))}
    groups = [wide | {"name": "best", "r_from": 4}, wide | {"name": "rest"}]
    assert rules.group_of(groups, (5, 1, 1))["name"] == "best"
    assert rules.group_of(groups, (3, 1, 1))["name"] == "rest"
    assert rules.group_of(groups[:1], (1, 1, 1)) is None
