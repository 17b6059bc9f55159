"""A clock told to a reader: the stretches that add up to the target, who held it, what moved it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext, ngettext

from guanxi.deadlines import clock_queries
from guanxi.deadlines.choices import PauseReason
from guanxi.deadlines.declarations import get_kind
from guanxi.deadlines.models import Clock, ClockEvent
from guanxi.deadlines.rules.explain import Explanation, Part, PartKind, explain
from guanxi.deadlines.rules.fold import Outcome, Phase, State, state_at
from guanxi.deadlines.rules.promises import Measure, Target, whole_of
from guanxi.deadlines.rules.times import SECOND, instant_of, ticks_of
from guanxi.surfaces.html.formats import Formatter, span
from guanxi.surfaces.records import get_record_type

#: The picture is this many units wide; a stretch is never thinner than a hair.
WIDTH: Final = 1000
HAIR: Final = 2


@dataclass(frozen=True)
class Told:
    """A clock as its ledger says it is now, with its explanation and the ledger itself."""

    clock: Clock
    state: State
    explanation: Explanation
    rows: tuple[ClockEvent, ...]
    at: datetime

    @property
    def used(self) -> int:
        """How much of what was allowed is used, in percent."""
        stopped = self.state.stopped_at
        return clock_queries.share_used(self.state, stopped or ticks_of(self.at))

    def paused_by(self, part: Part) -> str:
        """Who held the clock in a stretch, and for what."""
        pauses = [
            row
            for row in self.rows
            if row.kind == "pause" and ticks_of(row.occurred_at) <= part.start
        ]
        return f"{pauses[-1].actor_label}: {reason_words(pauses[-1].reason)}" if pauses else ""


def tell(clock: Clock, at: datetime) -> Told:
    """Fold a clock's ledger now and explain it."""
    rows = tuple(sorted(clock.entries.all(), key=lambda row: (row.occurred_at, row.pk)))
    now = max(ticks_of(at), ticks_of(clock.started_at))
    state = state_at([clock_queries.as_entry(row) for row in rows], now)
    return Told(clock, state, explain(state, now), rows, at)


# Words --------------------------------------------------------------------------------------------
def reason_words(code: str) -> str:
    """What people call a reason to hold a clock."""
    return str(dict(PauseReason.choices).get(code, code))


def part_words(kind: PartKind) -> str:
    """What people call a stretch."""
    return {
        PartKind.RUNNING: gettext("running"),
        PartKind.OPEN: gettext("working time"),
        PartKind.OVERRIDE: gettext("own exception"),
        PartKind.MAKE_UP: gettext("make-up working day"),
        PartKind.CLOSED: gettext("closed"),
        PartKind.HOLIDAY: gettext("public holiday"),
        PartKind.PAUSED: gettext("paused"),
    }[kind]


def amount_words(measure: Measure, amount: int) -> str:
    """So much of a measure: 3 working days; 2 h 30 min."""
    if measure.is_in_days or measure is Measure.AHEAD:
        return ngettext("%(n)s working day", "%(n)s working days", amount) % {"n": amount}
    hours, rest = divmod(amount, 3600)
    minutes, seconds = divmod(rest, 60)
    found = [
        gettext("%(n)s h") % {"n": hours} if hours else "",
        gettext("%(n)s min") % {"n": minutes} if minutes else "",
        gettext("%(n)s s") % {"n": seconds} if seconds else "",
    ]
    return " ".join(each for each in found if each) or gettext("%(n)s min") % {"n": 0}


def target_words(target: Target) -> str:
    """A target with its measure: 2 h of working time."""
    words = {
        Measure.BUSINESS: gettext("%(amount)s of working time"),
        Measure.MONTHS: ngettext("%(n)s month", "%(n)s months", target.amount),
        Measure.NEXT_MONTH: gettext("working day %(n)s of the next month"),
        Measure.AHEAD: gettext("%(amount)s ahead"),
        Measure.MOMENT: gettext("the moment that was promised"),
    }.get(target.measure, "%(amount)s")
    amount = words % {"amount": amount_words(target.measure, target.amount), "n": target.amount}
    return gettext("every %(amount)s") % {"amount": amount} if target.recurring else amount


def _is_in_days(target: Target) -> bool:
    """Whether the stretches of an explanation count days."""
    return target.measure.is_in_days or target.measure is Measure.AHEAD


def _sum_measure(target: Target) -> Measure:
    """What the stretches add up to: months and moments are told in time."""
    return Measure.BUSINESS_DAYS if _is_in_days(target) else Measure.CALENDAR


def event_words(kind: str) -> str:
    """What people call an entry of the ledger."""
    return {
        "start": gettext("started"),
        "pause": gettext("paused"),
        "resume": gettext("resumed"),
        "stop": gettext("done"),
        "update": gettext("gave word"),
        "reopen": gettext("reopened"),
        "delivery_failed": gettext("the answer did not arrive"),
        "retarget": gettext("another target"),
        "transfer": gettext("another team"),
        "calendar_changed": gettext("the calendar changed"),
        "excuse": gettext("excused"),
        "cancel": gettext("cancelled"),
    }.get(kind, kind)


