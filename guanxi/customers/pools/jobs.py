"""The regular and the long work of pools."""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from guanxi.customers.pools.models import HandOver, ReleaseBatch
from guanxi.customers.pools.services import handing, releasing
from guanxi.kernel.actor import Channel, get_actor, system_actor
from guanxi.kernel.chores import chore, is_night
from guanxi.kernel.jobs import RunContext, job

MOST_LISTED: Final = 200


@chore("recycle", every=timedelta(minutes=15))
def begin_the_night(at: datetime) -> object:
    """Start the night's release once it is night in the company's zone."""
    if not is_night(at) or not releasing.rules_in_force():
        return None
    local = at.astimezone(ZoneInfo(settings.TIME_ZONE))
    actor = system_actor(gettext_noop("pool rules"), Channel.JOB)
    return releasing.begin_night(local.date(), actor=actor, at=at)


@job("pools.recycle")
def recycle(context: RunContext) -> dict[str, Any]:
    """Warn and release by all rules in force."""
    batch = ReleaseBatch.objects.get(pk=context.run.params["batch"])
    actor = system_actor(gettext_noop("pool rules"), Channel.JOB).within(str(context.run.pk))
    releasing.recycle(batch, context.progress, actor=actor, at=timezone.now())
    batch.refresh_from_db()
    return {"changed": batch.released, "warned": batch.warned}


@job("pools.undo")
def undo(context: RunContext) -> dict[str, Any]:
    """Give back a night's customers; those that were claimed since are named."""
    batch = ReleaseBatch.objects.get(pk=context.run.params["batch"])
    actor = get_actor(context.run.actor_user_id, Channel.JOB).within(str(context.run.pk))
    kept = releasing.give_back(batch, context.progress, actor=actor, at=timezone.now())
    batch.refresh_from_db()
    reason = gettext("claimed or given to somebody since")
    return {
        "changed": batch.returned,
        "failed": len(kept),
        "failures": [{"id": pk, "reason": reason} for pk in kept[:MOST_LISTED]],
    }


@job("customers.hand_over")
def hand_over(context: RunContext) -> dict[str, Any]:
    """Give a book to its receivers; what the actor may not move is counted."""
    given = HandOver.objects.get(pk=context.run.params["hand_over"])
    actor = get_actor(context.run.actor_user_id, Channel.JOB).within(str(context.run.pk))
    left = handing.hand_over_all(given, context.progress, actor=actor, at=timezone.now())
    given.refresh_from_db()
    return {"changed": given.moved, "failed": left}


@job("customers.undo_hand_over")
def undo_hand_over(context: RunContext) -> dict[str, Any]:
    """Give a book back; customers that were changed or given on since are named."""
    given = HandOver.objects.get(pk=context.run.params["hand_over"])
    actor = get_actor(context.run.actor_user_id, Channel.JOB).within(str(context.run.pk))
    kept = handing.give_all_back(given, context.progress, actor=actor, at=timezone.now())
    given.refresh_from_db()
    reason = gettext("changed or given on since")
    ids = [pk for key, pk in kept if key == "customers.customer"][:MOST_LISTED]
    return {
        "changed": given.returned,
        "failed": len(kept),
        "failures": [{"id": pk, "reason": reason} for pk in ids],
    }
