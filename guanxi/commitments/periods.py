"""When recurring work comes round: whole periods from a first day on, in days, never instants."""

from datetime import date, timedelta
from typing import Final, NamedTuple

from guanxi.deadlines.rules.dates import add_months

DAYS: Final = {"day": 1, "week": 7}
MONTHS: Final = {"month": 1, "quarter": 3}
UNITS: Final = (*DAYS, *MONTHS)


class Period(NamedTuple):
    """The first and the last day of one round."""

    first: date
    last: date

    @property
    def key(self) -> str:
        """What tells this round from every other of the same cadence."""
        return self.first.isoformat()

    def due_on(self, days: int) -> date:
        """So many days after the first, but no later than the last; 0 is the last itself."""
        return min(self.first + timedelta(days), self.last) if days else self.last


def period_of(starts_on: date, every: int, unit: str, day: date) -> Period | None:
    """The round in which a day lies; none before the first.

    Months are counted from the first day itself, so that the 31st comes back after a short month.
    """
    if day < starts_on:
        return None
    if unit in DAYS:
        step = every * DAYS[unit]
        first = starts_on + timedelta((day - starts_on).days // step * step)
        return Period(first, first + timedelta(step - 1))
    step = every * MONTHS[unit]
    passed = (day.year - starts_on.year) * 12 + day.month - starts_on.month
    number = passed // step
    if add_months(starts_on, number * step) > day:
        number -= 1
    following = add_months(starts_on, (number + 1) * step)
    return Period(add_months(starts_on, number * step), following - timedelta(1))
