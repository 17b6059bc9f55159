"""Who may see and change what: calendars belong to all, a clock to those who see its record."""

from django.db.models import OuterRef, Q, Subquery

from guanxi.deadlines.declarations import clock_kinds
from guanxi.deadlines.models import Calendar, CalendarDay, Clock, DutyShift, Notice, Policy
from guanxi.kernel.access import ALL, NONE, Scope, declare_scope, scope_of
from guanxi.kernel.actor import Actor
from guanxi.surfaces.records import get_record_type

for model in (Calendar, CalendarDay, Notice, Policy, DutyShift):
    declare_scope(model, own=lambda _: NONE, team=lambda _: NONE, branch=lambda _: NONE)


def of_seen_records(actor: Actor) -> Scope:
    """The clocks of the records that the actor sees; how far that goes is said with those."""
    seen = Q()
    for key in {kind.record_key for kind in clock_kinds()}:
        record_type = get_record_type(key)
        scope = scope_of(actor, record_type.allows("view"), record_type.model)
        if scope is ALL:
            seen |= Q(record_key=key)
        elif scope is not NONE:
            # Asked of each clock that is come to: as a list, every record in sight would be read.
            row = record_type.in_scope(actor).filter(pk=OuterRef("object_id")).order_by()
            seen |= Q(record_key=key, object_id=Subquery(row.values("pk")[:1]))
    return seen or NONE


declare_scope(
    Clock,
    own=of_seen_records,
    team=of_seen_records,
    branch=of_seen_records,
    everywhere=of_seen_records,
)
