"""The deadlines of a record that has just been made: all of its kinds with few statements."""

from collections.abc import Sequence
from datetime import datetime

from django.db import models

from guanxi.deadlines import policy_queries
from guanxi.deadlines.models import CalendarVersion, Clock
from guanxi.deadlines.rules.ledger import Kind
from guanxi.deadlines.services.clocks import calendar_for, new_clock
from guanxi.deadlines.services.ledger import Entry, current_version, row_of, take_state
from guanxi.deadlines.services.policies import Promise, promise_of
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_rows


def start_clocks(
    record: models.Model, kinds: Sequence[str], *, actor: Actor, at: datetime
) -> list[Clock]:
    """Start what the policies in force promise for a new record, in the caller's transaction."""
    versions: dict[int, CalendarVersion] = {}
    started = []
    for kind, policy in policy_queries.choose_kinds(record, kinds, at=at).items():
        promise = promise_of(policy)
        clock = new_clock(record, kind, "", promise)
        version = _version(record, kind, promise, versions, at)
        clock.started_at, clock.calendar_version = at, version
        entry = Entry(Kind.START, at, "start", target=promise.target, version=version)
        take_state(clock, [entry.as_rule()], at=at)
        started.append((clock, entry))
    clocks = [clock for clock, _entry in started]
    insert_rows(clocks)
    insert_rows([row_of(clock, entry, actor=actor, at=at) for clock, entry in started])
    return clocks


def _version(
    record: models.Model,
    kind: str,
    promise: Promise,
    known: dict[int, CalendarVersion],
    at: datetime,
) -> CalendarVersion:
    """The calendar as it is: the policy's own, else that of whoever answers, looked up once."""
    place = promise.calendar.pk if promise.calendar else 0
    if place not in known:
        calendar = promise.calendar or calendar_for(record, kind, at=at)
        known[place] = current_version(calendar, at=at)
    return known[place]
