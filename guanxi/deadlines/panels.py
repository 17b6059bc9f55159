"""What pages show beside the facts: of calendars, notices and policies, of a record's clocks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from guanxi.deadlines import clock_queries, policy_queries, queries, story
from guanxi.deadlines.choices import NoticeState
from guanxi.deadlines.declarations import get_kind
from guanxi.deadlines.models import Calendar, Clock, Notice, Policy
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor
from guanxi.kernel.events import subject_type
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.records import Panel, get_record_type

AHEAD = 35


def days_ahead(actor: Actor, calendar: Model, at: datetime) -> Mapping[str, Any]:
    """The next five weeks of a calendar."""
    del actor
    assert isinstance(calendar, Calendar)  # noqa: S101
    today = at.astimezone(ZoneInfo(calendar.time_zone)).date()
    return {"days": list(queries.list_days(calendar, today, AHEAD))}


def changes(actor: Actor, notice: Model, at: datetime) -> Mapping[str, Any]:
    """Which dates a draft would open or close, before anybody publishes it."""
    del actor, at
    assert isinstance(notice, Notice)  # noqa: S101
    is_draft = notice.state == NoticeState.DRAFT
    return {
        "is_draft": is_draft,
        "changes": queries.list_notice_changes(notice) if is_draft else [],
    }


# Moving running clocks ----------------------------------------------------------------------------
def moves_of_calendar(actor: Actor, calendar: Model, at: datetime) -> Mapping[str, Any]:
    """What the last rehearsal of a calendar told, or what the last move did."""
    return _moves("calendar", calendar.pk, Formatter(actor, at))


def moves_of_notice(actor: Actor, notice: Model, at: datetime) -> Mapping[str, Any]:
    """What the last rehearsal of a notice told, or what its publication did."""
    return _moves("notice", notice.pk, Formatter(actor, at))


def _moves(name: str, pk: int, formatter: Formatter) -> Mapping[str, Any]:
    run = queries.get_last_move(name, pk)
    if run is None or run.result is None:
        return {"run": run}
    rows = [row for row in run.result.get("sample", ()) if isinstance(row, dict)]
    clocks = visible(formatter.actor, "clocks.view", Clock.objects.all())
    seen = clocks.in_bulk([row["clock"] for row in rows])
    return {
        "run": run,
        "is_dry": run.params["dry"],
        "percent": run.progress_done * 100 // (run.progress_total or 1),
        "when": formatter.moment(run.created_at),
        "rows": [
            {
                "url": f"/clocks/{row['clock']}/",
                "name": seen[row["clock"]].subject_label,
                "old": _moment(row["old"], formatter),
                "new": _moment(row["new"], formatter),
            }
            for row in rows
            if row["clock"] in seen
        ],
    }


def _moment(written: str | None, formatter: Formatter) -> str:
    return formatter.moment(datetime.fromisoformat(written)) if written else ""


# Policies and clocks ------------------------------------------------------------------------------
MOST = 8


def touched(actor: Actor, policy: Model, at: datetime) -> Mapping[str, Any]:
    """Whom a policy is about, and the first running clocks that it would give another promise."""
    assert isinstance(policy, Policy)  # noqa: S101
    clocks = visible(actor, "clocks.view", policy_queries.list_touched(policy, at=at))
    rows = list(clocks[: MOST + 1]) if policy.is_on and not policy.archived_at else []
    formatter = Formatter(actor, at)
    return {
        "is_on": policy.is_on,
        "condition": _in_words(policy, formatter),
        "count": clocks.count() if rows else 0,
        "rows": [_touched_row(policy, clock, formatter) for clock in rows[:MOST]],
        "number": policy.current.number if policy.current else 0,
    }


def _in_words(policy: Policy, formatter: Formatter) -> str:
    from guanxi.surfaces.html.filters import Describer

    if not policy.condition:
        return ""
    key = get_kind(policy.kind).record_key
    describer = Describer(
        Listing(get_record_type(key), formatter.actor, at=formatter.at), formatter
    )
    describer.prepare([policy.condition])
    return describer.node(policy.condition)


def _touched_row(policy: Policy, clock: Clock, formatter: Formatter) -> dict[str, Any]:
    new = clock_queries.due_under(clock, policy, formatter.at)
    return {
        "url": f"/clocks/{clock.pk}/",
        "name": clock.subject_label,
        "old": formatter.moment(clock.due_at) if clock.due_at else "",
        "new": formatter.moment(new) if new else "",
        "is_same": new == clock.due_at,
    }


def explained(actor: Actor, clock: Model, at: datetime) -> Mapping[str, Any]:
    """Why a clock is due when it is."""
    assert isinstance(clock, Clock)  # noqa: S101
    return {"story": story.page_of(story.tell(clock, at), Formatter(actor, at)), "clock": clock}


def of_record(actor: Actor, record: Model, at: datetime) -> Mapping[str, Any]:
    """The deadlines of a record, what runs first."""
    found = clock_queries.list_clocks(actor, subject_type(type(record)), record.pk)
    formatter = Formatter(actor, at)
    return {"rows": [row_of(clock, formatter) for clock in found[:MOST]]}


def row_of(clock: Clock, formatter: Formatter) -> dict[str, Any]:
    """A clock as a line: what, by when, how much of the time is used, and whether it runs."""
    told = story.tell(clock, formatter.at)
    page = story.page_of(told, formatter)
    due = told.state.due_at
    is_running = told.state.phase == "running"
    return {
        "url": f"/clocks/{clock.pk}/",
        "label": clock.subject_label,
        "owner": clock.owner.name if clock.owner else "",
        "phase": told.state.phase.value,
        "phase_words": clock.get_phase_display(),
        "due_iso": story.iso(due) if is_running else "",
        **{
            name: page[name]
            for name in ("what", "subject_url", "policy", "tone", "used", "meter", "due")
        },
        **{name: page[name] for name in ("is_provisional", "is_excused", "is_if_resumed")},
        "is_late": told.state.outcome == "breached",
    }


#: On the page of every record that has deadlines.
CLOCK_PANEL = Panel(
    "clocks",
    _("Deadlines"),
    "deadlines/of_record.html",
    of_record,
    permission="clocks.view",
    icon="clock",
    hides_empty=True,
    is_later=True,
)
