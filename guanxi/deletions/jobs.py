"""The regular work of deletions."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from guanxi.deletions.services import delete_due
from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.chores import chore, is_night


@chore("deletions", every=timedelta(minutes=30))
def empty_bin(at: datetime) -> int:
    """By night, delete for good what has lain in the bin for thirty days."""
    if not is_night(at):
        return 0
    return delete_due(actor=system_actor(gettext_noop("the bin"), Channel.JOB), at=at)
