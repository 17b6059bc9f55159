"""What follows when the clock of a step speaks up."""

from collections.abc import Sequence

from guanxi.approvals.services.timing import remind
from guanxi.deadlines.events import ClockSpoke
from guanxi.kernel.events import on
from guanxi.kernel.models import Event


@on(ClockSpoke)
def remind_of_approval(rows: Sequence[Event]) -> None:
    """Everybody who is asked hears of it, each once."""
    remind(rows, rows[-1].at)
