"""The churn model: near what can be known, calibrated, monotone where told, explained."""

from functools import cache

import numpy as np
import pytest

from guanxi.numerics import classification, measures
from guanxi.numerics.refusal import Refused


def table(size, seed=7):
    """Contracts, tenure and charges shaped like a telephone company's, and the chance to leave."""
    chance = np.random.default_rng(seed)
    contract = chance.choice(3, size, p=[0.55, 0.21, 0.24])
    stays = np.where(contract == 0, chance.exponential(20, size), chance.normal(45, 18, size))
    tenure = np.clip(stays, 0, 72).round()
    line = chance.choice(3, size, p=[0.22, 0.34, 0.44])
    secure, senior = chance.random(size) < 0.35, chance.random(size) < 0.16
    monthly = 20 + 25.0 * (line == 1) + 50 * (line == 2) + 5 * secure + chance.normal(0, 2, size)
    total = np.where(tenure == 0, np.nan, monthly * tenure)
    odds = -1.0 - 1.1 * (contract == 1) - 2.1 * (contract == 2) - 0.032 * tenure
    odds += 1.3 * np.exp(-tenure / 4) + 0.95 * (line == 2) - 0.8 * (line == 0)
    odds += -0.4 * secure + 0.25 * senior
    probability = 1 / (1 + np.exp(-odds))
    columns = {
        "contract": contract, "tenure": tenure, "line": line, "secure": secure, "senior": senior,
        "monthly": monthly, "total": total, "noise": chance.normal(0, 1, size),
    }  # fmt: skip
    features = classification.Features(
        list(columns),
        np.column_stack([np.asarray(c, dtype=float) for c in columns.values()]),
        np.array([name in {"contract", "line", "secure", "senior"} for name in columns]),
    )
    return features, chance.random(size) < probability, probability


@cache
def small():
    features, happened, _ = table(600)
    return features, happened, classification.cross_validate(features, happened, reasons=2)


@pytest.mark.slow
def test_what_decides_comes_first_and_noise_does_not():
    _, _, found = small()
    names = [name for name, _ in found.importance]
    assert {"tenure", "contract"} & set(names[:2])
    assert "noise" not in names[:3]
    assert found.auc.low < found.auc.value < found.auc.high
    assert 0.7 < found.auc.value < 0.95
    assert len(found.fold_aucs) == 5
    assert sum(each.count for each in found.bins) == 600


@pytest.mark.slow
def test_each_row_has_its_reasons():
    features, _, found = small()
    assert all(len(each) == 2 for each in found.reasons)
    doubtful = int(np.argmax(found.probability))
    assert all(name in features.names for name, _ in found.reasons[doubtful])
    assert found.reasons[doubtful][0][1] > 0


@pytest.mark.slow
def test_the_same_seed_gives_the_same_answer():
    features, happened, found = small()
    again = classification.cross_validate(features.take(slice(None)), happened)
    np.testing.assert_array_equal(again.probability, found.probability)


@pytest.mark.slow
def test_a_table_like_telcos_is_foretold_nearly_as_well_as_can_be():
    features, happened, probability = table(7043)
    found = classification.cross_validate(features, happened)
    assert found.auc.value >= measures.auc(happened, probability).value - 0.006
    assert found.brier <= measures.brier(happened, probability) + 0.002
    assert found.ece <= 0.02


@pytest.mark.slow
def test_a_monotone_column_can_only_lower_the_chance():
    features, happened, _ = table(1500)
    told = classification.Features(
        features.names, features.values, features.is_category, {"tenure": -1}
    )
    model = classification.Classifier(told, happened)
    rows = np.repeat(features.values[:40], 25, axis=0)
    rows[:, 1] = np.tile(np.linspace(0, 72, 25), 40)
    said = model.probability(rows).reshape(40, 25)
    assert (np.diff(said, axis=1) <= 1e-9).all()


@pytest.mark.parametrize(
    ("size", "left", "code"),
    [(20, 10, "too_few_rows"), (80, 0, "one_outcome_only"), (80, 3, "too_few_of_one_outcome")],
)
def test_thin_tables_are_refused(size, left, code):
    features, _, _ = table(size)
    with pytest.raises(Refused) as refused:
        classification.cross_validate(features, np.arange(size) < left)
    assert refused.value.code == code
