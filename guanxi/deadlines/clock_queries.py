"""Clocks read: the ledger as the rules know it, the state at an instant, what is due."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, F, Func, Model

from guanxi.deadlines.choices import LIVE
from guanxi.deadlines.models import Alert, CalendarVersion, Clock, ClockEvent, Policy
from guanxi.deadlines.rules import calendars
from guanxi.deadlines.rules.explain import Explanation, explain
from guanxi.deadlines.rules.fold import State, state_at
from guanxi.deadlines.rules.ledger import Entry, Kind
from guanxi.deadlines.rules.levels import Level
from guanxi.deadlines.rules.policies import target_of
from guanxi.deadlines.rules.promises import Measure, Target, counted, due_of, whole_of
from guanxi.deadlines.rules.statutory import DayKind, StatutoryDay, StatutoryTable, YearStatus
from guanxi.deadlines.rules.times import instant_of, ticks_of
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor
from guanxi.kernel.events import subject_type
from guanxi.surfaces.listing import Listing, ListRequest, Page
from guanxi.surfaces.records import get_record_type


def content_of(calendar: calendars.Calendar) -> dict[str, Any]:
    """A calendar as its version stores it."""
    table = calendar.statutory
    return {
        "zone": calendar.zone.key,
        "weekly": [[list(pair) for pair in hours] for hours in calendar.weekly],
        "overrides": {
            day.isoformat(): [list(pair) for pair in hours]
            for day, hours in sorted(calendar.overrides.items())
        },
        "statutory": table
        and {
            "days": {d.isoformat(): [r.kind, r.name] for d, r in sorted(table.rows.items())},
            "years": {str(year): status for year, status in sorted(table.years.items())},
        },
    }


def calendar_from(content: Mapping[str, Any]) -> calendars.Calendar:
    """The calendar that a version stores."""
    table = content["statutory"]
    return calendars.Calendar(
        ZoneInfo(content["zone"]),
        tuple(_day(hours) for hours in content["weekly"]),
        {date.fromisoformat(day): _day(hours) for day, hours in content["overrides"].items()},
        table
        and StatutoryTable(
            {
                date.fromisoformat(day): StatutoryDay(DayKind(kind), name)
                for day, (kind, name) in table["days"].items()
            },
            {int(year): YearStatus(status) for year, status in table["years"].items()},
        ),
    )


def _day(hours: list[list[int]]) -> calendars.Day:
    return tuple((start, end) for start, end in hours)


@lru_cache(maxsize=256)
def get_version(version_id: int) -> calendars.Calendar:
    """The calendar of a version; versions never change, so each process reads one once."""
    version = CalendarVersion.objects.get(pk=version_id)
    return calendar_from(version.content)


def as_target(stored: Mapping[str, Any]) -> Target:
    """A target as the ledger stores it."""
    return Target(**{**stored, "measure": Measure(stored["measure"])})


#: What of a row of the ledger the rules fold, in the order of `_entry`.
_FOLDED: Final = ("kind", "occurred_at", "key", "reason", "target", "calendar_version_id")


def as_entry(row: ClockEvent) -> Entry:
    """A row of the ledger as the rules fold it."""
    return _entry(*(getattr(row, name) for name in _FOLDED))


def _entry(  # noqa: PLR0917  the columns of a row
    kind: str,
    occurred_at: datetime,
    key: str,
    reason: str,
    target: Mapping[str, Any] | None,
    version_id: int | None,
) -> Entry:
    return Entry(
        Kind(kind),
        ticks_of(occurred_at),
        id=key,
        reason=reason,
        target=as_target(target) if target else None,
        calendar=get_version(version_id) if version_id else None,
    )


def get_entries(clock: Clock) -> list[Entry]:
    """The ledger of a clock."""
    return [as_entry(row) for row in clock.entries.order_by("id")]


def get_entries_of(clocks: Collection[Clock]) -> dict[int, list[Entry]]:
    """The ledgers of several clocks in one query."""
    found: dict[int, list[Entry]] = {clock.pk: [] for clock in clocks}
    rows = ClockEvent.objects.filter(clock__in=found).order_by("id")
    for clock_id, *folded in rows.values_list("clock_id", *_FOLDED):
        found[clock_id].append(_entry(*folded))
    return found


def get_alerts_of(clocks: Collection[Clock]) -> dict[int, set[tuple[str, int]]]:
    """Which levels of several clocks have spoken, in one query."""
    found: dict[int, set[tuple[str, int]]] = {clock.pk: set() for clock in clocks}
    rows = Alert.objects.filter(clock__in=found).values_list("clock_id", "level", "revision")
    for clock_id, level, revision in rows:
        found[clock_id].add((level, revision))
    return found


def get_state(clock: Clock, at: datetime) -> State:
    """What a clock says at an instant: folded, not read, so it is right when the worker is down."""
    return state_at(get_entries(clock), ticks_of(at))


def get_target(clock: Clock, at: datetime) -> Target:
    """What a clock promises at an instant."""
    return get_state(clock, at).target


def get_levels(clock: Clock) -> list[Level]:
    """When a clock speaks up."""
    return list(
        _levels(
            tuple(
                (each["name"], each.get("percent"), each.get("offset"), tuple(each.get("to", ())))
                for each in clock.levels
            )
        )
    )


@lru_cache(maxsize=256)
def _levels(
    written: tuple[tuple[str, int | None, int | None, tuple[str, ...]], ...],
) -> tuple[Level, ...]:
    """Levels that many clocks share, made once."""
    return tuple(Level(*each) for each in written)


def due_under(clock: Clock, policy: Policy, at: datetime) -> datetime | None:
    """When a clock would be due if it were given a policy's promise now."""
    now, entries = max(ticks_of(at), ticks_of(clock.started_at)), get_entries(clock)
    target = target_of(policy.unit, policy.amount, recurring=policy.is_recurring)
    target = replace(target, moment=state_at(entries, now).target.moment)
    change = Entry(Kind.RETARGET, now, id="preview", target=target)
    state = state_at([*entries, change], now)
    return None if state.due_at is None else instant_of(state.due_at)


