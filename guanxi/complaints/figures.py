"""Figures by which nobody can be made out: small numbers are not told (CPL-6)."""

from collections.abc import Mapping
from typing import Final

#: What fewer than so many stand behind is not told.
LEAST: Final = 5


def suppressed(counts: Mapping[str, int]) -> dict[str, int | None]:
    """Counts without the small ones, nor the one that the total would give away."""
    small = {name for name, count in counts.items() if 0 < count < LEAST}
    told = {name: count for name, count in counts.items() if name not in small and count}
    if len(small) == 1 and told:
        small.add(min(told, key=lambda name: (told[name], name)))
    return {name: None if name in small else count for name, count in counts.items()}


def share(count: int | None, total: int) -> str:
    """A count as a share of the whole."""
    return f"{100 * count / total:.0f}%" if count is not None and total else ""
