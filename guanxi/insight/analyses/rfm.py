"""`insight rfm`: scores and groups of customers by recency, frequency and money."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.insight.analyses.common import day_of, known_at, notes_of, orders_of
from guanxi.insight.answers import Answer, TextTable
from guanxi.insight.cells import iso
from guanxi.insight.problems import Unusable
from guanxi.numerics import rfm

GROUP_NAMES: Final = {
    "champion": _("Important: value"),
    "to_develop": _("Important: develop"),
    "to_keep": _("Important: keep"),
    "to_win_back": _("Important: win back"),
    "ordinary_value": _("Ordinary: value"),
    "ordinary_develop": _("Ordinary: develop"),
    "ordinary_keep": _("Ordinary: keep"),
    "ordinary_win_back": _("Ordinary: win back"),
}
MEASURES: Final = ("recency", "frequency", "monetary")


def run(options: Mapping[str, Any], today: int) -> Answer:
    """Score the customers of a file."""
    orders = orders_of(options)
    known = known_at(orders, day_of(options, "as_of"), today)
    measured = rfm.measure(
        known.orders.customer, known.orders.day, known.orders.amount, as_of=known.as_of
    )
    scored = rfm.score_all(measured, bins=options["scores"], fixed=_fixed(options))
    groups = rfm.group_of(scored)
    segments = _segments(groups, measured)
    buyers = len(np.unique(known.orders.customer))
    values = {
        "as_of": iso(known.as_of),
        "orders": known.as_json(),
        "n": len(groups),
        "without_purchase": buyers - len(groups),
        "thresholds": scored.cuts,
        "segments": segments,
        "customers": _customers(known.orders.names, measured, scored, groups),
    }
    return Answer(values, [_table(segments, known.as_of)], notes_of(orders.broken, known.later))


def _fixed(options: Mapping[str, Any]) -> dict[str, Any]:
    """The thresholds given as options, each as rising numbers with commas between."""
    fixed = {}
    for name in MEASURES:
        text = options.get(name)
        if not text:
            continue
        try:
            cuts = np.array([float(part) for part in text.split(",")])
        except ValueError:
            cuts = np.array([])
        if not len(cuts) or not np.isfinite(cuts).all() or (np.diff(cuts) <= 0).any():
            raise Unusable(f"--{name}", gettext("rising numbers with commas are asked for"))
        fixed[name] = cuts
    return fixed


def _segments(groups: list[str], measured: rfm.Rfm) -> list[dict[str, Any]]:
    labels = np.array(groups)
    counts, total = Counter(groups), float(measured.monetary.sum())
    found = []
    for code in dict.fromkeys(rfm.GROUPS.values()):
        if not counts[code]:
            continue
        here = labels == code
        money = float(measured.monetary[here].sum())
        found.append(
            {
                "segment": code,
                "name": str(GROUP_NAMES[code]),
                "customers": counts[code],
                "share": counts[code] / len(groups),
                "revenue": round(money, 6),
                "revenue_share": money / total if total else None,
                "recency_mean": float(measured.recency[here].mean()),
                "frequency_mean": float(measured.frequency[here].mean()),
                "monetary_mean": float(measured.monetary[here].mean()),
            }
        )
    return found


def _customers(
    names: list[str], measured: rfm.Rfm, scored: rfm.Scored, groups: list[str]
) -> list[dict[str, Any]]:
    columns = zip(
        measured.customer.tolist(),
        measured.recency.tolist(),
        measured.frequency.tolist(),
        measured.monetary.round(6).tolist(),
        scored.recency.tolist(),
        scored.frequency.tolist(),
        scored.monetary.tolist(),
        groups,
        strict=True,
    )
    return [
        {
            "customer_id": names[code],
            "recency": days,
            "frequency": count,
            "monetary": money,
            "r": r,
            "f": f,
            "m": m,
            "rfm": f"{r}{f}{m}",
            "segment": group,
        }
        for code, days, count, money, r, f, m, group in columns
    ]


def _table(segments: list[dict[str, Any]], as_of: int) -> TextTable:
    rows = [
        [
            s["name"], s["customers"], f"{s['share']:.1%}", s["revenue"],
            s["recency_mean"], s["frequency_mean"], s["monetary_mean"],
        ]
        for s in segments
    ]  # fmt: skip
    headers = [
        gettext("Group"), gettext("Customers"), gettext("Share of customers"), gettext("Money"),
        gettext("Days since"), gettext("Purchases"), gettext("Money each"),
    ]  # fmt: skip
    return TextTable(gettext("RFM on %(day)s") % {"day": iso(as_of)}, headers, rows)
