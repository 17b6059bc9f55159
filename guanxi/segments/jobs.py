"""The long and the regular work of ratings; what computes is loaded when it is asked for."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.chores import chore, is_night
from guanxi.kernel.jobs import RunContext, job
from guanxi.segments.lifecycle import services as lifecycle
from guanxi.segments.models import Rating, StageRun
from guanxi.segments.services import begin_month
from guanxi.segments.services.applying import put_in_effect

WHO = gettext_noop("customer rating")


@chore("ratings", every=timedelta(minutes=15))
def begin_the_month(at: datetime) -> object:
    """At night, begin the rating and the lifecycle run of the month that is over, once."""
    if not is_night(at):
        return None
    actor = system_actor(WHO, Channel.JOB)
    lifecycle.begin_month(actor=actor, at=at)
    return begin_month(actor=actor, at=at)


@job("segments.rate")
def rate_customers(context: RunContext) -> dict[str, Any]:
    """Rate everybody at the end of a day."""
    from guanxi.segments.services.computing import compute

    rating = Rating.objects.get(pk=context.run.params["rating"])
    actor = system_actor(WHO, Channel.JOB).within(str(context.run.pk))
    compute(rating, context.progress, actor=actor, at=timezone.now())
    return {}


@job("segments.apply")
def apply_rating(context: RunContext) -> dict[str, Any]:
    """Move the customers' tiers as was approved."""
    rating = Rating.objects.get(pk=context.run.params["rating"])
    actor = system_actor(WHO, Channel.JOB).within(str(context.run.pk))
    return put_in_effect(rating, context.progress, actor=actor, at=timezone.now())


@job("segments.stages")
def find_stages(context: RunContext) -> dict[str, Any]:
    """Find the stage of every customer at the end of a day, and put it in effect."""
    from guanxi.segments.lifecycle.services.computing import work_off

    run = StageRun.objects.get(pk=context.run.params["run"])
    actor = system_actor(WHO, Channel.JOB).within(str(context.run.pk))
    return work_off(run, context.progress, actor=actor, at=timezone.now())
