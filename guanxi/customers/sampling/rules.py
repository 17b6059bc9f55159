"""Which entries a rule draws, and what a check says: no Django."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from guanxi.customers.sampling import messages
from guanxi.kernel.errors import RuleViolation

RIGHT, WRONG = "right", "wrong"


def month_before(day: date) -> date:
    """The first day of the month before the one in which a day lies."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def size_of(entries: int, share: int, least: int, most: int) -> int:
    """How many of so many entries are drawn: a share, rounded up, between two bounds."""
    return min(entries, most, max(least, -(-entries * share // 100)))


def draw(ids: Sequence[int], number: int, salt: str) -> list[int]:
    """So many of these, in an order that nobody who enters can foresee and anybody can repeat."""

    def place(pk: int) -> str:
        return hashlib.sha256(f"{salt}:{pk}".encode()).hexdigest()

    return sorted(sorted(ids, key=place)[:number])


def judge(given: Mapping[str, str], compared: Collection[str], note: str) -> dict[str, str]:
    """The values that were looked at, key ones alone; what is wrong is said in words."""
    results = {name: verdict for name, verdict in given.items() if verdict}
    for name in results:
        if name not in compared:
            raise RuleViolation("not_key", messages.NOT_KEY, name)
    if not results:
        raise RuleViolation("nothing_checked", messages.NOTHING_CHECKED)
    if WRONG in results.values() and not note:
        raise RuleViolation("say_what", messages.SAY_WHAT, "note")
    return results


def percent(right: int, wrong: int) -> float | None:
    """How many of the values that were looked at are right; a hundred is the target."""
    return 100 * right / (right + wrong) if right + wrong else None
