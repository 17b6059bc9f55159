"""What a policy says: how much of which time, and who hears of it when, as people write it."""

import re
from typing import Final

from guanxi.deadlines.rules.levels import Level
from guanxi.deadlines.rules.promises import Measure, Target
from guanxi.deadlines.rules.times import Impossible

_UNITS: Final = {
    "minutes": (Measure.CALENDAR, 60),
    "hours": (Measure.CALENDAR, 3600),
    "days": (Measure.CALENDAR, 86_400),
    "working_minutes": (Measure.BUSINESS, 60),
    "working_hours": (Measure.BUSINESS, 3600),
    "working_days": (Measure.BUSINESS_DAYS, 1),
    "months": (Measure.MONTHS, 1),
    "next_month": (Measure.NEXT_MONTH, 1),
    "days_ahead": (Measure.AHEAD, 1),
}
#: How far each unit goes; the others by how much time they are.
_FARTHEST: Final = {"working_days": 3_000, "months": 60, "next_month": 15, "days_ahead": 250}
#: Units that hang on a moment which not every record has.
OF_MOMENT: Final = frozenset({"days_ahead"})
#: Who can be told, by the word and by what people in China write.
WHO: Final = {
    "owner": "owner", "负责人": "owner",
    "head": "head", "主管": "head",
    "next_head": "next_head", "上级主管": "next_head",
    "duty": "duty", "值班": "duty",
}  # fmt: skip
_LINE: Final = re.compile(r"(?:(\d{1,4})\s*%|([+-])\s*(\d{1,4})\s*([mhd]|分钟|小时|天))\s+(.+)")
_SECONDS: Final = {"m": 60, "h": 3600, "分钟": 60, "小时": 3600}
MOST_LEVELS: Final = 12
MOST: Final = 5 * 366 * 86_400


def target_of(unit: str, amount: int, *, recurring: bool = False) -> Target:
    """The target that an amount in a unit is."""
    measure, factor = _UNITS[unit]
    if not 1 <= amount <= _FARTHEST.get(unit, MOST // factor):
        raise Impossible("a target lies between a minute and five years")
    return Target(measure, amount * factor, recurring)


def read_levels(text: str, target: Target) -> tuple[Level, ...]:
    """The levels that are written one per line: `80% owner`, `+4h head, duty`, `-1d owner`."""
    written = text.replace("％", "%").replace("，", ",").replace("＋", "+").replace("－", "-")
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    found = [_read_level(line, target) for line in lines]
    if len({level.name for level in found}) != len(found) or len(found) > MOST_LEVELS:
        raise Impossible(text.strip())
    return tuple(found)


def _read_level(line: str, target: Target) -> Level:
    match = _LINE.fullmatch(line)
    if match is None:
        raise Impossible(line)
    percent, sign, number, unit, people = match.groups()
    to = tuple(WHO.get(word.strip(), "") for word in people.replace("、", ",").split(","))
    if not all(to):
        raise Impossible(line)
    try:
        if percent:
            return Level(f"{int(percent)}%", percent=int(percent), to=to)
        offset = int(f"{sign}{number}") * _one(unit, target)
    except Impossible as error:
        raise Impossible(line) from error
    return Level(f"{sign}{int(number)}{unit}", offset=offset, to=to)


def _one(unit: str, target: Target) -> int:
    """What one of a unit is in the clock's own measure."""
    is_day = unit in {"d", "天"}
    if target.measure not in {Measure.BUSINESS, Measure.BUSINESS_DAYS, Measure.NEXT_MONTH}:
        return 86_400 if is_day else _SECONDS[unit]
    if is_day != target.measure.is_in_days:
        raise Impossible(unit)  # How long a working day is depends on the calendar.
    return 1 if is_day else _SECONDS[unit]
