"""The clock of a step: started when it is asked, stopped when it is decided."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from guanxi.approvals.choices import RequestState
from guanxi.approvals.clocks import STEP
from guanxi.approvals.models import Request
from guanxi.approvals.notifications import REMINDED
from guanxi.deadlines.services import (
    Level,
    Measure,
    Promise,
    Target,
    cancel_clocks,
    start_clock,
    stop_clock,
)
from guanxi.kernel.actor import Actor, system_actor
from guanxi.kernel.models import Event
from guanxi.notifications.services import notify

HOUR: Final = 3600
LEVELS: Final = (
    Level("soon", percent=80, to=("owner",)),
    Level("overdue", percent=100, to=("owner", "head")),
)


def _key(request: Request, position: int) -> str:
    return f"{request.round}:{position}"


def start_step(
    request: Request, position: int, hours: Iterable[int | None], *, actor: Actor, at: datetime
) -> datetime | None:
    """Start a step's clock, by the flow's working hours or else a policy; when it is due."""
    given = [each for each in hours if each]
    promise = None
    if given:
        promise = Promise(Target(Measure.BUSINESS, min(given) * HOUR), levels=LEVELS)
    key = _key(request, position)
    clock = start_clock(request, STEP, promise=promise, key=key, actor=actor, at=at)
    return clock.due_at if clock is not None else None


def stop_step(request: Request, *, actor: Actor, at: datetime) -> None:
    """The present step is decided."""
    stop_clock(request, STEP, key=_key(request, request.position), actor=actor, at=at)


def cancel_step(request: Request, *, actor: Actor, at: datetime) -> None:
    """The present step needs no decision any more."""
    cancel_clocks(request, kind=STEP, actor=actor, at=at)


def remind(rows: Iterable[Event], at: datetime) -> None:
    """Remind everybody who is asked when a step's clock speaks up; the clock's owner knows."""
    for row in rows:
        data: dict[str, Any] = row.data
        if data["clock_kind"] != STEP:
            continue
        request = Request.objects.filter(pk=data["object_id"], state=RequestState.OPEN).first()
        if request is None:
            continue
        people = list(request.waiting_for.order_by("pk").values_list("pk", flat=True))[1:]
        notify(
            REMINDED,
            people,
            subject=request,
            params={},
            key=f"{REMINDED}:{request.pk}:{request.seen[:16]}:{data['level']}",
            actor=system_actor("approvals"),
            at=at,
        )
