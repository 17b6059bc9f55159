"""`insight churn`: who will leave, by a table of facts with a column that says who did."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from guanxi.insight.analyses.common import notes_of
from guanxi.insight.answers import Answer, TextTable, Value
from guanxi.insight.facts import Facts, read_facts
from guanxi.insight.orders import BROKEN_SHARE
from guanxi.numerics.classification import Validated, cross_validate

_REASONS = 3


def run(options: Mapping[str, Any], _today: int) -> Answer:
    """Validate the churn model on a table, and say what it looks at."""
    share = 0.0 if options["strict"] else BROKEN_SHARE
    facts = read_facts(Path(options["file"]), options, share)
    reasons = _REASONS if options["customers"] else 0
    found = cross_validate(facts.features, facts.happened, seed=options["seed"], reasons=reasons)
    values = _values(options, facts, found)
    if options["customers"]:
        values["customers"] = _customers(facts, found)
    ignored = ", ".join(f"{each['column']} ({each['reason']})" for each in facts.ignored)
    notes = notes_of(facts.broken)
    notes += [gettext("Columns not used: %(names)s") % {"names": ignored}] if ignored else []
    return Answer(values, [_summary(found), _calibration(found), _features(found)], notes)


def _values(options: Mapping[str, Any], facts: Facts, found: Validated) -> dict[str, Any]:
    return {
        "target": options["target"],
        "positive": facts.positive,
        "n": len(facts.happened),
        "rate": float(facts.happened.mean()),
        "rows": facts.rows,
        "broken": facts.broken.as_json(),
        "auc": found.auc.value,
        "auc_ci": [found.auc.low, found.auc.high],
        "fold_aucs": found.fold_aucs,
        "calibration": {
            "brier": found.brier,
            "ece": found.ece,
            "bins": [vars(each) for each in found.bins],
        },
        "brier": found.brier,
        "ece": found.ece,
        "top_features": [
            {"feature": name, "importance": fall, "kind": facts.kinds[name]}
            for name, fall in found.importance[:20]
        ],
        "ignored": facts.ignored,
    }


def _customers(facts: Facts, found: Validated) -> list[dict[str, Any]]:
    rows = zip(
        facts.ids, found.probability.tolist(), facts.happened.tolist(), found.reasons, strict=True
    )
    return [
        {
            "id": who,
            "probability": probability,
            "happened": happened,
            "reasons": [{"feature": name, "effect": effect} for name, effect in reasons],
        }
        for who, probability, happened, reasons in rows
    ]


def _summary(found: Validated) -> TextTable:
    interval = f"{found.auc.low:.4f}–{found.auc.high:.4f}"
    rows: list[list[Value]] = [
        ["AUC", f"{found.auc.value:.4f} ({interval})"],
        [gettext("Brier score"), f"{found.brier:.4f}"],
        [gettext("Calibration error (ECE)"), f"{found.ece:.4f}"],
    ]
    title = gettext("Five-fold cross-validation")
    return TextTable(title, [gettext("Measure"), gettext("Value")], rows)


def _calibration(found: Validated) -> TextTable:
    rows: list[list[Value]] = [
        [each.count, f"{each.predicted:.1%}", f"{each.happened:.1%}"] for each in found.bins
    ]
    headers = [gettext("Rows"), gettext("Predicted"), gettext("Happened")]
    return TextTable(gettext("Calibration, by tenths"), headers, rows)


def _features(found: Validated) -> TextTable:
    rows: list[list[Value]] = [[name, f"{fall:.4f}"] for name, fall in found.importance[:10]]
    headers = [gettext("Column"), gettext("AUC lost without")]
    return TextTable(gettext("What the model looks at"), headers, rows)
