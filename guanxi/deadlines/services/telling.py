"""Who hears of a deadline, and when: not outside their working time unless the clock runs on."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from guanxi.deadlines import clock_queries, policy_queries, queries
from guanxi.deadlines.declarations import get_kind
from guanxi.deadlines.models import Clock, DutyShift
from guanxi.deadlines.rules.levels import Level
from guanxi.deadlines.rules.promises import Measure
from guanxi.deadlines.rules.times import Impossible, instant_of, ticks_of
from guanxi.kernel.actor import system_actor
from guanxi.kernel.models import Event
from guanxi.notifications.services import notify
from guanxi.people.queries import (
    get_place,
    list_active_ids,
    list_administrators,
    list_heads,
    list_upward,
)

KINDS: Final = ("deadlines.soon", "deadlines.overdue")
_ACTOR: Final = system_actor("deadlines")


def tell_of(rows: Sequence[Event]) -> int:
    """Tell of the levels that clocks have reached; telling again changes nothing."""
    clocks = Clock.objects.select_related("policy", "owner", "department")
    found = clocks.in_bulk({int(row.subject_id) for row in rows})
    return sum(_tell(found[int(row.subject_id)], row) for row in rows)


def _tell(clock: Clock, row: Event) -> int:
    """One level of one clock; what was done or put off meanwhile needs no word any more."""
    state = clock_queries.get_state(clock, row.at)
    is_put_off = clock.revision != row.data["revision"] and not state.target.recurring
    if clock.phase not in {"running", "paused"} or is_put_off:
        return 0
    level = next(
        (each for each in clock_queries.get_levels(clock) if each.name == row.data["level"]), None
    )
    subject = policy_queries.model_of(clock.record_key)._base_manager.filter(pk=clock.object_id)
    record = subject.first()
    if level is None or record is None:
        return 0
    missed = state.last_miss[1].ticks if state.last_miss else None
    due = state.breached_at or missed or state.due_at
    is_late = due is not None and due <= ticks_of(row.at)
    what = clock.policy.content["name"] if clock.policy else str(get_kind(clock.kind).label)
    params = {"what": str(what), "due_at": instant_of(due or ticks_of(row.at)).isoformat()}
    runs_on = state.target.measure is Measure.CALENDAR
    return sum(
        notify(
            KINDS[is_late],
            [user_id],
            subject=record,
            params=params,
            key=f"clock:{clock.pk}:{row.data['level']}:{row.data['revision']}",
            actor=_ACTOR,
            at=row.at,
            not_before=None if runs_on else _at_work(user_id, row.at),
        )
        for user_id in receivers(clock, level, row.at)
    )


def receivers(clock: Clock, level: Level, at: datetime) -> list[int]:
    """Whom a level names, active ones alone; never nobody."""
    named = [pk for word in level.to or ("owner",) for pk in _named(clock, word, at)]
    found = list_active_ids(named)
    if not found:
        rest = ("owner", "head", "next_head", "duty")
        found = next((ids for w in rest if (ids := list_active_ids(_named(clock, w, at)))), [])
    return found or list_administrators()


def _named(clock: Clock, word: str, at: datetime) -> Iterator[int]:
    """The people behind a word of a policy; a vacant head's place is taken by the next one."""
    if word == "owner" and clock.owner_id:
        yield clock.owner_id
    if word in {"head", "next_head"} and clock.department_id:
        heads = [pk for pk in list_heads(clock.department_id) if pk != clock.owner_id]
        wanted = heads[1:2] or heads[:1] if word == "next_head" else heads[:1]
        yield from wanted
    if word == "duty":
        yield from list_on_duty(clock.department_id, at)


def list_on_duty(department_id: int | None, at: datetime) -> list[int]:
    """Who is on duty for a department or one above it, else for the whole company."""
    now = DutyShift.objects.filter(archived_at=None, starts_at__lte=at, ends_at__gt=at)
    shifts = list(now.order_by("pk").values_list("department_id", "person_id"))
    upward: list[int | None] = [*list_upward(department_id)] if department_id else []
    for place in [*upward, None]:
        found = [person for department, person in shifts if department == place]
        if found:
            return found
    return []


def _at_work(user_id: int, at: datetime) -> datetime:
    """The next instant at which a person is at work."""
    calendar = queries.find_calendar(*get_place(user_id))
    if calendar is None:
        return at
    known = queries.get_calendar(calendar)
    try:
        opens = known.openings.advance(ticks_of(at), 1) - 1
    except Impossible:
        return at
    return instant_of(opens)
