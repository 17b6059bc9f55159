"""How right entries were, as a table whose cells are bars: a row for each person (CUS-8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from guanxi.customers.sampling.queries import Accuracy, get_accuracy
from guanxi.deadlines.rules.dates import add_months
from guanxi.surfaces.html.formats import Formatter

MONTHS: Final = 6
TARGET: Final = 100
#: Below this a cell is red, between it and the target amber.
LOW: Final = 95


@dataclass(frozen=True)
class Cell:
    """One person's month: a bar, its figure, and how many values it rests on."""

    percent: str
    width: int
    n: int
    tone: str


@dataclass(frozen=True)
class Row:
    """One person's months, and all of them together."""

    name: str
    url: str
    cells: Sequence[Cell | None]
    total: Cell | None


def cell_of(found: Accuracy | None) -> Cell | None:
    """A month as the table shows it; nothing when nothing was looked at."""
    if found is None or found.percent is None:
        return None
    shown = found.percent
    tone = "good" if shown >= TARGET else "fair" if shown >= LOW else "low"
    # 99.96 is not the target: never rounded up to it.
    words = f"{int(shown * 10) / 10:g}%"
    return Cell(words, round(shown), found.n, tone)


class Picture:
    """What the template shows to one reader."""

    target = TARGET

    def __init__(self, formatter: Formatter) -> None:
        self.actor = formatter.actor
        this_month = formatter.today.replace(day=1)
        self.months = [add_months(this_month, n) for n in range(1 - MONTHS, 1)]

    @cached_property
    def rows(self) -> list[Row]:
        """Everybody whose entries were checked, in the reader's sight."""
        found = get_accuracy(self.actor, self.months[0])
        return [self._row(pk, name, by_month) for (pk, name), by_month in found.items()]

    def _row(self, pk: int, name: str, by_month: dict[date, Accuracy]) -> Row:
        cells = [cell_of(by_month.get(month)) for month in self.months]
        rights, wrongs = (sum(getattr(a, n) for a in by_month.values()) for n in ("right", "wrong"))
        url = f"/entry-checks/?view=&entered_by={pk}"
        return Row(name, url, cells, cell_of(Accuracy(rights, wrongs)))