def share_used(state: State, now: int) -> int:
    """How much of what was allowed is used, in percent; over a hundred when it is late."""
    due = state.due or state.if_resumed or due_of(state.promise, state.pauses)
    reach = due.reach
    whole = max(1, whole_of(reach))
    return min(999, counted(reach, now, state.pauses) * 100 // whole)


class IsLive(Func):
    """That a clock runs or is held, in the words of the index over such clocks (`clock_next_due`).

    With values given as parameters SQLite cannot tell that the index holds all of them.
    """

    template = "%(expressions)s IN ('running', 'paused')"
    output_field = BooleanField()

    def __init__(self) -> None:
        super().__init__(F("phase"))


def list_due(actor: Actor, at: datetime, *, is_mine: bool, after: str = "", size: int = 50) -> Page:
    """The running deadlines in the actor's sight, what is due next first."""
    listing = Listing(get_record_type("deadlines.clock"), actor, at=at, only=IsLive())
    filters = {"owner": "me"} if is_mine else {}
    return listing.page(
        ListRequest(filters=filters, sort="due_at", columns=("due_at",), size=size, after=after)
    )


def get_in_order(ids: Sequence[int]) -> list[Clock]:
    """Clocks that a list has found, with what a line of theirs needs, in its order."""
    rows = Clock.objects.filter(pk__in=ids).select_related("owner", "policy")
    found = rows.prefetch_related("entries").in_bulk()
    return [found[pk] for pk in ids if pk in found]


def get_last(record: Model, kind: str) -> Clock | None:
    """The clock of a kind that a record has had last."""
    rows = Clock.objects.filter(
        record_key=subject_type(type(record)), object_id=record.pk, kind=kind
    )
    return rows.order_by("-pk").first()


def list_clocks(actor: Actor, record_key: str, object_id: int) -> list[Clock]:
    """The deadlines of one record that a reader may see, what runs first."""
    rows = Clock.objects.filter(record_key=record_key, object_id=object_id)
    found = list(visible(actor, "clocks.view", rows).select_related("owner", "policy"))
    return sorted(found, key=lambda c: (c.phase not in LIVE, -c.pk))


def explain_clock(clock: Clock, at: datetime) -> Explanation:
    """The stretches of time that add up to a clock's target."""
    now = ticks_of(at)
    return explain(state_at(get_entries(clock), now), now)


def of_seen_records(clocks: Sequence[Clock], actor: Actor) -> list[Clock]:
    """Those of a few clocks whose records the actor sees: each record is asked for by its id.

    Asked for all at once (`visible`), PostgreSQL would read every record in sight first.
    """
    ids: dict[str, set[int]] = {}
    for clock in clocks:
        ids.setdefault(clock.record_key, set()).add(clock.object_id)
    seen = set()
    for key, pks in ids.items():
        rows = get_record_type(key).in_scope(actor).filter(pk__in=pks)
        seen |= {(key, pk) for pk in rows.values_list("pk", flat=True)}
    return [clock for clock in clocks if (clock.record_key, clock.object_id) in seen]
