"""One turn of a worker: a sign of life, the chores that are due, the reactions, one run."""

from datetime import datetime

from django.db import close_old_connections

from guanxi.kernel import chores, jobs, outbox
from guanxi.kernel.models import Heartbeat
from guanxi.kernel.watchdog import watched


def take_turn(*, at: datetime) -> bool:
    """Do what is due now; whether there was anything."""
    with watched():
        close_old_connections()
        Heartbeat.objects.update_or_create(name="worker", defaults={"at": at})
        chores.do_due(at=at)
        delivered = outbox.deliver_due(at=at)
        return jobs.execute_due(at=at, meanwhile=keep_time) or delivered > 0


def keep_time(at: datetime) -> None:
    """What may not come late is done between two steps of a long run, too."""
    chores.do_due(at=at, is_urgent=True)
