"""The clock of a promise: it breaches at the promised moment, whatever is written afterwards."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef

from guanxi.commitments import messages, rules
from guanxi.commitments.clocks import PROMISE
from guanxi.commitments.models import Commitment
from guanxi.deadlines.clock_queries import get_last
from guanxi.deadlines.models import Clock
from guanxi.deadlines.services import (
    Happened,
    Level,
    Measure,
    Promise,
    Target,
    cancel_clocks,
    follow_clocks,
    retarget_clock,
    start_clock,
    stop_clock,
)
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation

_KEY: Final = "commitments.commitment"
#: The owner is reminded as the promise says; whoever heads them hears when it is broken.
LEVELS: Final = (Level("overdue", percent=100, to=("head",)),)


def _promise(commitment: Commitment) -> Promise:
    plain = Promise(Target(Measure.MOMENT, 1), levels=LEVELS)
    return plain.hung_on(commitment.due_at)


def start(commitment: Commitment, *, actor: Actor, at: datetime) -> None:
    """A promise was made, or is owed again: its clock runs."""
    if commitment.kind != rules.PROMISE or commitment.open_until is None:
        return
    last = get_last(commitment, PROMISE)
    key = "" if last is None else str(commitment.version)
    start_clock(commitment, PROMISE, promise=_promise(commitment), key=key, actor=actor, at=at)


def start_missing(*, most: int, actor: Actor, at: datetime) -> int:
    """Give their clock to promises made before promises had one; how many they were."""
    clocks = Clock.objects.filter(record_key=_KEY, kind=PROMISE, object_id=OuterRef("pk"))
    open_ones = Commitment.objects.filter(kind=rules.PROMISE, open_until__isnull=False)
    lacking = open_ones.filter(~Exists(clocks)).order_by("pk").values_list("pk", flat=True)
    return sum(_start_late(pk, actor, at) for pk in list(lacking[:most]))


@transaction.atomic
def _start_late(pk: int, actor: Actor, at: datetime) -> bool:
    """From when it was made, unless it was settled meanwhile."""
    locked = Commitment.objects.select_for_update(of=("self",), no_key=True)
    commitment = locked.filter(pk=pk, open_until__isnull=False).first()
    if commitment is None or get_last(commitment, PROMISE) is not None:
        return False
    start_clock(
        commitment,
        PROMISE,
        promise=_promise(commitment),
        happened=Happened(min(commitment.created_at, commitment.due_at)),
        actor=actor,
        at=at,
    )
    return True


def settle(commitment: Commitment, *, actor: Actor, at: datetime) -> None:
    """A promise was kept and the customer told, or it was dropped."""
    last = get_last(commitment, PROMISE)
    if last is None or commitment.open_until is not None:
        return
    if commitment.state == rules.DROPPED:
        cancel_clocks(commitment, kind=PROMISE, actor=actor, at=at)
    else:
        stop_clock(commitment, PROMISE, key=last.key, actor=actor, at=at)


def agree_anew(commitment: Commitment, reason: str, *, actor: Actor, at: datetime) -> None:
    """Another moment was agreed with the customer; one that was missed stays missed."""
    if commitment.kind != rules.PROMISE:
        return
    if not reason:
        raise RuleViolation("why_later", messages.WHY_LATER, "reason")
    last = get_last(commitment, PROMISE)
    if last is not None:
        retarget_clock(
            commitment,
            PROMISE,
            promise=_promise(commitment),
            reason=reason,
            key=last.key,
            actor=actor,
            at=at,
        )


def hand_over(commitment: Commitment) -> None:
    """Somebody else owes it: the clock is theirs."""
    if commitment.kind == rules.PROMISE:
        follow_clocks(commitment)
