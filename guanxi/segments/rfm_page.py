"""The RFM groups of a rating: heat map, named groups, and how customers moved between them."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext

from guanxi.kernel.actor import Actor
from guanxi.segments import panels, queries, rules
from guanxi.segments.models import Rating

Scores = tuple[int, int, int]
FIVE = range(5, 0, -1)


class RfmPage:
    """What stands on the page; every number counts customers in the reader's sight alone."""

    def __init__(self, actor: Actor, asked: str) -> None:
        self.actor = actor
        self.is_clear = panels.sees_amounts(actor)
        self.ratings = list(queries.shown_ratings()[:24])
        self.rating = next((r for r in self.ratings if str(r.pk) == asked), None) or (
            self.ratings[0] if self.ratings else None
        )
        self.groups = queries.named_groups()
        self.pairs = self._read(self.rating) if self.rating and self.is_clear else Counter()
        self.counts: Counter[Scores] = Counter()
        for (_before, now), n in self.pairs.items():
            self.counts[now] += n
        self.total = sum(self.counts.values())

    def _read(self, rating: Rating) -> Counter[tuple[int | None, Scores]]:
        rows = queries.standings(self.actor, rating).filter(r__isnull=False).order_by()
        names = ("rfm_before", "r", "f", "m")
        found: Counter[tuple[int | None, Scores]] = Counter()
        for before, r, f, m, n in rows.values_list(*names).annotate(n=Count("pk")):
            found[before, (r or 0, f or 0, m or 0)] = n
        return found

    # Heat map -------------------------------------------------------------------------------------
    @property
    def heat(self) -> list[dict[str, Any]]:
        """Rows by recency, best first; columns by frequency; how many, and their middle M."""
        cells: dict[tuple[int, int], list[int]] = {}
        for (r, f, m), n in self.counts.items():
            cell = cells.setdefault((r, f), [0, 0])
            cell[0] += n
            cell[1] += n * m
        most = max((n for n, _m in cells.values()), default=0)
        return [
            {"r": r, "cells": [self._cell(r, f, cells, most) for f in range(1, 6)]} for r in FIVE
        ]

    def _cell(
        self, r: int, f: int, cells: Mapping[tuple[int, int], list[int]], most: int
    ) -> dict[str, Any]:
        n, money = cells.get((r, f), [0, 0])
        return {
            "n": n,
            "m": f"{money / n:.1f}" if n else "",
            "heat": rules.heat(n, most),
            "url": self._list(f"r={r}&f={f}") if n else "",
        }

    def _list(self, query: str) -> str:
        return f"/standings/?view=&rating={self.rating.pk if self.rating else 0}&{query}"

    # Groups ---------------------------------------------------------------------------------------
    def name_of(self, scores: Scores | None) -> str:
        """The group of three scores; customers without a purchase before are new."""
        if scores is None:
            return gettext("New here")
        group = rules.group_of(self.groups, scores)
        return group["name"] if group else gettext("Not in a group")

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every group with how many it has, its share and how they are served."""
        counts: Counter[str] = Counter()
        for scores, n in self.counts.items():
            counts[self.name_of(scores)] += n
        known = {group["name"]: group for group in self.groups}
        names = [*known, *(name for name in counts if name not in known)]
        return [
            {
                "name": name,
                "n": counts[name],
                "share": f"{counts[name] / self.total:.1%}" if self.total else "",
                "strategy": known[name]["strategy"] if name in known else "",
                "scores": _written(known[name]) if name in known else "",
                "url": f"/rfm-groups/{known[name]['id']}/"
                if name in known and self.actor.can("rfm_groups.view")
                else "",
            }
            for name in names
        ]

    @property
    def movement(self) -> dict[str, Any]:
        """From which group to which, since the rating before; nothing without one."""
        if not self.rating or self.rating.previous_id is None:
            return {}
        flows: Counter[tuple[str, str]] = Counter()
        for (before, now), n in self.pairs.items():
            then = (before // 100, before // 10 % 10, before % 10) if before else None
            flows[self.name_of(then), self.name_of(now)] += n
        order = [
            gettext("New here"),
            *(group["name"] for group in self.groups),
            gettext("Not in a group"),
        ]
        rows = [name for name in order if any(a == name for a, _b in flows)]
        heads = [name for name in order if any(b == name for _a, b in flows)]
        most = max((n for (a, b), n in flows.items() if a != b), default=0)
        return {
            "heads": heads,
            "rows": [
                {
                    "name": a,
                    "cells": [
                        {
                            "n": flows[a, b],
                            "heat": rules.heat(flows[a, b], most) if a != b else 0,
                            "is_same": a == b,
                        }
                        for b in heads
                    ],
                }
                for a in rows
            ],
        }


def _written(group: Mapping[str, Any]) -> str:
    """Which scores a group holds: R4–5 F1–2; what takes any is left out."""
    parts = []
    for letter in "rfm":
        low, high = group[f"{letter}_from"], group[f"{letter}_to"]
        if (low, high) != (1, 5):
            parts.append(f"{letter.upper()}{low}" + (f"–{high}" if high > low else ""))
    return " ".join(parts)
