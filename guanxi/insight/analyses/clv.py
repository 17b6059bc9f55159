"""`insight clv`: how often customers will buy, whether they still do, and what they are worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext

from guanxi.insight.analyses.common import Known, day_of, known_at, notes_of, orders_of
from guanxi.insight.answers import Answer, TextTable, Value
from guanxi.insight.cells import iso
from guanxi.insight.orders import Orders
from guanxi.insight.problems import Unusable
from guanxi.insight.refusals import reason
from guanxi.numerics.purchases import spend, value
from guanxi.numerics.purchases.fitting import Fit, Floats
from guanxi.numerics.purchases.histories import (
    Histories,
    Purchases,
    Rows,
    merge_days,
    rows_of,
    summarise,
)
from guanxi.numerics.purchases.models import MODELS, Model, fit
from guanxi.numerics.refusal import Refused

UNITS: Final = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}
STEPS: Final = 12


@dataclass(frozen=True)
class Calibration:
    """The model as fitted at the end of a day."""

    model: Model
    unit: float
    until: int
    histories: Histories
    rows: Rows
    fit: Fit
    spend: Fit | None
    mean_spend: Floats | None
    why_no_spend: str

    def forecast(self, horizon: float, steps: int) -> value.Forecast:
        """Purchases within a horizon."""
        return value.forecast(
            self.model, self.fit.values(), self.rows, horizon=horizon, steps=steps
        )


def run(options: Mapping[str, Any], today: int) -> Answer:
    """Fit a purchase model, test it on a hold-out, and value the customers."""
    orders = orders_of(options)
    end = day_of(options, "holdout")
    known = known_at(orders, day_of(options, "until"), today)
    if end is not None and end <= known.as_of:
        raise Unusable("--holdout", gettext("the hold-out must end after the calibration"))
    purchases = merge_days(orders.customer, orders.day, orders.amount)
    calibration = _calibrate(options, purchases, known.as_of)
    values = _head(options, calibration, known)
    tables, notes = [_parameters(calibration)], _notes(calibration, orders, known, end)
    if end is not None:
        report = _hold_out(calibration, purchases, end)
        values["holdout"] = _report(calibration, report, end)
        tables.append(_by_frequency(report))
    if options["customers"]:
        horizon = options["horizon"] or (_years(calibration))
        values["horizon"] = horizon
        values["customers"] = _customers(options, calibration, horizon, orders.names)
        tables.append(_best(values["customers"], bool(calibration.spend)))
    return Answer(values, tables, notes)


def _years(calibration: Calibration) -> float:
    """One year, in the unit of time."""
    return 52.0 if calibration.unit == UNITS["week"] else 365.25 / calibration.unit


def _calibrate(options: Mapping[str, Any], purchases: Purchases, until: int) -> Calibration:
    unit = UNITS[options["unit"]]
    histories = summarise(purchases, until=until, unit=unit)
    rows, model = rows_of(histories), MODELS[options["model"]]
    found, why = None, ""
    mean = None
    try:
        found = spend.fit(histories.x, histories.spend)
        mean = spend.expected_mean(found.values(), histories.x, histories.spend)
    except Refused as refused:
        why = reason(refused)
    return Calibration(
        model=model,
        unit=unit,
        until=until,
        histories=histories,
        rows=rows,
        fit=fit(model, rows),
        spend=found,
        mean_spend=mean,
        why_no_spend=why,
    )


def _head(options: Mapping[str, Any], found: Calibration, known: Known) -> dict[str, Any]:
    money = found.spend
    return {
        "model": found.model.name,
        "until": iso(found.until),
        "unit": options["unit"],
        "orders": known.as_json(),
        "n": len(found.histories),
        "repeats": int(found.histories.x.sum()),
        "without_repeat": int((found.histories.x == 0).sum()),
        "params": found.fit.params,
        "standard_errors": found.fit.errors,
        "loglik": found.fit.loglik,
        "warnings": found.fit.warnings,
        "gamma_gamma": money and {
            **money.params,
            "standard_errors": money.errors,
            "loglik": money.loglik,
            "n": int(spend.usable(found.histories.x, found.histories.spend).sum()),
            "correlation": spend.correlation(found.histories.x, found.histories.spend),
        },
        "holdout": None,
    }  # fmt: skip


def _hold_out(found: Calibration, purchases: Purchases, end: int) -> value.Report:
    horizon = (end - found.until) / found.unit
    expected = found.forecast(horizon, 1).expected[found.rows.place, 0]
    later = value.bought_later(purchases, found.histories, until=found.until, end=end)
    return value.hold_out(found.histories, expected, later, found.mean_spend)


def _report(found: Calibration, report: value.Report, end: int) -> dict[str, Any]:
    keys = ("frequency", "customers", "expected", "actual")
    return {
        "until": iso(end),
        "duration": (end - found.until) / found.unit,
        "expected": report.expected,
        "actual": report.actual,
        "mae": report.mae,
        "total_error": report.total_error,
        "auc": report.auc,
        "top20_capture": report.captured,
        "revenue": report.revenue,
        "by_frequency": [dict(zip(keys, row, strict=True)) for row in report.by_frequency],
    }


def _customers(
    options: Mapping[str, Any], found: Calibration, horizon: float, names: list[str]
) -> list[dict[str, Any]]:
    forecast = found.forecast(horizon, STEPS)
    worth = value.discounted(forecast, rate=options["discount"], unit=found.unit)
    place, who = found.rows.place, found.histories
    columns: dict[str, Any] = {
        "x": who.x,
        "t_x": who.t_x,
        "T": who.T,
        "p_alive": forecast.alive[place],
        "expected": forecast.expected[place, -1],
    }
    if found.mean_spend is not None:
        columns["spend"] = found.mean_spend
        columns["clv"] = worth[place] * found.mean_spend
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [
        {"customer_id": names[code], **dict(zip(columns, row, strict=True))}
        for code, row in zip(who.customer.tolist(), rows, strict=True)
    ]


def _parameters(found: Calibration) -> TextTable:
    fits = [found.fit, *([found.spend] if found.spend else [])]
    rows: list[list[Value]] = [
        [name, each.params[name], each.errors[name]] for each in fits for name in each.params
    ]
    title = gettext("%(model)s until %(day)s: %(count)s customers, log-likelihood %(loglik)s") % {
        "model": found.model.name,
        "day": iso(found.until),
        "count": len(found.histories),
        "loglik": f"{found.fit.loglik:.3f}",
    }
    headers = [gettext("Parameter"), gettext("Value"), gettext("Standard error")]
    return TextTable(title, headers, rows)


def _by_frequency(report: value.Report) -> TextTable:
    facts = {
        "expected": f"{report.expected:.1f}",
        "actual": f"{report.actual:.0f}",
        "mae": f"{report.mae:.4f}",
    }
    title = gettext("Hold-out: expected %(expected)s, actual %(actual)s, mean error %(mae)s")
    headers = [
        gettext("Repeats before"), gettext("Customers"), gettext("Expected"), gettext("Actual"),
    ]  # fmt: skip
    rows: list[list[Value]] = [
        [f"{repeats}+" if repeats == value.MOST_FREQUENT else str(repeats), count, expected, actual]
        for repeats, count, expected, actual in report.by_frequency
    ]
    return TextTable(title % facts, headers, rows)


def _best(customers: list[dict[str, Any]], has_money: bool) -> TextTable:
    by = "clv" if has_money else "expected"
    shown = sorted(customers, key=lambda each: -each[by])[:20]
    keys = ["customer_id", "x", "p_alive", "expected", *(["clv"] if has_money else [])]
    headers = [
        gettext("Customer"), gettext("Repeats"), gettext("Chance to be alive"), gettext("Expected"),
        *([gettext("Lifetime value")] if has_money else []),
    ]  # fmt: skip
    return TextTable(gettext("The best 20"), headers, [[each[k] for k in keys] for each in shown])


def _notes(found: Calibration, orders: Orders, known: Known, end: int | None) -> list[str]:
    notes = notes_of(orders.broken, 0 if end else known.later)
    if found.fit.warnings:
        names = ", ".join(found.fit.warnings)
        notes.append(gettext("Not well determined by these data: %(names)s") % {"names": names})
    if found.why_no_spend:
        notes.append(gettext("No spend model: %(reason)s") % {"reason": found.why_no_spend})
    if end is not None and end > int(orders.day.max()):
        notes.append(gettext("The file ends before the hold-out does."))
    return notes
