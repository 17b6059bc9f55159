"""What becomes of two customers that are made one: pure functions on values."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

UNDOABLE: Final = timedelta(days=30)
STEP: Final = 10_000
"""How far a merge moves the survivor's version on: what was read of the merged customer can
never be taken for what it is after the merge was taken back and edited anew."""
STAYS: Final = frozenset({"owner", "team", "department"})


def is_blank(value: Any) -> bool:
    """Whether a value says nothing."""
    return value in (None, "", [], {})


def default_pick(name: str, mine: Any, theirs: Any, *, theirs_is_newer: bool) -> str:
    """Which value is kept unless somebody chooses: the filled one, then the newer one.

    Whose customer it is stays as it is.
    """
    if is_blank(mine) != is_blank(theirs):
        return "theirs" if is_blank(mine) and name not in STAYS else "mine"
    if name in STAYS or mine == theirs:
        return "mine"
    return "theirs" if theirs_is_newer else "mine"


def is_undoable(merged_at: datetime, at: datetime) -> bool:
    """Whether a merge is young enough to be taken back."""
    return at - merged_at <= UNDOABLE


def restored(
    before: Mapping[str, Any], after: Mapping[str, Any], current: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """What to write so that a row is as before, and the columns that were edited since."""
    values: dict[str, Any] = {}
    kept: list[str] = []
    for column, merged in after.items():
        if merged == before[column]:
            continue
        if current[column] == merged:
            values[column] = before[column]
        elif isinstance(merged, dict):
            values[column], edited = _restored_parts(before[column], merged, current[column])
            kept += [f"{column}.{part}" for part in edited]
        elif current[column] != before[column]:
            kept.append(column)
    return values, kept


def _restored_parts(
    before: Mapping[str, Any], after: Mapping[str, Any], current: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """The same for a column of many values, each by itself."""
    names = {*before, *after}
    old = {name: before.get(name) for name in names}
    merged = {name: after.get(name) for name in names}
    now = {**dict.fromkeys(names), **current}
    values, kept = restored(old, merged, now)
    return {n: v for n, v in {**current, **values}.items() if v is not None}, kept


def formerly(present: str, number: str, name: str, before: str, *, longest: int = 500) -> str:
    """The former names and numbers of a customer, with those of the one that joins it."""
    parts = [part for part in (present, f"{number} {name}", before) if part]
    return " · ".join(parts)[:longest]
