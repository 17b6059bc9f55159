"""How many tickets somebody has: one conditional update gives one more, never above the limit."""

from datetime import datetime

from django.db.models import F

from guanxi.tickets.models import Agent


def seize(user_id: int, at: datetime, *, waits: bool = True) -> bool:
    """One more for somebody, if they can take it; who is no agent is not counted.

    Without waiting, somebody who is being given another one at this moment counts as full.
    """
    rows = Agent.objects.filter(user_id=user_id, archived_at=None)
    free = rows.filter(load__lt=F("capacity"))
    if not waits:
        free = rows.filter(
            pk__in=free.select_for_update(skip_locked=True, no_key=True).values("pk")
        )
    if free.update(load=F("load") + 1, given_at=at):
        return True
    return waits and not rows.exists()


def release(user_id: int | None) -> None:
    """One less for whoever had it."""
    if user_id is not None:
        Agent.objects.filter(user_id=user_id, load__gt=0).update(load=F("load") - 1)
