"""The regular work of sampling."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from guanxi.customers.sampling.models import SamplingRule
from guanxi.customers.sampling.services import draw_sample
from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.chores import chore, is_night


@chore("entry-samples", every=timedelta(minutes=15))
def draw_samples(at: datetime) -> int:
    """In a month's first night, draw the entries of the last one; begun again it draws none."""
    if not is_night(at):
        return 0
    actor = system_actor(gettext_noop("sampling rules"), Channel.JOB)
    in_force = SamplingRule.objects.filter(is_on=True, archived_at=None).order_by("pk")
    ids = list(in_force.values_list("pk", flat=True))
    return sum(draw_sample(pk, actor=actor, at=at) for pk in ids)
