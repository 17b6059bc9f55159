"""How many tickets somebody has: one conditional update gives one more, never above the limit."""

from datetime import datetime

from django.db.models import F

from guanxi.tickets.models import Agent


def seize(user_id: int, at: datetime) -> bool:
    """One more for somebody, if they can take it; who is no agent is not counted."""
    rows = Agent.objects.filter(user_id=user_id, archived_at=None)
    if rows.filter(load__lt=F("capacity")).update(load=F("load") + 1, given_at=at):
        return True
    return not rows.exists()


def release(user_id: int | None) -> None:
    """One less for whoever had it."""
    if user_id is not None:
        Agent.objects.filter(user_id=user_id, load__gt=0).update(load=F("load") - 1)
