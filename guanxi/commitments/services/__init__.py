"""The writes of to-dos and promises beyond the generic ones, and what is true with each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models

from guanxi.commitments import messages, reminders, rules
from guanxi.commitments.events import (
    CommitmentCompleted,
    CommitmentDropped,
    CommitmentReopened,
    CommitmentRescheduled,
    CustomerTold,
)
from guanxi.commitments.models import Commitment
from guanxi.commitments.rules import Settled
from guanxi.commitments.services import timing
from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import EventBase, record
from guanxi.people.services.steps import cleaned, save_columns
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import require_unchanged

KEY: Final = "commitments.commitment"
_LONGEST: Final = 200
Values = dict[str, Any]
Changes = Mapping[str, tuple[Any, Any]]


# Hooks of the generic services --------------------------------------------------------------------
def check_commitment(values: Values, current: Mapping[str, Any]) -> Values:
    """A promise is to somebody and stays one; what is settled is fixed."""
    rules.check_terms(values, current)
    rules.check_moment(values, current)
    key, pk = (values.get(n, current.get(n)) for n in ("source_key", "source_id"))
    if bool(key) != bool(pk):
        raise RuleViolation("half_a_source", messages.HALF_A_SOURCE, "source_key")
    return values


def follow_terms(values: Values) -> Values:
    """As long as something waits, it waits until it is due; what is settled keeps its due time."""
    return {"open_until": values["due_at"]} if "due_at" in values else {}


def fill_commitment(made: Sequence[models.Model], actor: Actor, at: datetime) -> None:
    """A new one is owed by whoever writes it down, unless said otherwise."""
    del at
    for each in made:
        assert isinstance(each, Commitment)  # noqa: S101  tells the type checker
        if not each.owner_id:
            each.owner_id = actor.user_id or _nobody()
        each.first_due_at = each.open_until = each.due_at


def _nobody() -> int:
    raise RuleViolation("no_owner", messages.NO_OWNER, "owner")


def check_source(
    commitment: models.Model, changes: Mapping[str, Any], actor: Actor, at: datetime
) -> None:
    """What a commitment came from is a record in the sight of whoever says so (A02)."""
    del at
    assert isinstance(commitment, Commitment)  # noqa: S101
    if not {"source_key", "source_id"} & changes.keys() or not commitment.source_key:
        return
    try:
        rows = get_record_type(commitment.source_key).in_scope(actor)
        is_there = rows.filter(pk=commitment.source_id).exists()
    except (KeyError, ValueError, TypeError, OverflowError, ValidationError):
        is_there = False
    if not is_there:
        raise RuleViolation("no_such_record", messages.NO_SOURCE, "source_id")


def follow_changes(
    rows: Sequence[models.Model], changes: Sequence[Changes], actor: Actor, at: datetime
) -> None:
    """Reminders and the clocks of promises follow what a commitment says (VIS-6)."""
    reminders.follow_changes(rows, changes, actor, at)
    for commitment, each in zip(rows, changes, strict=True):
        assert isinstance(commitment, Commitment)  # noqa: S101
        if "kind" in each:
            timing.start(commitment, actor=actor, at=at)
        elif "owner" in each:
            timing.hand_over(commitment)


def follow_hand_over(commitment_id: int, *, actor: Actor, at: datetime) -> None:
    """What moved with a whole book is in the hands of whoever has it now."""
    commitment = Commitment.objects.filter(pk=commitment_id).first()
    if commitment is not None:
        reminders.catch_up(commitment, actor, at)
        timing.hand_over(commitment)


def before_archive(
    commitment: models.Model, archived_at: datetime | None, actor: Actor, at: datetime
) -> None:
    """What is put away waits no more; a promise is kept or dropped first (VIS-6)."""
    assert isinstance(commitment, Commitment)  # noqa: S101
    if archived_at:
        rules.check_archiving(commitment.kind, commitment.state)
    waits = not archived_at and commitment.state in rules.WAITING
    commitment.open_until = commitment.due_at if waits else None
    Commitment.objects.filter(pk=commitment.pk).update(open_until=commitment.open_until)
    reminders.remind(commitment, actor, at)


# Verbs --------------------------------------------------------------------------------------------
@atomic_retried
def complete_commitment(
    commitment_id: int, *, told: str = "", actor: Actor, at: datetime
) -> Commitment:
    """The work is done; a promise stays until the customer was told, now or later (VIS-6)."""
    commitment = _fetch(commitment_id, "commitments.complete", actor)
    told = cleaned(told, "told", _LONGEST)
    settled = rules.complete(commitment.kind, commitment.state, told, at)
    _settle(commitment, settled, actor, at)
    happened = CommitmentCompleted(commitment.version, commitment.state, told)
    return _record(commitment, happened, actor, at)


@atomic_retried
def tell_customer(commitment_id: int, *, told: str, actor: Actor, at: datetime) -> Commitment:
    """The customer was told, by whatever way: the promise is closed (VIS-6)."""
    commitment = _fetch(commitment_id, "commitments.tell", actor)
    told = cleaned(told, "told", _LONGEST)
    _settle(commitment, rules.tell(commitment.state, commitment.done_at, told, at), actor, at)
    return _record(commitment, CustomerTold(commitment.version, told), actor, at)


@atomic_retried
def drop_commitment(
    commitment_id: int, *, reason: str, told: str = "", actor: Actor, at: datetime
) -> Commitment:
    """It is not to be done any more; who was promised something was told so (VIS-6)."""
    commitment = _fetch(commitment_id, "commitments.drop", actor)
    told = cleaned(told, "told", _LONGEST)
    reason = cleaned(reason, "reason", _LONGEST)
    _settle(commitment, rules.drop(commitment.kind, commitment.state, told, at), actor, at, reason)
    return _record(commitment, CommitmentDropped(commitment.version, reason, told), actor, at)


@atomic_retried
def reopen_commitment(
    commitment_id: int, *, reason: str = "", actor: Actor, at: datetime
) -> Commitment:
    """It is to be done after all, by the time it was due."""
    commitment = _fetch(commitment_id, "commitments.reopen", actor)
    reason = cleaned(reason, "reason", _LONGEST)
    _settle(commitment, rules.reopen(commitment.state), actor, at)
    return _record(commitment, CommitmentReopened(commitment.version, reason), actor, at)


@atomic_retried
def reschedule_commitment(
    commitment_id: int,
    *,
    due_at: datetime,
    reason: str = "",
    version: int | None,
    actor: Actor,
    at: datetime,
) -> Commitment:
    """Due at another time; whoever saw it before somebody else moved it is told so (G01)."""
    commitment = _fetch(commitment_id, "commitments.reschedule", actor)
    if version is not None:
        wanted = {"due_at": due_at}
        kind = get_record_type(KEY)
        require_unchanged(kind, commitment, wanted, version=version, actor=actor)
    if commitment.state not in rules.WAITING:
        raise RuleViolation("settled", messages.SETTLED, "due_at")
    if due_at == commitment.due_at:
        return commitment
    moved = {"due_at": (commitment.due_at, due_at)}
    reason = cleaned(reason, "reason", _LONGEST)
    save_columns(commitment, at, due_at=due_at, open_until=due_at)
    timing.agree_anew(commitment, reason, actor=actor, at=at)
    reminders.remind(commitment, actor, at)
    happened = CommitmentRescheduled(commitment.version, reason)
    return _record(commitment, happened, actor, at, changes=moved)


# Steps --------------------------------------------------------------------------------------------
def _fetch(commitment_id: int, permission: str, actor: Actor) -> Commitment:
    """Lock and fetch a commitment for a verb."""
    rows = Commitment.objects.filter(archived_at=None).select_for_update(of=("self",), no_key=True)
    seen_by = "commitments.view"
    return get_allowed(actor, permission, rows, seen_by=seen_by, pk=commitment_id)


def _settle(
    commitment: Commitment, settled: Settled, actor: Actor, at: datetime, reason: str = ""
) -> None:
    waits = settled.state in rules.WAITING
    open_until = commitment.due_at if waits else None
    save_columns(commitment, at, **settled._asdict(), open_until=open_until, reason=reason)
    if settled.state == rules.OPEN:
        timing.start(commitment, actor=actor, at=at)
    timing.settle(commitment, actor=actor, at=at)
    if settled.state != rules.UNTOLD:
        reminders.remind(commitment, actor, at)


def _record(
    commitment: Commitment,
    happened: EventBase,
    actor: Actor,
    at: datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
) -> Commitment:
    record(
        happened,
        subject=commitment,
        customer_id=commitment.customer_id,
        actor=actor,
        at=at,
        changes=changes,
    )
    return commitment
