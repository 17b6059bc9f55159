"""The regular and the long work of deadlines."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from guanxi.deadlines import services
from guanxi.deadlines.models import Policy
from guanxi.kernel import outbox
from guanxi.kernel.actor import Channel, get_actor
from guanxi.kernel.chores import chore
from guanxi.kernel.jobs import RunContext, job

#: The reaction by which people hear that a clock has spoken.
TELL: Final = "deadlines.reactions.tell_of_deadline"


@chore("deadlines", every=timedelta(seconds=2), is_urgent=True)
def let_clocks_speak(at: datetime) -> int:
    """Tell of what falls due, soon after it does, whatever else the worker has to do."""
    fired = services.sweep(at=at)
    if fired:
        outbox.deliver_at_once(TELL, at=at)
    return fired


@job("deadlines.apply")
def apply_policy(context: RunContext) -> dict[str, Any]:
    """Give running clocks the promise of a policy as it is now."""
    policy = Policy.objects.select_related("current").get(pk=context.run.params["policy"])
    actor = get_actor(context.run.actor_user_id, Channel.JOB).within(str(context.run.pk))
    moved = services.move_clocks(policy, context.progress, actor=actor, at=timezone.now())
    return {"changed": moved}


@job("deadlines.reproject")
def reproject(context: RunContext) -> dict[str, Any]:
    """Move running clocks to calendars as they are now, or tell which would move."""
    actor = get_actor(context.run.actor_user_id, Channel.JOB).within(str(context.run.pk))
    params = context.run.params
    return services.reproject(params, context.progress, actor=actor, at=timezone.now()).as_result()
