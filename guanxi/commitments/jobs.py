"""The regular work of this domain."""

from datetime import datetime, timedelta

from guanxi.commitments import recurring
from guanxi.commitments.models import Cadence
from guanxi.commitments.services.recurring import write_down_due
from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.chores import chore, is_night
from guanxi.kernel.watchdog import show_life


@chore("cadences", every=timedelta(minutes=15))
def write_down_recurring_work(at: datetime) -> int:
    """At night, write down what comes round; begun again it goes on where it was."""
    if not is_night(at):
        return 0
    actor = system_actor(recurring.WHO, Channel.JOB)
    in_force = Cadence.objects.filter(is_on=True, archived_at=None).order_by("pk")
    ids = list(in_force.values_list("pk", flat=True))
    return sum(write_down_due(pk, actor=actor, at=at, note=show_life) for pk in ids)
