"""What the pages of ratings, models and customers show; amounts only to who may see them clear."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Model
from django.utils.translation import gettext

from guanxi.customers.choices import Tier
from guanxi.kernel.access import ALL, scope_of, visible
from guanxi.kernel.actor import Actor, Level
from guanxi.kernel.models import Run
from guanxi.segments import queries, rules, words
from guanxi.segments.choices import SHOWN
from guanxi.segments.models import Rating, Standing, ValueModel
from guanxi.surfaces.html.formats import Formatter

MOST: Final = 12
HISTORY: Final = 12


def sees_amounts(actor: Actor) -> bool:
    """Whether amounts and what is computed from them are shown to the reader (B04)."""
    return actor.level("totals") is Level.CLEAR


# A rating -----------------------------------------------------------------------------------------
def moves(actor: Actor, rating: Model, at: datetime) -> Mapping[str, Any]:
    """How many move from which tier to which, within the reader's sight, and the first of them."""
    assert isinstance(rating, Rating)  # noqa: S101
    run = Run.objects.filter(pk=rating.run_id).first() if rating.run_id else None
    if rating.state not in SHOWN:
        return {"run": run, "rating": rating, "rows": [], "is_shown": False}
    rows = queries.standings(actor, rating)
    counted = rows.order_by().values_list("tier_before", "tier").annotate(n=Count("pk"))
    counts = {(before, now): n for before, now, n in counted}
    formatter = Formatter(actor, at)
    found = rows.filter(is_move=True).select_related("customer").order_by("pk")[:MOST]
    return {
        "run": run,
        "rating": rating,
        "is_shown": True,
        "matrix": _matrix(rating, counts),
        "moving": sum(n for (before, now), n in counts.items() if before != now),
        "all": sum(counts.values()),
        "rows": [_mover(each, rating, formatter) for each in found],
        "all_url": f"/standings/?view=&rating={rating.pk}&is_move=true",
    }


