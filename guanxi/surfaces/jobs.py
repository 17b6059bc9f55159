"""The long and the regular work of the surfaces; importing this registers every kind of run."""

from datetime import datetime, timedelta

from guanxi.kernel.chores import chore
from guanxi.surfaces import value_indexes
from guanxi.surfaces.exporting import jobs as exporting
from guanxi.surfaces.importing import jobs as importing
from guanxi.surfaces.services import bulk, drafts, presence

__all__ = ["bulk", "exporting", "importing"]


@chore("custom fields", every=timedelta(minutes=1))
def index_custom_fields(at: datetime) -> list[str]:
    """Let lists sort by the custom fields of today (K11)."""
    del at
    return value_indexes.bring_in_step()


@chore("drafts", every=timedelta(hours=1))
def forget_drafts(at: datetime) -> int:
    """Let go of drafts after thirty days, and of forms that were closed without a word."""
    return drafts.sweep_drafts(at=at) + presence.sweep_presence(at=at)
