"""Measured values, reasons and tiers as people read them."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

from guanxi.customers.choices import Tier
from guanxi.kernel.html import format_html
from guanxi.segments.metrics import METRICS
from guanxi.surfaces.html.formats import Formatter, Html


def tier(value: str) -> Html:
    """A tier as its mark and word."""
    return format_html('<span class="tier tier-{}">{}</span>', value, tier_label(value))


def tier_label(value: str) -> str:
    """The word of a tier."""
    return str(dict(Tier.choices).get(value, value))


def label(key: str) -> str:
    """What a measure is called."""
    return str(METRICS[key].label) if key in METRICS else key


def measured(key: str, value: float | None, formatter: Formatter, currency: str) -> str:
    """A raw value in its unit."""
    if value is None:
        return gettext("none")
    unit = METRICS[key].unit if key in METRICS else ""
    if unit == "money":
        return formatter.money(round(value), currency)
    if unit == "share":
        return f"{value:.0%}"
    if unit == "days":
        return gettext("%(n)s days") % {"n": f"{value:,.0f}"}
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def points(hundredths: int) -> str:
    """Hundredths of points as points."""
    return f"{hundredths / 100:.1f}"


def reason(each: Sequence[Any], formatter: Formatter, currency: str) -> str:
    """One thing that a move is due to."""
    key, before, now, raw_before, raw_now = each
    value = measured(key, raw_now, formatter, currency)
    if before is None:
        said = gettext("%(what)s %(value)s gives %(now)s points")
        return said % {"what": label(key), "value": value, "now": points(now)}
    said = gettext("%(what)s from %(old)s to %(value)s: %(difference)s points")
    return said % {
        "what": label(key),
        "old": measured(key, raw_before, formatter, currency),
        "value": value,
        "difference": f"{(now - before) / 100:+.1f}",
    }
