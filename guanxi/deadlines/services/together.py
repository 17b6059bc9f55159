"""Many clocks with few statements: all kinds of a record just made, one kind of many records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import models, transaction

from guanxi.deadlines import policy_queries
from guanxi.deadlines.declarations import get_kind
from guanxi.deadlines.models import CalendarVersion, Clock, ClockEvent, PolicyVersion
from guanxi.deadlines.rules.ledger import Kind
from guanxi.deadlines.rules.times import ticks_of
from guanxi.deadlines.services.clocks import calendar_for, new_clock, promised_to
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


def start_clocks(
    record: models.Model, kinds: Sequence[str], *, actor: Actor, at: datetime
) -> list[Clock]:
    """Start what the policies in force promise for a new record, in the caller's transaction."""
    batch = _Batch(actor, at)
    for kind, policy in policy_queries.choose_kinds(record, kinds, at=at).items():
        batch.draw_up(record, kind, policy, at)
    return batch.insert()


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
    batch = _Batch(actor, at)
    for each in fresh:
        if policy := chosen.get(each.record.pk):
            batch.draw_up(each.record, kind, policy, each.started_at, each.stopped_at)
    return len(batch.insert())


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


class _Batch:
    """Clocks drawn up one by one and inserted together; what they share is looked up once."""

    def __init__(self, actor: Actor, at: datetime) -> None:
        self.actor, self.at = actor, at
        self.told: list[tuple[Clock, datetime, list[Entry]]] = []
        self.promise_of = cache(promise_of)
        self.versions: dict[tuple[Any, ...], CalendarVersion] = {}

    def draw_up(
        self,
        record: models.Model,
        kind: str,
        policy: PolicyVersion,
        started_at: datetime,
        stopped_at: datetime | None = None,
    ) -> None:
        """A clock that starts, and stops again if it is told when; none without its moment."""
        promise = promised_to(record, kind, self.promise_of(policy))
        if promise.lacks_moment:
            return
        clock, version = new_clock(record, kind, "", promise), self._version(record, kind, promise)
        clock.started_at, clock.calendar_version = started_at, version
        entries = [Entry(Kind.START, started_at, "start", target=promise.target, version=version)]
        if stopped_at:
            entries.append(Entry(Kind.STOP, stopped_at, f"{Kind.STOP}:{ticks_of(stopped_at)}"))
        then = stopped_at or self.at
        take_state(clock, [entry.as_rule() for entry in entries], at=then)
        self.told.append((clock, then, entries))

    def insert(self) -> list[Clock]:
        """Insert the clocks and their ledgers."""
        clocks = [clock for clock, _then, _entries in self.told]
        insert_rows(clocks)
        insert_rows(self._rows())
        return clocks

    def _rows(self) -> list[ClockEvent]:
        return [
            row_of(clock, entry, actor=self.actor, at=then)
            for clock, then, entries in self.told
            for entry in entries
        ]

    def _version(self, record: models.Model, kind: str, promise: Promise) -> CalendarVersion:
        """The calendar as it is: the policy's own, else that of whoever answers."""
        declared, own = get_kind(kind), promise.calendar
        place = (own.pk,) if own else (declared.team(record), declared.department(record))
        if place not in self.versions:
            calendar = own or calendar_for(record, kind, at=self.at)
            self.versions[place] = current_version(calendar, at=self.at)
        return self.versions[place]
