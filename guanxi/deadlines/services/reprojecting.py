"""A calendar or a year's notice changes: running clocks move, after a rehearsal that only tells.

Past days change nothing. A clock is moved once for each version of its calendar, so work that was
cut short goes on where it stopped.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from guanxi.deadlines import clock_queries, messages, queries
from guanxi.deadlines.choices import LIVE, NoticeState
from guanxi.deadlines.models import Calendar, CalendarVersion, Clock, Notice
from guanxi.deadlines.rules import calendars
from guanxi.deadlines.rules.fold import state_at
from guanxi.deadlines.rules.ledger import Entry as RuleEntry
from guanxi.deadlines.rules.ledger import Kind
from guanxi.deadlines.rules.times import instant_of, ticks_of
from guanxi.deadlines.services.ledger import (
    Entry,
    current_version,
    keep_columns,
    row_of,
    take_state,
)
from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.jobs import start_run
from guanxi.kernel.models import Run, RunState

JOB: Final = "deadlines.reproject"
CHUNK: Final = 1000
SHOWN: Final = 20
Progress = Callable[[int, int], None]


@dataclass
class Report:
    """What a move did or would do: how many dues change, and the first of them."""

    changed: int = 0
    unchanged: int = 0
    sample: list[dict[str, Any]] = field(default_factory=list)

    def note(self, clock: Clock, old: datetime | None, new: datetime | None) -> None:
        """Count a clock."""
        if old == new:
            self.unchanged += 1
            return
        self.changed += 1
        if len(self.sample) < SHOWN:
            dues = {"old": old and old.isoformat(), "new": new and new.isoformat()}
            self.sample.append({"clock": clock.pk, **dues})

    def as_result(self) -> dict[str, Any]:
        """The report as a run keeps it."""
        return vars(self)


# Asked for ----------------------------------------------------------------------------------------
@transaction.atomic
def rehearse_notice(notice_id: int, *, actor: Actor, at: datetime) -> Run:
    """Find out which running clocks a draft would move, without moving any."""
    drafts = Notice.objects.filter(archived_at=None)
    notice = get_allowed(
        actor, "holiday_notices.publish", drafts, seen_by="holiday_notices.view", pk=notice_id
    )
    if notice.state != NoticeState.DRAFT:
        raise RuleViolation("already_published", messages.ALREADY_PUBLISHED)
    return start_run(JOB, _params("notice", notice.pk, is_dry=True), actor=actor, at=at)


@transaction.atomic
def rehearse_calendar(calendar_id: int, *, actor: Actor, at: datetime) -> Run:
    """Find out which running clocks a calendar as it is now would move."""
    calendar = _changeable(calendar_id, actor)
    return start_run(JOB, _params("calendar", calendar.pk, is_dry=True), actor=actor, at=at)


@transaction.atomic
def move_calendar(calendar_id: int, *, actor: Actor, at: datetime) -> Run:
    """Let running clocks count by a calendar as it is now, as the rehearsal told."""
    calendar = _changeable(calendar_id, actor)
    changes = calendar.days.aggregate(last=Max("updated_at"))["last"] or calendar.updated_at
    since = max(calendar.updated_at, changes)
    require_rehearsal("calendar", calendar.pk, since, Q(pk=calendar.pk))
    return start_run(JOB, _params("calendar", calendar.pk, is_dry=False), actor=actor, at=at)


def _changeable(calendar_id: int, actor: Actor) -> Calendar:
    rows = Calendar.objects.filter(archived_at=None)
    return get_allowed(actor, "calendars.move", rows, seen_by="calendars.view", pk=calendar_id)


def move_for_notice(notice: Notice, *, actor: Actor, at: datetime) -> Run:
    """Let running clocks count by a notice that was just published."""
    return start_run(JOB, _params("notice", notice.pk, is_dry=False), actor=actor, at=at)


def require_rehearsal(name: str, pk: int, since: datetime, which: Q) -> None:
    """Refuse to move anything that nobody has looked at since the last change."""
    if not _running(Calendar.objects.filter(which)).exists():
        return
    asked = {"params__dry": True, f"params__{name}": pk}
    told = Run.objects.filter(kind=JOB, state=RunState.DONE, created_at__gte=since, **asked)
    if not told.exists():
        raise RuleViolation("rehearse_first", messages.REHEARSE_FIRST)


def _params(name: str, pk: int, *, is_dry: bool) -> dict[str, Any]:
    return {name: pk, "dry": is_dry, "record_key": f"deadlines.{name}"}


# Done ---------------------------------------------------------------------------------------------
def reproject(
    params: Mapping[str, Any], progress: Progress, *, actor: Actor, at: datetime
) -> Report:
    """Move the running clocks of some calendars to what these say now, or tell what it would do."""
    notice = Notice.objects.get(pk=params["notice"]) if params.get("notice") else None
    which = Q(country=notice.country) if notice else Q(pk=params["calendar"])
    rows = list(Calendar.objects.filter(which).order_by("pk"))
    is_draft = notice is not None and notice.state == NoticeState.DRAFT
    total, done, report = _running(rows).count(), 0, Report()
    for calendar in rows:
        known = _as_it_would_be(calendar, notice if is_draft else None)
        version = None if params["dry"] else current_version(calendar, at=at)
        for chunk in _chunks(calendar, version):
            done += _move(chunk, known, version, report, actor=actor, at=at)
            progress(min(done, total), total)
    return report


def _as_it_would_be(calendar: Calendar, draft: Notice | None) -> calendars.Calendar:
    known = queries.get_calendar(calendar)
    if draft is None or known.statutory is None:
        return known
    table = queries.apply_notice(known.statutory, draft)
    return calendars.Calendar(known.zone, known.weekly, known.overrides, table)


def _running(rows: Sequence[Calendar] | QuerySet[Calendar]) -> QuerySet[Clock]:
    return Clock.objects.filter(
        calendar_version__calendar__in=rows,
        phase__in=LIVE,
        breached_at=None,
    )


def _chunks(calendar: Calendar, version: CalendarVersion | None) -> Iterator[list[int]]:
    """The running clocks of a calendar that its version has not reached yet, by thousands."""
    rows, last = _running([calendar]), 0
    rows = rows.exclude(calendar_version=version) if version else rows
    while True:
        found = list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK])
        if not found:
            return
        yield found
        last = found[-1]


@transaction.atomic
def _move(
    ids: Sequence[int],
    known: calendars.Calendar,
    version: CalendarVersion | None,
    report: Report,
    *,
    actor: Actor,
    at: datetime,
) -> int:
    """Some clocks at once; with no version it is a rehearsal that writes nothing."""
    rows = Clock.objects.filter(pk__in=ids).order_by("pk")
    clocks = list(rows.select_for_update() if version else rows)
    ledgers, fired = clock_queries.get_entries_of(clocks), clock_queries.get_alerts_of(clocks)
    key = f"calendar_changed:{version.pk if version else 0}:{ticks_of(at)}"
    moved = []
    for clock in clocks:
        old, moment = clock.due_at, max(at, clock.started_at)
        change = RuleEntry(Kind.CALENDAR_CHANGED, ticks_of(moment), id=key, calendar=known)
        if version is None:
            state = state_at([*ledgers[clock.pk], change], ticks_of(moment))
            report.note(clock, old, None if state.due_at is None else instant_of(state.due_at))
            continue
        take_state(clock, [*ledgers[clock.pk], change], fired[clock.pk], at=at)
        clock.calendar_version_id = version.pk
        report.note(clock, old, clock.due_at)
        entry = Entry(Kind.CALENDAR_CHANGED, moment, key, version=version)
        moved.append(row_of(clock, entry, actor=actor, at=at))
    insert_rows(moved)
    if version:
        keep_columns(clocks, "calendar_version")
    return len(clocks)
