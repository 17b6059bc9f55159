"""How right entries are, per person and month (CUS-8)."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Sum

from guanxi.customers.sampling import rules
from guanxi.customers.sampling.choices import CheckState
from guanxi.customers.sampling.models import EntryCheck
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor

MOST_PEOPLE: Final = 200


@dataclass(frozen=True)
class Accuracy:
    """How many values of a person's entries of a month were right; `n` were looked at."""

    right: int
    wrong: int

    @property
    def n(self) -> int:
        """How many values were looked at."""
        return self.right + self.wrong

    @property
    def percent(self) -> float | None:
        """The share that is right; none when nothing was looked at."""
        return rules.percent(self.right, self.wrong)


def get_accuracy(actor: Actor, since: date) -> dict[tuple[int, str], dict[date, Accuracy]]:
    """The checked entries in the reader's sight: by person, then by month."""
    rows = EntryCheck.objects.filter(state=CheckState.DONE, period_on__gte=since, archived_at=None)
    sums = (
        visible(actor, "entry_checks.view", rows)
        .order_by("entered_by__name_sort", "entered_by_id", "period_on")
        .values_list("entered_by_id", "entered_by__name", "period_on")
        .annotate(rights=Sum("right"), wrongs=Sum("wrong"))
    )
    found: dict[tuple[int, str], dict[date, Accuracy]] = {}
    for pk, name, month, right, wrong in sums:
        found.setdefault((pk, name), {})[month] = Accuracy(right, wrong)
    return dict(list(found.items())[:MOST_PEOPLE])
