"""The regular work of this domain."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.chores import chore
from guanxi.tickets import services
from guanxi.tickets.mail import jobs as mail

__all__ = ["mail"]


@chore("ticket backlog", every=timedelta(seconds=30))
def give_what_waits(at: datetime) -> int:
    """Give what waits in the queues to whoever has room by now."""
    return services.drain_backlog(actor=system_actor(gettext_noop("tickets"), Channel.JOB), at=at)


@chore("moved ticket deadlines", every=timedelta(minutes=10))
def follow_moved_deadlines(at: datetime) -> int:
    """Show the deadline that a notice, a calendar or a policy has moved meanwhile."""
    del at
    return services.follow_moved()


@chore("settled tickets", every=timedelta(hours=1))
def close_what_is_settled(at: datetime) -> int:
    """Close what was solved seven days ago."""
    return services.close_settled(actor=system_actor(gettext_noop("tickets"), Channel.JOB), at=at)
