"""Showing a masked value on purpose: with a reason, within a quota, one audit line each (B07)."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import get_visible, require, require_recent
from guanxi.kernel.actor import Actor, Level
from guanxi.kernel.errors import NotFound, RuleViolation, TooMany
from guanxi.kernel.events import Seen, record_access
from guanxi.kernel.models import AccessEntry
from guanxi.surfaces.records import RecordType
from guanxi.surfaces.services.records import customer_of

DAILY_QUOTA = 50
SHORTEST_REASON = 4


@transaction.atomic
def reveal_value(
    record_type: RecordType, pk: int, name: str, *, reason: str, actor: Actor, at: datetime
) -> Any:
    """The clear value of one masked field of one record in scope."""
    instance = get_visible(
        actor, record_type.allows("view"), record_type.model._base_manager.all(), pk=pk
    )
    field = record_type.all_fields().get(name)
    if not record_type.reveal or field is None or actor.level(field.group) is not Level.MASKED:
        raise NotFound
    require(actor, record_type.reveal, instance)
    require_recent(actor, at)
    if len(reason.strip()) < SHORTEST_REASON:
        raise RuleViolation("reason_missing", _("Say why you need the clear value."), "reason")
    _check_quota(actor, at)
    seen = Seen(
        "reveal",
        record_type.key,
        str(pk),
        customer_of(record_type, instance),
        (name,),
        reason.strip(),
    )
    record_access(seen, actor=actor, at=at)
    return field.read(instance)


def _check_quota(actor: Actor, at: datetime) -> None:
    """At most so many a day; whoever asks many times at once waits for the own row."""
    get_user_model()._base_manager.select_for_update().filter(pk=actor.user_id or 0).first()
    since = AccessEntry.objects.filter(
        actor_user_id=actor.user_id, action="reveal", at__gt=at - timedelta(days=1)
    )
    if since.count() >= DAILY_QUOTA:
        raise TooMany(3600, _("You have revealed as many values today as you may."))
