"""Tells owners what they were given, what is due soon and what is overdue; once each."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import models

from guanxi.commitments import rules
from guanxi.commitments.choices import Remind
from guanxi.commitments.models import Commitment
from guanxi.commitments.notifications import ASSIGNED, DUE_SOON, OVERDUE
from guanxi.kernel.actor import Actor
from guanxi.notifications.queries import list_told
from guanxi.notifications.services import notify, settle_notifications

Changes = Mapping[str, tuple[Any, Any]]
_TIMED: Final = (DUE_SOON.code, OVERDUE.code)
_ALL: Final = (*_TIMED, ASSIGNED.code)


def follow_changes(
    rows: Sequence[models.Model], changes: Sequence[Changes], actor: Actor, at: datetime
) -> None:
    """Somebody new owes it, or it is due at another time."""
    for commitment, each in zip(rows, changes, strict=True):
        assert isinstance(commitment, Commitment)  # noqa: S101
        if {"owner", "due_at", "remind"} & each.keys():
            remind(commitment, actor, at)
        if "owner" in each:
            tell_owner(commitment, actor, at)


def tell_owner(commitment: Commitment, actor: Actor, at: datetime) -> None:
    """Whoever was given something by somebody else hears of it."""
    settle_notifications(commitment, kinds=[ASSIGNED.code], at=at)
    if commitment.owner_id == actor.user_id or commitment.state not in rules.WAITING:
        return
    notify(
        ASSIGNED.code,
        [commitment.owner_id],
        subject=commitment,
        params={"who": actor.label, "due_at": commitment.due_at.isoformat()},
        key=f"commitments.assigned:{commitment.pk}:{commitment.version}",
        actor=actor,
        at=at,
    )


def remind(commitment: Commitment, actor: Actor, at: datetime) -> None:
    """Put the reminders where they belong now; what was told of an older due time is settled."""
    is_waiting = commitment.open_until is not None
    settle_notifications(commitment, kinds=_TIMED if is_waiting else _ALL, at=at)
    if not is_waiting or commitment.remind == Remind.NEVER:
        return
    due = commitment.due_at
    early = due - timedelta(minutes=int(commitment.remind))
    for kind, moment in ((DUE_SOON, early), (OVERDUE, due + timedelta(seconds=1))):
        if moment <= at:  # Whoever just wrote it down needs no reminder of what is past.
            continue
        notify(
            kind.code,
            [commitment.owner_id],
            subject=commitment,
            params={"due_at": due.isoformat()},
            key=f"{kind.code}:{commitment.pk}:{commitment.version}",
            actor=actor,
            at=at,
            not_before=moment,
        )


def catch_up(commitment: Commitment, actor: Actor, at: datetime) -> bool:
    """Remind whoever owes it now, where somebody else would be: a whole book was handed over."""
    if not list_told(commitment) - {commitment.owner_id}:
        return False
    remind(commitment, actor, at)
    tell_owner(commitment, actor, at)
    return True
