"""What the stages ask for now."""

import time
from collections.abc import Mapping
from functools import lru_cache

from guanxi.customers.needs.models import StageNeeds
from guanxi.surfaces.advances import Need

#: How long another process may still go by what was asked for before.
KEPT_SECONDS = 5


def list_stage_needs() -> Mapping[str, tuple[Need, ...]]:
    """Return what a pack made the stages ask for; read anew every few seconds."""
    return _needs_of(int(time.monotonic() // KEPT_SECONDS))


@lru_cache(maxsize=1)
def _needs_of(moment: int) -> Mapping[str, tuple[Need, ...]]:
    del moment  # Part of the key only.
    return {
        row.stage: tuple(Need(n["field"], _only(n.get("only"))) for n in row.needs)
        for row in StageNeeds.objects.all()
    }


def _only(written: list[object] | None) -> tuple[str, tuple[str, ...]] | None:
    if not written:
        return None
    field, values = written
    return str(field), tuple(str(value) for value in values)  # type: ignore[attr-defined]


def forget_stage_needs() -> None:
    """Read them anew at the next question."""
    _needs_of.cache_clear()
