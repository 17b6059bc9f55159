"""Who will leave, by a table of facts: gradient boosting beside a logistic model, calibrated.

Two models that err differently are mixed: boosted trees (interactions, thresholds) and a penalised
logistic model on one-hot categories and broken lines. A logistic model on what both say of rows
they have not seen weighs and calibrates them. Figures come from rows that took no part in fitting.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from guanxi.numerics import measures
from guanxi.numerics.refusal import Refused

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEAST_ROWS: Final = 50
LEAST_OF_EACH: Final = 10
_MOST_CATEGORIES: Final = 200
_INNER_FOLDS: Final = 4
_MANY_ROWS: Final = 10_000
_SMALLEST: Final = 1e-6


@dataclass(frozen=True)
class Features:
    """Columns of facts: numbers, or codes of categories from 0; NaN is an empty cell."""

    names: list[str]
    values: Floats
    is_category: Flags
    monotone: dict[str, int] = field(default_factory=dict)
    """By name, 1 where more of it can only raise the probability, −1 where only lower it."""

    def take(self, rows: Any) -> "Features":
        """Some of the rows."""
        return Features(self.names, self.values[rows], self.is_category, self.monotone)


class _Lines:
    """One-hot categories, and numbers as broken lines through their quartiles."""

    def __init__(self, features: Features) -> None:
        self._columns = [
            _codes(column) if is_category else _knots(column)
            for column, is_category in zip(features.values.T, features.is_category, strict=True)
        ]
        self._is_category = features.is_category
        wide = self._wide(features.values)
        self._mean, spread = wide.mean(0), wide.std(0)
        self._spread = np.where(spread > 0, spread, 1.0)

    def of(self, values: Floats) -> Floats:
        """The columns of the logistic model."""
        scaled: Floats = (self._wide(values) - self._mean) / self._spread
        return scaled

    def _wide(self, values: Floats) -> Floats:
        parts = []
        for column, is_category, known in zip(
            values.T, self._is_category, self._columns, strict=True
        ):
            is_empty = np.isnan(column)
            if is_category:
                parts.append((column[:, None] == known[None, :]).astype(np.float64))
            else:
                filled = np.where(is_empty, known[len(known) // 2], column)
                parts += [filled[:, None], np.maximum(filled[:, None] - known[None, :], 0)]
            parts.append(is_empty[:, None].astype(np.float64))
        return np.concatenate(parts, axis=1)


def _codes(column: Floats) -> Floats:
    return np.unique(column[~np.isnan(column)])


def _knots(column: Floats) -> Floats:
    known = column[~np.isnan(column)]
    if not len(known):
        return np.zeros(1)
    return np.unique(np.quantile(known, [0.1, 0.25, 0.5, 0.75, 0.9]))


class Classifier:
    """The mixed and calibrated model, fitted to features and outcomes."""

    def __init__(self, features: Features, happened: Flags, *, seed: int = 0) -> None:
        self._seed = seed
        said = np.empty((len(happened), 2))
        count = _INNER_FOLDS if len(happened) < _MANY_ROWS else 2
        folds = StratifiedKFold(count, shuffle=True, random_state=seed)
        for fit, rest in folds.split(features.values, happened):
            parts = _Parts(features.take(fit), happened[fit], seed)
            said[rest] = parts.said(features.values[rest])
        self._uses_lines = not features.monotone
        self._mix = LogisticRegression(C=10.0).fit(self._chosen(said), happened)
        if self._uses_lines and (self._mix.coef_ < 0).any():
            self._uses_lines = False
            self._mix = LogisticRegression(C=10.0).fit(self._chosen(said), happened)
        self._parts = _Parts(features, happened, seed)

    def _chosen(self, said: Floats) -> Floats:
        return said if self._uses_lines else said[:, :1]

    def probability(self, values: Floats) -> Floats:
        """The chance that it happens, row by row."""
        found: Floats = self._mix.predict_proba(self._chosen(self._parts.said(values)))[:, 1]
        return np.clip(found, _SMALLEST, 1 - _SMALLEST)


class _Parts:
    """Trees and lines, each of which says a log-odds."""

    def __init__(self, features: Features, happened: Flags, seed: int) -> None:
        few = len(happened) < 2000
        self._trees = HistGradientBoostingClassifier(
            learning_rate=0.05,
            max_iter=100 if few else 160,
            max_leaf_nodes=4 if few else 8,
            min_samples_leaf=min(30, max(5, len(happened) // 50)),
            l2_regularization=5.0,
            max_features=0.5,
            categorical_features=_as_categories(features),
            monotonic_cst=[features.monotone.get(name, 0) for name in features.names],
            early_stopping=False,
            random_state=seed,
        ).fit(features.values, happened)
        self._lines = _Lines(features)
        self._logistic = LogisticRegression(C=0.02 if few else 0.1, solver="newton-cholesky").fit(
            self._lines.of(features.values), happened
        )

    def said(self, values: Floats) -> Floats:
        """The log-odds of both."""
        return np.stack(
            [
                self._trees.decision_function(values),
                self._logistic.decision_function(self._lines.of(values)),
            ],
            axis=1,
        )


def _as_categories(features: Features) -> Flags:
    """Monotone columns are numbers; so are categories with more values than trees can take."""
    largest = np.nan_to_num(features.values, nan=0.0).max(0, initial=0)
    chosen: Flags = features.is_category & (largest < _MOST_CATEGORIES)
    is_free = np.array([name not in features.monotone for name in features.names], dtype=bool)
    both: Flags = np.logical_and(chosen, is_free)
    return both


@dataclass(frozen=True)
class Validated:
    """What the model is worth on rows it has not seen, and what it looks at."""

    probability: Floats
    auc: measures.Auc
    fold_aucs: list[float]
    brier: float
    ece: float
    bins: list[measures.Bin]
    importance: list[tuple[str, float]]
    """By feature, how much the AUC falls when its column is shuffled."""
    reasons: list[list[tuple[str, float]]]
    """Of each row, the features that move its log-odds most against a typical value."""


def cross_validate(
    features: Features, happened: Flags, *, folds: int = 5, seed: int = 0, reasons: int = 0
) -> Validated:
    """Stratified folds; each row is judged by a model that has not seen it."""
    refuse_thin(happened)
    probability = np.empty(len(happened))
    falls = np.zeros((folds, len(features.names)))
    moved = np.zeros(features.values.shape)
    fold_aucs = []
    split = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for number, (fit, rest) in enumerate(split.split(features.values, happened)):
        model = Classifier(features.take(fit), happened[fit], seed=seed)
        values = features.values[rest]
        probability[rest] = model.probability(values)
        fold_aucs.append(measures.auc(happened[rest], probability[rest]).value)
        chance = np.random.default_rng(seed + number)
        falls[number] = _falls(model, values, happened[rest], chance)
        if reasons:
            typical = _typical(features.take(fit))
            moved[rest] = _moves(model, values, typical)
    order = np.argsort(-falls.mean(0), kind="stable")
    return Validated(
        probability=probability,
        auc=measures.auc(happened, probability),
        fold_aucs=fold_aucs,
        brier=measures.brier(happened, probability),
        ece=measures.expected_calibration_error(happened, probability),
        bins=measures.calibration_bins(happened, probability),
        importance=[(features.names[n], float(falls[:, n].mean())) for n in order],
        reasons=_named(features.names, moved, reasons),
    )


def refuse_thin(happened: Flags) -> None:
    """Refuse what no model should be learnt from."""
    if len(happened) < LEAST_ROWS:
        raise Refused("too_few_rows", count=len(happened), least=LEAST_ROWS)
    fewest = int(min(happened.sum(), (~happened).sum()))
    if not fewest:
        raise Refused("one_outcome_only")
    if fewest < LEAST_OF_EACH:
        raise Refused("too_few_of_one_outcome", count=fewest, least=LEAST_OF_EACH)


def _falls(
    model: Classifier, values: Floats, happened: Flags, chance: np.random.Generator
) -> Floats:
    """The loss of AUC when one column after the other is shuffled (Breiman 2001)."""
    whole = measures.auc(happened, model.probability(values)).value
    found = []
    for column in range(values.shape[1]):
        shuffled = values.copy()
        shuffled[:, column] = chance.permutation(shuffled[:, column])
        found.append(whole - measures.auc(happened, model.probability(shuffled)).value)
    return np.array(found)


def _typical(features: Features) -> Floats:
    """The middle number or the commonest category of each column."""
    found = np.full(features.values.shape[1], np.nan)
    for place, column in enumerate(features.values.T):
        known = column[~np.isnan(column)]
        if not len(known):
            continue
        if features.is_category[place]:
            found[place] = np.bincount(known.astype(np.int64)).argmax()
        else:
            found[place] = np.median(known)
    return found


def _moves(model: Classifier, values: Floats, typical: Floats) -> Floats:
    """How each cell moves the log-odds of its row against a typical value in its place."""
    whole = _log_odds(model.probability(values))
    moved = np.empty(values.shape)
    for column in range(values.shape[1]):
        other = values.copy()
        other[:, column] = typical[column]
        moved[:, column] = whole - _log_odds(model.probability(other))
    return moved


def _log_odds(probability: Floats) -> Floats:
    return np.log(probability) - np.log1p(-probability)


def _named(names: Sequence[str], moved: Floats, count: int) -> list[list[tuple[str, float]]]:
    if not count:
        return []
    order = np.argsort(-np.abs(moved), axis=1, kind="stable")[:, :count]
    return [
        [(names[n], float(row[n])) for n in places]
        for row, places in zip(moved, order.tolist(), strict=True)
    ]