def tone_of(state: State, used: int) -> str:
    """The colour of a clock: by the share of its target that is used."""
    if state.outcome is Outcome.BREACHED:
        return "late"
    if state.phase is not Phase.RUNNING:
        return "rest"
    return "soon" if used >= 75 else "half" if used >= 50 else "open"


# The page -----------------------------------------------------------------------------------------
def page_of(told: Told, formatter: Formatter) -> dict[str, Any]:
    """Everything that the explanation of a clock shows."""
    state, reach = told.state, told.explanation.reach
    counted = told.explanation.total
    if not _is_in_days(reach.target):
        counted //= SECOND
    due = state.due or state.if_resumed
    return {
        "tone": tone_of(state, told.used),
        "used": told.used,
        "meter": min(100, told.used),
        "what": str(get_kind(told.clock.kind).label),
        "subject_url": f"/{get_record_type(told.clock.record_key).plural}/{told.clock.object_id}/",
        "policy": told.clock.policy.content["name"] if told.clock.policy else "",
        "target": target_words(reach.target),
        "sum": amount_words(_sum_measure(reach.target), counted),
        "is_complete": told.explanation.is_complete,
        "due": formatter.moment(instant_of(due.ticks)) if due else "",
        "is_if_resumed": state.due is None and state.if_resumed is not None,
        "is_provisional": state.is_provisional,
        "is_excused": state.is_excused,
        "misses": [formatter.moment(instant_of(miss)) for miss in state.misses[-5:]],
        "parts": list(_parts(told, formatter)),
        "bars": _bars(told),
        "changes": [
            {
                "old": formatter.moment(instant_of(change.old)),
                "new": formatter.moment(instant_of(change.new)),
                "what": event_words(change.entry.kind),
                "reason": change.entry.reason,
            }
            for change in state.changes
        ],
        "events": [
            {
                "when": formatter.moment(row.occurred_at),
                "what": event_words(row.kind),
                "who": row.actor_label,
                "reason": reason_words(row.reason),
            }
            for row in told.rows
        ],
    }


def _parts(told: Told, formatter: Formatter) -> Iterator[dict[str, Any]]:
    target = told.explanation.reach.target
    measure = _sum_measure(target)
    for part in told.explanation.parts:
        counted = part.counted if _is_in_days(target) else part.counted // SECOND
        start, end = instant_of(part.start), instant_of(part.end)
        note = told.paused_by(part) if part.kind is PartKind.PAUSED else part.name
        yield {
            "kind": part.kind.value,
            "what": part_words(part.kind),
            "from": formatter.moment(start),
            "to": formatter.moment(end),
            "length": span(end - start if end > start else timedelta()),
            "counted": amount_words(measure, counted) if counted else "",
            "note": note,
        }


def _bars(told: Told) -> list[dict[str, Any]]:
    """The stretches as a strip: where each begins and how wide it is."""
    parts = told.explanation.parts
    if not parts:
        return []
    start, end = parts[0].start, max(part.end for part in parts)
    whole = max(1, end - start)
    return [
        {
            "kind": part.kind.value,
            "what": part_words(part.kind),
            "x": (part.start - start) * WIDTH // whole,
            "width": max(HAIR, (part.end - part.start) * WIDTH // whole),
        }
        for part in parts
        if part.end > part.start
    ]


# The API ------------------------------------------------------------------------------------------
def document_of(told: Told) -> dict[str, Any]:
    """The explanation of a clock as programs read it."""
    state, reach = told.state, told.explanation.reach
    factor = 1 if _is_in_days(reach.target) else SECOND
    target = reach.target.amount if factor == 1 else whole_of(reach) // SECOND
    return {
        "phase": state.phase.value,
        "outcome": state.outcome.value if state.outcome else None,
        "due_at": iso(state.due_at),
        "due_if_resumed_now": iso(state.if_resumed.ticks) if state.if_resumed else None,
        "breached_at": iso(state.breached_at),
        "is_provisional": state.is_provisional,
        "is_excused": state.is_excused,
        "measure": reach.target.measure.value,
        "target": target,
        "counted": told.explanation.total // factor,
        "used_percent": told.used,
        "is_complete": told.explanation.is_complete,
        "intervals": [
            {
                "from": iso(part.start),
                "to": iso(part.end),
                "kind": part.kind.value,
                "counted": part.counted // factor,
                "note": told.paused_by(part) if part.kind is PartKind.PAUSED else part.name,
            }
            for part in told.explanation.parts
        ],
        "ledger": [
            {
                "kind": row.kind,
                "occurred_at": row.occurred_at.isoformat(),
                "recorded_at": row.recorded_at.isoformat(),
                "reason": row.reason,
                "by": row.actor_label,
            }
            for row in told.rows
        ],
    }


def iso(ticks: int | None) -> str | None:
    """An instant as programs write it."""
    return None if ticks is None else instant_of(ticks).isoformat()
