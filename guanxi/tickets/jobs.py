"""The regular work of this domain."""

from datetime import datetime, timedelta

from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.chores import chore
from guanxi.tickets import services


@chore("ticket backlog", every=timedelta(seconds=30))
def give_what_waits(at: datetime) -> int:
    """Give what waits in the queues to whoever has room by now."""
    return services.drain_backlog(actor=system_actor("tickets", Channel.JOB), at=at)


@chore("settled tickets", every=timedelta(hours=1))
def close_what_is_settled(at: datetime) -> int:
    """Close what was solved seven days ago."""
    return services.close_settled(actor=system_actor("tickets", Channel.JOB), at=at)
