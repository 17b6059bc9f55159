"""What follows when a clock speaks up: those who answer for it hear of it."""

from collections.abc import Sequence

from guanxi.deadlines import services
from guanxi.deadlines.events import ClockSpoke
from guanxi.kernel.events import on
from guanxi.kernel.models import Event


@on(ClockSpoke)
def tell_of_deadline(rows: Sequence[Event]) -> None:
    """Owner, head, next head or who is on duty, as the level says; each once."""
    services.tell_of(rows)
