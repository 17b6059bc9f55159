"""The scan for duplicates: every night what changed since, everything when it is asked for."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from guanxi.customers.duplicates.queries import changed_customers
from guanxi.customers.duplicates.services.pairs import scan_customers
from guanxi.kernel.access import require
from guanxi.kernel.actor import Actor, system_actor
from guanxi.kernel.chores import chore, is_night
from guanxi.kernel.errors import NotFound
from guanxi.kernel.jobs import RunContext, cancel_run, job, start_run
from guanxi.kernel.models import Run, RunState

KIND: Final = "customers.scan_duplicates"
_AT_ONCE: Final = 200
_A_NIGHT: Final = timedelta(hours=12)
STATES: Final = {
    RunState.QUEUED: _("waits"),
    RunState.RUNNING: _("under way"),
    RunState.DONE: _("done"),
    RunState.FAILED: _("failed"),
    RunState.CANCELLED: _("stopped"),
}


@job(KIND)
def scan(context: RunContext) -> dict[str, Any]:
    """Go through the customers that changed, or all; a killed worker's successor begins anew."""
    since = context.run.params.get("since")
    customers = changed_customers(datetime.fromisoformat(since) if since else None)
    total, done, found = customers.count(), 0, 0
    ids: Iterator[int] = customers.iterator(chunk_size=10_000)
    while part := list(islice(ids, _AT_ONCE)):
        found += scan_customers(part, at=timezone.now())
        done += len(part)
        context.progress(done, total)
    return {"customers": done, "pairs": found}


def start_scan(*, is_full: bool, actor: Actor, at: datetime) -> Run | None:
    """Queue a scan, unless one is under way."""
    require(actor, "duplicate_pairs.scan")
    runs = Run.objects.filter(kind=KIND)
    if runs.filter(state__in=[RunState.QUEUED, RunState.RUNNING]).exists():
        return None
    last = runs.filter(state=RunState.DONE).order_by("-created_at").first()
    since = None if is_full or last is None else last.created_at.isoformat()
    return start_run(KIND, {"since": since}, actor=actor, at=at)


@chore("duplicates", every=timedelta(minutes=15))
def scan_nightly(at: datetime) -> Run | None:
    """What changed since the last scan, once a night."""
    tonight = Run.objects.filter(kind=KIND, created_at__gt=at - _A_NIGHT)
    if not is_night(at) or tonight.exists():
        return None
    return start_scan(is_full=False, actor=system_actor(gettext_noop("duplicate scan")), at=at)


def stop_scan(run_id: str, *, actor: Actor, at: datetime) -> None:
    """Stop a scan that is under way, whoever began it."""
    require(actor, "duplicate_pairs.scan")
    try:
        found = Run.objects.filter(kind=KIND, pk=UUID(run_id)).first()
    except ValueError as error:
        raise NotFound from error
    if found is None:
        raise NotFound
    cancel_run(found.pk, actor=actor, at=at)


def list_runs() -> list[Run]:
    """The last scans."""
    return list(Run.objects.filter(kind=KIND).order_by("-created_at")[:10])


def shown_run(run: Run, when: Callable[[datetime], Any]) -> dict[str, Any]:
    """A scan as the page tells of it."""
    return {
        "pk": run.pk,
        "when": when(run.created_at),
        "state": str(STATES[RunState(run.state)]),
        "done": run.progress_done,
        "total": run.progress_total,
        "pairs": run.result.get("pairs"),
        "is_open": run.state in {RunState.QUEUED, RunState.RUNNING},
    }
