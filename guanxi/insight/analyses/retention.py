"""`insight retention`: cohorts, how long customers stay, who is silent against the own habit."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext

from guanxi.insight.analyses.common import day_of, known_at, notes_of, orders_of
from guanxi.insight.answers import Answer, TextTable, Value
from guanxi.insight.cells import iso
from guanxi.insight.refusals import reason
from guanxi.numerics import survival
from guanxi.numerics.purchases import contracts
from guanxi.numerics.purchases.histories import Purchases, merge_days
from guanxi.numerics.refusal import Refused

#: From this many own intervals of silence on, a customer is overdue, and then silent.
OVERDUE: Final = 2.0
SILENT: Final = 4.0
_MONTHS_SHOWN: Final = 12
_PERIODS: Final = 12


def run(options: Mapping[str, Any], today: int) -> Answer:
    """Retention of the customers of a file."""
    orders = orders_of(options)
    known = known_at(orders, day_of(options, "as_of"), today)
    purchases = merge_days(known.orders.customer, known.orders.day, known.orders.amount)
    silence = options["churn_after"]
    stays = survival.stays(purchases, as_of=known.as_of, silence=silence)
    curve = survival.kaplan_meier(stays.duration, stays.left)
    found = survival.cohorts(purchases, as_of=known.as_of)
    contract, why = _contract(stays)
    values = {
        "as_of": iso(known.as_of),
        "orders": known.as_json(),
        "n": len(stays.duration),
        "churn_after": silence,
        "left": int(stays.left.sum()),
        "came_back": int(stays.came_back.sum()),
        "repurchase_rate": _repurchase_rate(purchases),
        "cohorts": _cohorts(found),
        "survival": _curve(curve),
        "median_days": curve.median(),
        "sbg": contract,
        "habits": _habits(purchases, known.as_of),
    }
    notes = notes_of(orders.broken, known.later)
    notes += [gettext("No contract model: %(reason)s") % {"reason": why}] if why else []
    return Answer(values, [_cohort_table(found), _curve_table(curve, silence)], notes)


def _repurchase_rate(purchases: Purchases) -> float:
    counts = np.bincount(purchases.customer)
    return float((counts > 1).sum() / (counts > 0).sum())


def _contract(stays: survival.Stays) -> tuple[dict[str, Any] | None, str]:
    """The sBG model of staying from one 30 days to the next."""
    try:
        found = contracts.fit(survival.renewals_of(stays))
    except Refused as refused:
        return None, reason(refused)
    values = found.values()
    return {
        **found.params,
        "standard_errors": found.errors,
        "loglik": found.loglik,
        "period_days": 30,
        "survival": contracts.survival(values, _PERIODS + 1),
        "retention": contracts.retention(values, _PERIODS),
    }, ""


def _habits(purchases: Purchases, as_of: int) -> dict[str, Any]:
    found = survival.habits(purchases, as_of=as_of)
    is_silent, is_late = found.silence >= SILENT, found.silence >= OVERDUE
    return {
        "with_habit": len(found.customer),
        "interval_median": float(np.median(found.interval)) if len(found.customer) else None,
        "on_time": int((~is_late).sum()),
        "overdue": int((is_late & ~is_silent).sum()),
        "silent": int(is_silent.sum()),
    }


def _cohorts(found: list[survival.Cohort]) -> list[dict[str, Any]]:
    return [
        {
            "cohort": _month(each.month),
            "size": each.size,
            "active": each.active,
            "retention": each.active / each.size,
        }
        for each in found
    ]


def _month(months: int) -> str:
    return f"{1970 + months // 12}-{months % 12 + 1:02}"


def _curve(curve: survival.Curve) -> list[dict[str, Any]]:
    names = ("time", "at_risk", "events", "survival", "low", "high")
    columns = zip(*(getattr(curve, name).tolist() for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in columns]


def _cohort_table(found: list[survival.Cohort]) -> TextTable:
    shown = found[-24:]
    width = min(_MONTHS_SHOWN, max(len(each.active) for each in shown))
    rows: list[list[Value]] = [
        [
            _month(each.month),
            each.size,
            *(
                f"{each.active[n] / each.size:.0%}" if n < len(each.active) else ""
                for n in range(1, width)
            ),
        ]
        for each in shown
    ]
    headers = [gettext("First purchase"), gettext("Customers"), *(f"+{n}" for n in range(1, width))]
    return TextTable(gettext("Share that bought again, by months since"), headers, rows)


def _curve_table(curve: survival.Curve, silence: int) -> TextTable:
    rows: list[list[Value]] = []
    for days in (30, 60, 90, 180, 365, 730):
        place = int(np.searchsorted(curve.time, days, side="right")) - 1
        if not len(curve.time) or days > curve.time[-1] + 30:
            break
        share = (
            [1.0] * 3 if place < 0 else [c[place] for c in (curve.survival, curve.low, curve.high)]
        )
        rows.append([days, *(f"{each:.1%}" for each in share)])
    title = gettext("Share that stays (left: silent for %(days)s days)") % {"days": silence}
    return TextTable(
        title, [gettext("Days"), gettext("Stays"), gettext("From"), gettext("To")], rows
    )
