"""The long and the regular work of the surfaces; importing this registers every kind of run."""

from datetime import datetime, timedelta

from guanxi.kernel.chores import chore
from guanxi.surfaces import value_indexes
from guanxi.surfaces.exporting import jobs as exporting
from guanxi.surfaces.importing import jobs as importing
from guanxi.surfaces.services import bulk

__all__ = ["bulk", "exporting", "importing"]


@chore("custom fields", every=timedelta(minutes=1))
def index_custom_fields(at: datetime) -> list[str]:
    """Let lists sort by the custom fields of today (K11)."""
    del at
    return value_indexes.bring_in_step()
