"""The regular work of this domain."""

from datetime import datetime, timedelta
from typing import Final

from guanxi.commitments import recurring
from guanxi.commitments.models import Cadence
from guanxi.commitments.services import timing
from guanxi.commitments.services.recurring import write_down_due
from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.chores import chore, is_night
from guanxi.kernel.watchdog import show_life

#: So many promises get their clock at a time.
MOST: Final = 1000


@chore("promise-clocks", every=timedelta(minutes=15))
def bring_on_promises(at: datetime) -> int:
    """At night, promises from before there were clocks get theirs; begun again it finds none."""
    if not is_night(at):
        return 0
    actor = system_actor(recurring.WHO, Channel.JOB)
    return timing.start_missing(most=MOST, actor=actor, at=at)


@chore("cadences", every=timedelta(minutes=15))
def write_down_recurring_work(at: datetime) -> int:
    """At night, write down what comes round; begun again it goes on where it was."""
    if not is_night(at):
        return 0
    actor = system_actor(recurring.WHO, Channel.JOB)
    in_force = Cadence.objects.filter(is_on=True, archived_at=None).order_by("pk")
    ids = list(in_force.values_list("pk", flat=True))
    return sum(write_down_due(pk, actor=actor, at=at, note=show_life) for pk in ids)
