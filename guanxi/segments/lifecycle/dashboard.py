"""The page of who the customers are and who is leaving; every figure opens its customers.

All of it counts customers in the reader's sight alone (B04), and each figure says what it is.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from django.db.models import Count, Q
from django.utils.translation import gettext

from guanxi.customers.choices import Stage, Tier
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor
from guanxi.segments import queries as ratings
from guanxi.segments import words as tiers
from guanxi.segments.choices import RatingState
from guanxi.segments.lifecycle import panels, queries, rules, words
from guanxi.segments.lifecycle.choices import Outcome, WarningState
from guanxi.segments.lifecycle.models import ChurnWarning, StageRun
from guanxi.segments.models import Rating
from guanxi.segments.panels import is_whole_company

#: Fewer than so many in either group say nothing of an effect.
LEAST: Final = 5
MOST: Final = 24
YEAR: Final = 365


@dataclass(frozen=True)
class Figure:
    """One number with what it means and the list that it opens."""

    label: str
    value: str
    meaning: str
    url: str = ""


@dataclass(frozen=True)
class Bar:
    """One line of a picture: how many, their share, how long the bar is of a hundred."""

    key: str
    label: str
    n: int
    share: str
    width: float
    url: str

    @property
    def start(self) -> float:
        """Where the bar of a pyramid begins."""
        return (100 - self.width) / 2


class Dashboard:
    """What the template shows to one reader of one run."""

    def __init__(self, actor: Actor, asked: str) -> None:
        self.actor = actor
        self.runs = list(queries.runs_in_effect()[:MOST])
        chosen = (run for run in self.runs if str(run.pk) == asked)
        self.run: StageRun | None = next(chosen, self.runs[0] if self.runs else None)

    # Lifecycle ------------------------------------------------------------------------------------
    @cached_property
    def flows(self) -> dict[tuple[str, str], int]:
        """How many came from which stage to which."""
        return panels.flow_counts(self.actor, self.run) if self.run else {}

    @cached_property
    def by_stage(self) -> Counter[str]:
        """How many are in which stage."""
        found: Counter[str] = Counter()
        for (_before, now), n in self.flows.items():
            found[now] += n
        return found

    @property
    def stages(self) -> list[Bar]:
        """A bar for each stage, in the order of a relationship."""
        counts = {stage: self.by_stage[stage] for stage in Stage.values}
        return self._bars(counts, words.stage_label, lambda key: self._list(f"stage={key}"))

    @property
    def matrix(self) -> dict[str, Any]:
        """From stage to stage."""
        return panels.matrix(self.run, self.flows) if self.run else {}

    def _list(self, query: str) -> str:
        return f"/stage-standings/?view=&run={self.run.pk if self.run else 0}&{query}"

    # Overview -------------------------------------------------------------------------------------
    @property
    def figures(self) -> list[Figure]:
        """The few numbers that come first."""
        if not self.run:
            return []
        total = sum(self.by_stage.values())
        found = queries.standings(self.actor, self.run).aggregate(
            buyers=Count("pk", filter=Q(silence__isnull=False)),
            active=Count("pk", filter=Q(silence__lt=YEAR)),
        )
        leaving = self.by_stage[Stage.AT_RISK]
        back = self.by_stage[Stage.WON_BACK]
        return [
            Figure(
                gettext("Customers"),
                f"{total:,}",
                gettext("In your sight, neither archived nor merged, when the run was made."),
                self._list(""),
            ),
            Figure(
                gettext("Bought within a year"),
                f"{found['active']:,} · {_share(found['active'], found['buyers'])}",
                gettext("Last purchase less than 365 days ago, of those who ever bought."),
                self._list(f"silence__lt={YEAR}"),
            ),
            Figure(
                words.stage_label(Stage.AT_RISK),
                f"{leaving:,} · {_share(leaving, found['buyers'])}",
                gettext("By the rule of the stage, of those who ever bought."),
                self._list(f"stage={Stage.AT_RISK}"),
            ),
            Figure(
                words.stage_label(Stage.WON_BACK),
                f"{back:,}",
                gettext("Back after a long pause, by the rule of the stage."),
                self._list(f"stage={Stage.WON_BACK}"),
            ),
        ]

    @property
    def coverage(self) -> str:
        """The share of buyers whom a rule placed, for those who see every customer."""
        if self.run is None or not is_whole_company(self.actor):
            return ""
        return panels.coverage(self.run)

    # Value ----------------------------------------------------------------------------------------
    @cached_property
    def rating(self) -> Rating | None:
        """The newest rating in effect."""
        rows = ratings.shown_ratings().filter(state=RatingState.IN_EFFECT)
        return rows.first() if self.actor.can("standings.view") else None

    @property
    def pyramid(self) -> list[Bar]:
        """How many customers each tier has, the best on top."""
        if self.rating is None:
            return []
        rows = ratings.standings(self.actor, self.rating).order_by().values_list("tier")
        found = dict(rows.annotate(n=Count("pk")))
        counts = {tier: found[tier] for tier in Tier.values if found.get(tier)}
        url = f"/standings/?view=&rating={self.rating.pk}"
        return self._bars(counts, tiers.tier_label, lambda key: f"{url}&tier={key}")

    # Who is leaving -------------------------------------------------------------------------------
    @property
    def sees_warnings(self) -> bool:
        """Whether the reader may see the early warning list."""
        return self.actor.can("churn_warnings.view")

    @property
    def warnings(self) -> list[Bar]:
        """How many warnings wait, are in hand, and came to which outcome."""
        rows = visible(self.actor, "churn_warnings.view", ChurnWarning.objects.all())
        found = rows.order_by().values_list("state", "outcome").annotate(n=Count("pk"))
        counts: Counter[str] = Counter()
        for state, outcome, n in found:
            counts[f"outcome={outcome}" if outcome else f"state={state}"] += n
        labels = {f"state={s}": s.label for s in (WarningState.OPEN, WarningState.FOLLOWED)}
        labels |= {f"outcome={o}": o.label for o in Outcome}
        shown = {key: counts[key] for key in labels}
        return self._bars(
            shown, lambda key: str(labels[key]), lambda key: f"/churn-warnings/?view=&{key}"
        )

    @property
    def effect(self) -> dict[str, Any]:
        """What contacting brings: who bought again, against those left alone by lot.

        Everybody who was to be contacted counts, whether somebody did or not.
        """
        if not (self.run and self.sees_warnings):
            return {}
        since = self.run.as_of - timedelta(days=rules.EFFECT_DAYS)
        stages = [rule["stage"] for rule in self.run.frozen if rule.get("control_percent")]
        rows = visible(
            self.actor,
            "churn_warnings.view",
            ChurnWarning.objects.filter(stage__in=stages, warned_on__gte=since),
        )
        counted = rows.order_by().values_list("is_control")
        found = {
            is_control: (n, bought)
            for is_control, n, bought in counted.annotate(n=Count("pk"), bought=Count("bought_on"))
        }
        (n, hits), (control_n, control_hits) = found.get(False, (0, 0)), found.get(True, (0, 0))
        if min(n, control_n) < LEAST:
            return {"least": LEAST}
        difference, low, high = rules.uplift(hits, n, control_hits, control_n)
        return {
            "contacted": f"{hits}/{n} · {_share(hits, n)}",
            "control": f"{control_hits}/{control_n} · {_share(control_hits, control_n)}",
            "difference": f"{100 * difference:+.1f}",
            "interval": f"{100 * low:+.1f} … {100 * high:+.1f}",
            "is_clear": low > 0 or high < 0,
        }

    def _bars(self, counts: dict[str, int], label: Any, url: Any) -> list[Bar]:
        total, most = sum(counts.values()), max(counts.values(), default=0)
        return [
            Bar(key, label(key), n, _share(n, total), 100 * n / most if most else 0, url(key))
            for key, n in counts.items()
        ]


def _share(n: int, total: int) -> str:
    return f"{n / total:.1%}" if total else "—"
