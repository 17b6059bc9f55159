"""The regular and the long work of deadlines."""

from datetime import datetime, timedelta

from guanxi.deadlines import services
from guanxi.kernel.chores import chore


@chore("deadlines", every=timedelta(seconds=2))
def let_clocks_speak(at: datetime) -> int:
    """Tell of what falls due, soon after it does."""
    return services.sweep(at=at)
