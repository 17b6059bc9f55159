"""What domains ask of clocks, inside their own transactions. The ledger decides, columns follow.

Each call names the record, the kind of deadline and, where a record has several of a kind one
after the other, the `key` of the one that is meant. Asking twice, or at the same moment from two
sides, changes nothing more: the clock's row is locked and what does not apply is left alone. What
happened elsewhere (a message came, a letter could not be delivered) says when and by which id.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, models, transaction

from guanxi.deadlines import clock_queries, messages
from guanxi.deadlines.choices import Phase
from guanxi.deadlines.declarations import get_kind
from guanxi.deadlines.models import Calendar, Clock
from guanxi.deadlines.rules.fold import REOPEN_WINDOW, State
from guanxi.deadlines.rules.fold import Phase as RulePhase
from guanxi.deadlines.rules.ledger import Kind
from guanxi.deadlines.rules.levels import Level
from guanxi.deadlines.rules.promises import Target
from guanxi.deadlines.rules.times import ticks_of
from guanxi.deadlines.services.ledger import (
    Entry,
    current_version,
    is_live,
    refold,
    write_entry,
)
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import subject_type

LIVE: Final = (Phase.RUNNING, Phase.PAUSED)


@dataclass(frozen=True)
class Promise:
    """What a clock promises: how much of which time, who may pause it why, when it speaks up.

    Without a calendar it is the company's.
    """

    target: Target
    calendar: Calendar | None = None
    levels: tuple[Level, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Happened:
    """When something came to pass elsewhere, and what makes it the same when it is told again."""

    at: datetime
    key: str = ""


Applies = Callable[[State], bool]


# The life of a clock ------------------------------------------------------------------------------
@transaction.atomic
def start_clock(
    record: models.Model,
    kind: str,
    *,
    actor: Actor,
    at: datetime,
    promise: Promise | None = None,
    key: str = "",
    happened: Happened | None = None,
) -> Clock | None:
    """Start a deadline of a record; the one that it has already by this key is left as it is.

    Without a promise nothing starts: the policy in force makes one.
    """
    found = _clocks_of(record, kind, key).first()
    if found is not None or promise is None:
        return found
    started_at = happened.at if happened else at
    clock = _new_clock(record, kind, key, promise, started_at)
    try:
        with transaction.atomic():
            clock.save(force_insert=True)
    except IntegrityError:
        return _clocks_of(record, kind, key).get()
    version = current_version(promise.calendar or standard_calendar(), at=at)
    entry = Entry(Kind.START, started_at, "start", target=promise.target, version=version)
    write_entry(clock, entry, actor=actor, at=at)
    refold(clock, at=at)
    return clock


def _new_clock(
    record: models.Model, kind: str, key: str, promise: Promise, started_at: datetime
) -> Clock:
    declared = get_kind(kind)
    return Clock(
        record_key=subject_type(type(record)),
        object_id=record.pk,
        kind=kind,
        key=key,
        subject_label=declared.label_of(record)[:200],
        owner_id=declared.owner(record),
        department_id=declared.department(record),
        levels=[asdict(level) for level in promise.levels],
        reasons=list(promise.reasons),
        started_at=started_at,
        phase=Phase.RUNNING,
    )


def standard_calendar() -> Calendar:
    """The calendar that counts where nothing else is said."""
    found = Calendar.objects.filter(archived_at=None).select_related("current").order_by("pk")
    calendar = found.first()
    if calendar is None:
        raise RuleViolation("no_calendar", messages.NO_CALENDAR)
    return calendar


def stop_clock(
    record: models.Model,
    kind: str,
    *,
    actor: Actor,
    at: datetime,
    key: str = "",
    happened: Happened | None = None,
) -> Clock | None:
    """What was promised is done: the clock ends in time or overdue."""
    entry = _entry(Kind.STOP, at, happened)
    return _tell(_clocks_of(record, kind, key), entry, is_live, actor=actor, at=at)


def fail_delivery(
    record: models.Model,
    kind: str,
    *,
    actor: Actor,
    at: datetime,
    key: str = "",
    happened: Happened | None = None,
) -> Clock | None:
    """The answer that stopped a clock never arrived: it ran on, the time between counts."""
    entry = _entry(Kind.DELIVERY_FAILED, at, happened)
    clocks = _clocks_of(record, kind, key)
    return _tell(clocks, entry, _is_stopped, actor=actor, at=at)


def reopen_clock(
    record: models.Model,
    kind: str,
    *,
    actor: Actor,
    at: datetime,
    key: str = "",
    happened: Happened | None = None,
) -> Clock | None:
    """Let a stopped clock run on, the time between left out; refused when it was long ago."""
    entry = _entry(Kind.REOPEN, at, happened)

    def applies(state: State) -> bool:
        if not _is_stopped(state):
            return False
        if ticks_of(entry.at) - (state.stopped_at or 0) > REOPEN_WINDOW:
            raise RuleViolation("too_late_to_reopen", messages.TOO_LATE_TO_REOPEN)
        return True

    return _tell(_clocks_of(record, kind, key), entry, applies, actor=actor, at=at)


# What moves a due ---------------------------------------------------------------------------------
def pause_clock(
    record: models.Model,
    kind: str,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
    key: str = "",
    happened: Happened | None = None,
) -> Clock | None:
    """Hold a clock for a reason that its policy allows; for the same reason it is held once."""
    entry = _entry(Kind.PAUSE, at, happened, reason=reason)
    clocks = _clocks_of(record, kind, key)
    if clocks.exists() and reason not in clocks.get().reasons:
        raise RuleViolation("not_pausable", messages.NOT_PAUSABLE, "reason")

    def applies(state: State) -> bool:
        return is_live(state) and reason not in state.paused_for

    return _tell(clocks, entry, applies, actor=actor, at=at)


def resume_clock(
    record: models.Model,
    kind: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str = "",
    key: str = "",
    happened: Happened | None = None,
) -> Clock | None:
    """Let a held clock run on; a reason ends only the pause for it."""
    entry = _entry(Kind.RESUME, at, happened, reason=reason)

    def applies(state: State) -> bool:
        return bool(state.paused_for) and (not reason or reason in state.paused_for)

    return _tell(_clocks_of(record, kind, key), entry, applies, actor=actor, at=at)


def update_clock(
    record: models.Model,
    kind: str,
    *,
    actor: Actor,
    at: datetime,
    key: str = "",
    happened: Happened | None = None,
) -> Clock | None:
    """The word that a recurring promise owes was given: the next one is due from here."""
    entry = _entry(Kind.UPDATE, at, happened)

    def applies(state: State) -> bool:
        return is_live(state) and state.target.recurring

    return _tell(_clocks_of(record, kind, key), entry, applies, actor=actor, at=at)


def retarget_clock(
    record: models.Model,
    kind: str,
    *,
    actor: Actor,
    at: datetime,
    promise: Promise | None = None,
    reason: str = "",
    key: str = "",
) -> Clock | None:
    """Another promise for what has become more or less urgent; the time so far stays counted."""
    if promise is None:
        return _clocks_of(record, kind, key).first()
    entry = _entry(Kind.RETARGET, at, None, reason=reason, target=promise.target)

    def applies(state: State) -> bool:
        return is_live(state) and not state.breached_at and state.target != promise.target

    def take_over(clock: Clock) -> None:
        clock.levels = [asdict(level) for level in promise.levels]
        clock.reasons = list(promise.reasons)
        clock.save(update_fields=["levels", "reasons"])

    clocks = _clocks_of(record, kind, key)
    return _tell(clocks, entry, applies, actor=actor, at=at, before=take_over)


@transaction.atomic
def transfer_clock(
    record: models.Model,
    kind: str,
    *,
    actor: Actor,
    at: datetime,
    calendar: Calendar | None = None,
    key: str = "",
) -> Clock | None:
    """Somebody else answers for the record now: the rest runs by the calendar of their team."""
    clock = _clocks_of(record, kind, key).select_for_update().first()
    if clock is None:
        return None
    declared = get_kind(kind)
    clock.owner_id, clock.department_id = declared.owner(record), declared.department(record)
    clock.save(update_fields=["owner", "department"])
    version = current_version(calendar or standard_calendar(), at=at)
    known = clock_queries.get_version(version.pk)
    entry = _entry(Kind.TRANSFER, at, None, version=version)

    def applies(state: State) -> bool:
        return is_live(state) and state.calendar != known

    return _tell(_clocks_of(record, kind, key), entry, applies, actor=actor, at=at)


def excuse_clock(
    record: models.Model, kind: str, *, reason: str, actor: Actor, at: datetime, key: str = ""
) -> Clock | None:
    """Keep a breach apart from those that somebody answers for; it stays a breach."""
    entry = _entry(Kind.EXCUSE, at, None, reason=reason)

    def applies(state: State) -> bool:
        return bool(state.breached_at) and not state.is_excused

    return _tell(_clocks_of(record, kind, key), entry, applies, actor=actor, at=at)


@transaction.atomic
def cancel_clocks(
    record: models.Model, *, actor: Actor, at: datetime, kind: str = "", reason: str = ""
) -> int:
    """The record needs no answer any more (merged, spam): none of its clocks speaks again."""
    clocks = Clock.objects.filter(
        record_key=subject_type(type(record)), object_id=record.pk, phase__in=LIVE
    )
    clocks = clocks.filter(kind=kind) if kind else clocks
    entry = _entry(Kind.CANCEL, at, None, reason=reason)
    ids = list(clocks.values_list("pk", flat=True))
    for pk in ids:
        _tell(Clock.objects.filter(pk=pk), entry, is_live, actor=actor, at=at)
    return len(ids)


# How it is done -----------------------------------------------------------------------------------
def _clocks_of(record: models.Model, kind: str, key: str) -> models.QuerySet[Clock]:
    return Clock.objects.filter(
        record_key=subject_type(type(record)), object_id=record.pk, kind=kind, key=key
    )


def _entry(kind: Kind, at: datetime, happened: Happened | None, **facts: object) -> Entry:
    moment = happened.at if happened else at
    key = happened.key if happened and happened.key else f"{kind}:{ticks_of(moment)}"
    return Entry(kind, moment, key, **facts)  # type: ignore[arg-type]


def _is_stopped(state: State) -> bool:
    return state.phase is RulePhase.STOPPED


@transaction.atomic
def _tell(
    clocks: models.QuerySet[Clock],
    entry: Entry,
    applies: Applies,
    *,
    actor: Actor,
    at: datetime,
    before: Callable[[Clock], None] | None = None,
) -> Clock | None:
    """Write an entry where it applies as the clock stood then, and fold the ledger anew.

    What is told late with an id of its own is written whatever the clock says by now: the fold
    puts it in its place.
    """
    clock = clocks.select_for_update().first()
    if clock is None:
        return None
    is_told = not entry.key.startswith(f"{entry.kind}:")
    if not is_told and not applies(clock_queries.get_state(clock, entry.at)):
        return clock
    if before:
        before(clock)
    if write_entry(clock, entry, actor=actor, at=at):
        refold(clock, at=at)
    return clock
