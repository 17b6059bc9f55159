"""Showing a masked value on purpose: with a reason, within a quota, one audit line each (B07).

Whoever reveals many in a short while is not stopped before the day's quota, but raises an alert.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import (
    before,
    get_visible,
    is_guarded,
    require,
    require_recent,
    row_level,
)
from guanxi.kernel.actor import Actor, Level
from guanxi.kernel.errors import NotFound, RuleViolation, TooMany
from guanxi.kernel.events import Seen, record, record_access
from guanxi.kernel.models import AccessEntry, Event
from guanxi.surfaces.events import ManyRevealed
from guanxi.surfaces.records import RecordType
from guanxi.surfaces.services.records import customer_of

GUARDED = _("Nobody is shown this of this record as it stands now. Take it over first.")
DAILY_QUOTA = 50
SHORTEST_REASON = 4
#: So many looks within so long are an alert; the next one is raised an hour later at the earliest.
MANY: Final = 10
SHORT_WHILE: Final = timedelta(minutes=10)
NEXT_ALERT: Final = timedelta(hours=1)


@transaction.atomic
def reveal_value(
    record_type: RecordType, pk: int, name: str, *, reason: str, actor: Actor, at: datetime
) -> Any:
    """The clear value of one masked field of one record in scope."""
    instance = get_visible(
        actor, record_type.allows("view"), record_type.model._base_manager.all(), pk=pk
    )
    field = record_type.all_fields().get(name)
    if not record_type.reveal or field is None:
        raise NotFound
    if before(actor, instance).level(field.group) is not Level.MASKED:
        raise NotFound
    guard = row_level(actor, type(instance), field.group)
    if guard is not None and is_guarded(instance, guard.group):
        raise RuleViolation("guarded", GUARDED, "reason")
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
    _alert_on_many(actor, at)
    return field.read(instance)


def _check_quota(actor: Actor, at: datetime) -> None:
    """At most so many a day; whoever asks many times at once waits for the own row."""
    get_user_model()._base_manager.select_for_update().filter(pk=actor.user_id or 0).first()
    if _count_reveals(actor, at - timedelta(days=1)) >= DAILY_QUOTA:
        raise TooMany(3600, _("You have revealed as many values today as you may."))


def _count_reveals(actor: Actor, since: datetime) -> int:
    mine = AccessEntry.objects.filter(actor_user_id=actor.user_id, action="reveal", at__gt=since)
    return mine.count()


def _alert_on_many(actor: Actor, at: datetime) -> None:
    """Tell those who watch over the system, once per burst."""
    count = _count_reveals(actor, at - SHORT_WHILE)
    if count < MANY or actor.user_id is None:
        return
    told = Event.objects.filter(
        kind=ManyRevealed.kind, actor_user_id=actor.user_id, at__gt=at - NEXT_ALERT
    )
    if told.exists():
        return
    person = get_user_model()._base_manager.get(pk=actor.user_id)
    minutes = int(SHORT_WHILE.total_seconds()) // 60
    record(ManyRevealed(count, minutes), subject=person, actor=actor, at=at)
