"""Deadlines that began and ended before anybody was told: many of them with few statements."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import models, transaction

from guanxi.deadlines import policy_queries
from guanxi.deadlines.declarations import get_kind
from guanxi.deadlines.models import CalendarVersion, Clock
from guanxi.deadlines.rules.ledger import Kind
from guanxi.deadlines.rules.times import ticks_of
from guanxi.deadlines.services.clocks import calendar_for, new_clock
from guanxi.deadlines.services.ledger import Entry, current_version, row_of, take_state
from guanxi.deadlines.services.policies import Promise, promise_of
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.events import subject_type


@dataclass(frozen=True)
class Ended:
    """A record and from when until when its deadline ran."""

    record: Any
    started_at: datetime
    stopped_at: datetime


@transaction.atomic
def note_ended(ended: Sequence[Ended], kind: str, *, actor: Actor) -> int:
    """Keep the clocks of records of one type as if each had been started and stopped; how many.

    A record that has its clock already, or no policy for it, is left as it is.
    """
    fresh = _without_clock(ended, kind)
    if not fresh:
        return 0
    at = max(each.stopped_at for each in fresh)
    chosen = policy_queries.choose_many([each.record for each in fresh], kind, at=at)
    promise_by = cache(promise_of)
    version_for = _versions(kind, at)
    told = []
    for each in fresh:
        policy = chosen.get(each.record.pk)
        if policy is None:
            continue
        promise = promise_by(policy)
        clock = new_clock(each.record, kind, "", promise)
        version = version_for(each.record, promise)
        told.append((clock, each.stopped_at, _tell(clock, each, promise, version)))
    insert_rows([clock for clock, _at, _entries in told])
    rows = (
        row_of(clock, entry, actor=actor, at=then)
        for clock, then, entries in told
        for entry in entries
    )
    insert_rows(list(rows))
    return len(told)


def _without_clock(ended: Sequence[Ended], kind: str) -> list[Ended]:
    if not ended:
        return []
    known = set(
        Clock.objects.filter(
            record_key=subject_type(type(ended[0].record)),
            object_id__in=[each.record.pk for each in ended],
            kind=kind,
            key="",
        ).values_list("object_id", flat=True)
    )
    return [each for each in ended if each.record.pk not in known]


def _versions(kind: str, at: datetime) -> Callable[[models.Model, Promise], CalendarVersion]:
    """The version of the calendar that answers for a record, looked up once per team."""
    declared = get_kind(kind)
    found: dict[tuple[Any, ...], CalendarVersion] = {}

    def version_for(record: models.Model, promise: Promise) -> CalendarVersion:
        place = (promise.policy, declared.team(record), declared.department(record))
        if place not in found:
            calendar = promise.calendar or calendar_for(record, kind, at=at)
            found[place] = current_version(calendar, at=at)
        return found[place]

    return version_for


def _tell(clock: Clock, each: Ended, promise: Promise, version: CalendarVersion) -> list[Entry]:
    """Set the clock's columns to its end; what is to be written into its ledger."""
    clock.started_at, clock.calendar_version = each.started_at, version
    stop = f"{Kind.STOP}:{ticks_of(each.stopped_at)}"
    told = [
        Entry(Kind.START, each.started_at, "start", target=promise.target, version=version),
        Entry(Kind.STOP, each.stopped_at, stop),
    ]
    take_state(clock, [entry.as_rule() for entry in told], at=each.stopped_at)
    return told
