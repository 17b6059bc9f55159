"""What the analyses of order files share: reading, the day of reckoning, what was left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext

from guanxi.insight.cells import BadCell, read_day
from guanxi.insight.orders import BROKEN_SHARE, COLUMNS, Orders, read_orders
from guanxi.insight.problems import Broken, Unusable


@dataclass(frozen=True)
class Known:
    """The orders up to a day, and how many rows lie after it."""

    orders: Orders
    as_of: int
    later: int

    def as_json(self) -> dict[str, Any]:
        """The head of an answer."""
        return {**self.orders.as_json(), "later_rows": self.later}


def orders_of(options: Mapping[str, Any]) -> Orders:
    """The orders of the file that the command names."""
    mapping = {name: options[name] for name in COLUMNS if options.get(name)}
    share = 0.0 if options["strict"] else BROKEN_SHARE
    return read_orders(
        Path(options["file"]), _zone(options["time_zone"]), mapping=mapping, broken_share=share
    )


def day_of(options: Mapping[str, Any], name: str) -> int | None:
    """A day among the options."""
    text = options.get(name)
    if not text:
        return None
    try:
        return read_day(text)
    except BadCell as error:
        raise Unusable(f"--{name.replace('_', '-')}", str(error)) from error


def known_at(orders: Orders, asked: int | None, today: int) -> Known:
    """What was known on a day: the one asked for, else the last with orders that has been."""
    as_of = min(int(orders.day.max()), today) if asked is None else asked
    known = orders.until(as_of)
    if not len(known.day):
        raise Unusable("--as-of", gettext("there is no order until that day"))
    return Known(known, as_of, len(orders.day) - len(known.day))


def notes_of(broken: Broken, later: int = 0) -> list[str]:
    """What was left out, as sentences."""
    notes = []
    if broken.count:
        notes.append(gettext("Left out: %(count)s broken rows") % {"count": broken.count})
        notes += [f"  {each.place}: {each.reason}" for each in broken.examples[:5]]
    if later:
        notes.append(gettext("Left out: %(count)s rows after the day") % {"count": later})
    return notes


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        reason = gettext("“%(name)s” is not a time zone") % {"name": name}
        raise Unusable("--time-zone", reason) from error