def _matrix(rating: Rating, counts: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """A row for each tier before, a column for each tier now, each number leading to its people."""
    used = {tier for pair in counts for tier in pair}
    tiers = [tier for tier in Tier.values if tier in used]
    most = max((n for (before, now), n in counts.items() if before != now), default=0)
    rows = []
    for before in tiers:
        cells = []
        for now in tiers:
            n = counts.get((before, now), 0)
            way = "same" if before == now else "up" if _above(now, before) else "down"
            query = f"rating={rating.pk}&tier_before={before}&tier={now}"
            cells.append(
                {
                    "n": n,
                    "way": way,
                    "heat": rules.heat(n, most) if way != "same" else 0,
                    "url": f"/standings/?view=&{query}" if n else "",
                }
            )
        rows.append({"tier": words.tier(before), "cells": cells})
    return {"heads": [words.tier(tier) for tier in tiers], "rows": rows}


def _above(one: str, other: str) -> bool:
    order = Tier.values
    return order.index(one) < order.index(other)


def _mover(row: Standing, rating: Rating, formatter: Formatter) -> dict[str, Any]:
    currency = rating.frozen["currency"]
    is_clear = sees_amounts(formatter.actor)
    return {
        "url": f"/customers/{row.customer_id}/",
        "name": row.customer.name,
        "before": words.tier(row.tier_before),
        "now": words.tier(row.tier),
        "why": [words.reason(r, formatter, currency) for r in row.reasons] if is_clear else [],
    }


def weights(actor: Actor, rating: Model, at: datetime) -> Mapping[str, Any]:
    """The model as it was frozen in the rating: each indicator with its weight, and the tiers."""
    del at
    assert isinstance(rating, Rating)  # noqa: S101
    frozen, scales = rating.frozen, rating.scales
    shares = scales.get("weights") or []
    given = [each["key"] for each in frozen.get("indicators", [])]
    is_whole = is_whole_company(actor) and sees_amounts(actor)
    cuts = scales.get("thresholds") or []
    return {
        "model": frozen.get("name", ""),
        "version": frozen.get("version", ""),
        "rows": [
            (words.label(key), f"{share:.0%}", round(share * 100))
            for key, share in zip(given, shares, strict=False)
        ],
        "cuts": [
            (words.tier(tier), words.points(round(cut)))
            for (tier, _value), cut in zip(frozen.get("cuts", []), cuts, strict=False)
        ]
        if is_whole
        else [],
        "lowest": words.tier(frozen["lowest"]) if frozen else "",
    }


def is_whole_company(actor: Actor) -> bool:
    """Whether the reader sees every customer: only then are totals of all of them shown (B04)."""
    return scope_of(actor, "standings.view", Standing) is ALL


def backtest(actor: Actor, rating: Model, at: datetime) -> Mapping[str, Any]:
    """What the model would have foretold a quarter ago, for those who see every customer."""
    del at
    assert isinstance(rating, Rating)  # noqa: S101
    found = rating.backtest
    if not (is_whole_company(actor) and sees_amounts(actor)):
        return {"why_not": gettext("This is told of all customers, to those who see them all.")}
    if not found:
        return {"why_not": gettext("There is not enough history to look back on.")}
    reached, line = 0.0, ["0,100"]
    for place, share in enumerate(found["shares"], 1):
        reached += share
        line.append(f"{place * 20},{100 - reached * 100:.2f}")
    return {
        "then": found["then"],
        "until": rating.as_of.isoformat(),
        "points": " ".join(line),
        "top": f"{found['top_share']:.1%}",
        "lift": f"{found['top_share'] * 10:.1f}",
        "tiers": [(words.tier(t), f"{n:.1%}", f"{s:.1%}") for t, n, s in found["tiers"]],
    }


# A model ------------------------------------------------------------------------------------------
def indicators(actor: Actor, model: Model, at: datetime) -> Mapping[str, Any]:
    """The indicators of a model, with the way to add one."""
    del at
    assert isinstance(model, ValueModel)  # noqa: S101
    can_see = actor.can("value_indicators.view")
    rows = model.indicators.filter(archived_at=None).order_by("pk") if can_see else []
    return {
        "lines": [
            (row.pk, words.label(row.metric), row.get_scaling_display(), row.weight) for row in rows
        ],
        "can_add": actor.can("value_indicators.create"),
        "model": model,
    }


# A customer ---------------------------------------------------------------------------------------
def of_customer(actor: Actor, customer: Any, at: datetime) -> Mapping[str, Any]:
    """Tier, score, what each indicator adds, what would lift the tier, and the ratings so far."""
    formatter = Formatter(actor, at)
    every = queries.in_effect_of(customer.pk)
    rows = list(visible(actor, "standings.view", every)[:HISTORY])
    is_clear = sees_amounts(actor)
    shown: dict[str, Any] = {
        "tier": words.tier(customer.tier),
        "is_clear": is_clear,
        "is_rated": bool(rows) or every.exists(),
        "history": [_past(row, formatter, is_clear=is_clear) for row in rows],
    }
    if not rows or not is_clear:
        return shown
    return shown | _explained(rows[0], formatter)


def _past(row: Standing, formatter: Formatter, *, is_clear: bool) -> dict[str, Any]:
    currency = row.rating.frozen["currency"]
    return {
        "day": row.rating.as_of.isoformat(),
        "tier": words.tier(row.tier),
        "before": words.tier(row.tier_before) if row.is_move else "",
        "score": words.points(row.score) if is_clear else "",
        "why": [words.reason(r, formatter, currency) for r in row.reasons] if is_clear else [],
    }


def _explained(row: Standing, formatter: Formatter) -> dict[str, Any]:
    frozen, scales = row.rating.frozen, row.rating.scales
    currency, keys = frozen["currency"], [each["key"] for each in frozen["indicators"]]
    tiers = [*(tier for tier, _cut in frozen["cuts"]), frozen["lowest"]]
    place = tiers.index(row.tier)
    ways = rules.ways_up(scales, place, row.score, row.parts)
    return {
        "score": words.points(row.score),
        "as_of": row.rating.as_of.isoformat(),
        "rfm": f"{row.r}-{row.f}-{row.m}" if row.r else "",
        "parts": [
            {
                "label": words.label(key),
                "raw": words.measured(key, raw, formatter, currency),
                "points": words.points(part),
                "most": words.points(round(weight * 10_000)),
                "share": round(part / (weight * 100)) if weight else 0,
            }
            for key, (raw, part), weight in zip(keys, row.parts, scales["weights"], strict=True)
        ],
        "next": words.tier(tiers[place - 1]) if place else "",
        "ways": [
            (words.label(keys[n]), words.measured(keys[n], value, formatter, currency))
            for n, value in ways
        ],
    }
