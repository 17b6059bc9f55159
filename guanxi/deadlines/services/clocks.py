"""What domains ask of clocks, inside their own transactions. The ledger decides, columns follow.

Each call names the record, the kind of deadline and, where a record has several of a kind one
after the other, the `key` of the one that is meant. Asking twice, or at the same moment from two
sides, changes nothing more: the clock's row is locked and what does not apply is left alone. What
happened elsewhere (a message came, a letter could not be delivered) says when and by which id.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import IntegrityError, models, transaction

from guanxi.deadlines import clock_queries, messages, policy_queries, queries
from guanxi.deadlines.choices import LIVE
from guanxi.deadlines.declarations import get_kind
from guanxi.deadlines.events import ClockExcused
from guanxi.deadlines.models import Calendar, Clock
from guanxi.deadlines.rules.fold import REOPEN_WINDOW, State
from guanxi.deadlines.rules.fold import Phase as RulePhase
from guanxi.deadlines.rules.ledger import Kind
from guanxi.deadlines.rules.times import ticks_of
from guanxi.deadlines.services.calendars import make_standard
from guanxi.deadlines.services.ledger import (
    Entry,
    append_entry,
    current_version,
    is_live,
    refold,
    take_state,
    write_entry,
)
from guanxi.deadlines.services.policies import Promise, promise_of
from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import record as event
from guanxi.kernel.events import subject_type
from guanxi.notifications.services import settle_notifications

TOLD: Final = ("deadlines.soon", "deadlines.overdue")


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

    Without a promise the policy in force makes one; without such a policy nothing starts.
    """
    found = _clocks_of(record, kind, key).first()
    if found is not None:
        return found
    promise = promise or _by_policy(record, kind, at)
    if promise is None or promise.lacks_moment:
        return None
    version = current_version(promise.calendar or calendar_for(record, kind, at=at), at=at)
    clock = new_clock(record, kind, key, promise)
    clock.started_at = happened.at if happened else at
    clock.calendar_version = version
    entry = Entry(Kind.START, clock.started_at, "start", target=promise.target, version=version)
    take_state(clock, [entry.as_rule()], at=at)
    try:
        with transaction.atomic():
            clock.save(force_insert=True)
    except IntegrityError:
        return _clocks_of(record, kind, key).get()
    append_entry(clock, entry, actor=actor, at=at)
    return clock


def _by_policy(record: models.Model, kind: str, at: datetime) -> Promise | None:
    version = policy_queries.choose(record, kind, at=at)
    return promised_to(record, kind, promise_of(version)) if version else None


def promised_to(record: models.Model, kind: str, promise: Promise) -> Promise:
    """What a policy promises this record, counted from its moment where there is one."""
    moment = get_kind(kind).moment
    return promise.hung_on(moment(record) if moment else None)


def new_clock(record: models.Model, kind: str, key: str, promise: Promise) -> Clock:
    """A clock that has not been started yet, with whoever answers for its record."""
    declared = get_kind(kind)
    return Clock(
        record_key=subject_type(type(record)),
        object_id=record.pk,
        kind=kind,
        key=key,
        subject_label=declared.label_of(record)[:200],
        owner_id=declared.owner(record),
        department_id=declared.department(record),
        **promise.terms,
    )


def calendar_for(record: models.Model, kind: str, *, at: datetime) -> Calendar:
    """The calendar of the team or department that answers for a record, or the standard one."""
    declared = get_kind(kind)
    found = queries.find_calendar(declared.team(record), declared.department(record))
    return found or make_standard(at=at)


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
    promise = promise or _by_policy(record, kind, at)
    clocks = _clocks_of(record, kind, key)
    return retarget(clocks, promise, reason, actor=actor, at=at) if promise else clocks.first()


def retarget(
    clocks: models.QuerySet[Clock], promise: Promise, reason: str, *, actor: Actor, at: datetime
) -> Clock | None:
    """Give a clock another promise, if it has not the same already."""
    terms = promise.terms

    def applies(state: State) -> bool:
        return is_live(state) and not state.breached_at

    def take_over(clock: Clock) -> None:
        for name, value in terms.items():
            setattr(clock, name, value)
        clock.save(update_fields=list(terms))

    with transaction.atomic():
        clock = clocks.select_for_update().first()
        if clock is None:
            return None
        kept, before = {n: getattr(clock, n) for n in terms}, clock_queries.get_target(clock, at)
        target = promise.target
        if target.moment is None:  # A policy knows of none: it stays what the record said.
            target = replace(target, moment=before.moment)
        if kept == terms and before == target:
            return clock
        entry = _entry(Kind.RETARGET, at, None, reason=reason, target=target)
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
    calendar = calendar or calendar_for(record, kind, at=at)
    version = current_version(calendar, at=at)
    known = clock_queries.get_version(version.pk)
    entry = _entry(Kind.TRANSFER, at, None, version=version)

    def applies(state: State) -> bool:
        return is_live(state) and state.calendar != known

    def note(clock: Clock) -> None:
        clock.calendar_version = version
        clock.save(update_fields=["calendar_version"])

    clocks = _clocks_of(record, kind, key)
    return _tell(clocks, entry, applies, actor=actor, at=at, before=note)


def follow_clocks(record: models.Model) -> int:
    """Keep a record's running clocks with whoever answers for it now; how many they are."""
    rows = Clock.objects.filter(
        record_key=subject_type(type(record)), object_id=record.pk, phase__in=LIVE
    )
    return sum(
        Clock.objects.filter(pk=pk).update(
            owner=get_kind(kind).owner(record),
            department=get_kind(kind).department(record),
            subject_label=get_kind(kind).label_of(record)[:200],
        )
        for pk, kind in list(rows.values_list("pk", "kind"))
    )


def excuse_clock(
    record: models.Model, kind: str, *, reason: str, actor: Actor, at: datetime, key: str = ""
) -> Clock | None:
    """Keep a breach apart from those that somebody answers for; it stays a breach."""
    entry = _entry(Kind.EXCUSE, at, None, reason=reason)

    def applies(state: State) -> bool:
        return bool(state.breached_at) and not state.is_excused

    return _tell(_clocks_of(record, kind, key), entry, applies, actor=actor, at=at)


@transaction.atomic
def excuse_by_id(clock_id: int, *, reason: str, actor: Actor, at: datetime) -> Clock:
    """Excuse a missed deadline in sight, as somebody who may."""
    clock = get_allowed(
        actor, "clocks.excuse", Clock.objects.all(), seen_by="clocks.view", pk=clock_id
    )

    def applies(state: State) -> bool:
        if not state.breached_at:
            raise RuleViolation("not_breached", messages.NOT_BREACHED)
        return not state.is_excused

    entry = _entry(Kind.EXCUSE, at, None, reason=reason)
    told = _tell(Clock.objects.filter(pk=clock.pk), entry, applies, actor=actor, at=at)
    assert told is not None  # noqa: S101
    event(ClockExcused(reason), subject=told, actor=actor, at=at)
    return told


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
    if write_entry(clock, entry, actor=actor, at=at) and not is_live(refold(clock, at=at)):
        _settle(clock, at)
    return clock


def _settle(clock: Clock, at: datetime) -> None:
    """What people were told of a record's deadlines is done with the last of them."""
    others = Clock.objects.filter(
        record_key=clock.record_key, object_id=clock.object_id, phase__in=LIVE
    )
    if not others.exists():
        subject = policy_queries.model_of(clock.record_key)(pk=clock.object_id)
        settle_notifications(subject, kinds=TOLD, at=at)
