"""`insight leaving`: who will not buy again soon, learnt from orders and tested on earlier days."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext

from guanxi.insight.analyses.common import day_of, known_at, notes_of, orders_of
from guanxi.insight.answers import Answer, TextTable, Value
from guanxi.insight.cells import iso
from guanxi.numerics import leaving, measures
from guanxi.numerics.refusal import Refused

_TESTS: Final = 3


def run(options: Mapping[str, Any], today: int) -> Answer:
    """Foretell who stays away, and say how well that would have gone before."""
    orders = orders_of(options)
    known = known_at(orders, day_of(options, "until"), today)
    log = leaving.log_of(known.orders.customer, known.orders.day, known.orders.amount)
    learner = leaving.Learner(log, horizon=options["horizon"], seed=options["seed"])
    found, chance = learner.foretell(known.as_of)
    tested, outcome, said = _back_test(learner, log, known.as_of, options["horizon"])
    values = {
        "until": iso(known.as_of),
        "horizon_days": options["horizon"],
        "orders": known.as_json(),
        "n": len(chance),
        "expected_silent": float(chance.sum()),
        "back_test": tested,
        **_overall(outcome, said),
    }
    if options["customers"]:
        values["customers"] = [
            {"customer_id": orders.names[code], "probability": probability}
            for code, probability in zip(found.customer.tolist(), chance.tolist(), strict=True)
        ]
    return Answer(values, [_table(tested)], notes_of(orders.broken, known.later))


def _back_test(
    learner: leaving.Learner, log: leaving.Log, until: int, horizon: int
) -> tuple[list[dict[str, Any]], list[Any], list[Any]]:
    """The same forecast of earlier days, each told only what was known then."""
    tested, outcomes, chances = [], [], []
    for number in range(_TESTS, 0, -1):
        as_of = until - number * horizon
        try:
            day, chance = learner.foretell(as_of)
            silent = leaving.silent_after(log, day.customer, as_of=as_of, horizon=horizon)
            tested.append({"as_of": iso(as_of), "n": len(silent), **_measured(silent, chance)})
        except Refused:
            continue
        outcomes.append(silent)
        chances.append(chance)
    return tested, outcomes, chances


def _measured(silent: Any, chance: Any) -> dict[str, Any]:
    ranking = measures.auc(silent, chance)
    return {
        "happened": float(silent.mean()),
        "predicted": float(chance.mean()),
        "auc": ranking.value,
        "auc_ci": [ranking.low, ranking.high],
        "brier": measures.brier(silent, chance),
        "ece": measures.expected_calibration_error(silent, chance),
    }


def _overall(outcomes: list[Any], chances: list[Any]) -> dict[str, Any]:
    if not outcomes:
        return {"auc": None, "auc_ci": None, "brier": None, "ece": None}
    found = _measured(np.concatenate(outcomes), np.concatenate(chances))
    return {name: found[name] for name in ("auc", "auc_ci", "brier", "ece")}


def _table(tested: list[dict[str, Any]]) -> TextTable:
    rows: list[list[Value]] = [
        [
            each["as_of"],
            each["n"],
            f"{each['predicted']:.1%}",
            f"{each['happened']:.1%}",
            f"{each['auc']:.4f}",
            f"{each['ece']:.4f}",
        ]
        for each in tested
    ]
    headers = [
        gettext("Day"), gettext("Customers"), gettext("Predicted"), gettext("Happened"), "AUC",
        gettext("Calibration error (ECE)"),
    ]  # fmt: skip
    return TextTable(gettext("Silent for the horizon, foretold on earlier days"), headers, rows)
