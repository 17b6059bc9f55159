"""Long work as durable rows: leased, fenced, resumed after a kill, cancelled, shown.

A Run row is the truth; whoever holds its lease executes it. Its handler is registered by
`@job("kind")` and must be able to start again from what it has already committed.
"""

import logging
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.broker import wake_for_run
from guanxi.kernel.errors import GuanxiError, RuleViolation
from guanxi.kernel.models import Heartbeat, Run, RunState
from guanxi.kernel.watchdog import show_life

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
#: No run is put off, nor leased, for longer than this.
FARTHEST = timedelta(hours=2)
#: Told when it is done between two steps.
Meanwhile = Callable[[datetime], object]
log = logging.getLogger(__name__)


class Cancelled(Exception):
    """Raised inside a job when its cancellation was asked for."""


class LeaseLost(Exception):
    """Raised inside a job when another worker has taken it over."""


@dataclass
class RunContext:
    """What a job may ask of its run: report progress, renew the lease, notice a cancel.

    `meanwhile` is the short work that does not wait until a long run is over.
    """

    run: Run
    meanwhile: Meanwhile | None = None

    def progress(self, done: int, total: int | None = None) -> None:
        """Note progress and renew the lease; raises when cancelled or taken over."""
        values: dict[str, Any] = {
            "progress_done": done,
            "lease_until": timezone.now() + LEASE,
        }
        if total is not None:
            values["progress_total"] = total
        held = Run.objects.filter(pk=self.run.pk, token=self.run.token, state=RunState.RUNNING)
        with transaction.atomic():
            if not held.update(**values):
                raise LeaseLost
            # Long work is no silence: whoever watches the worker sees it beat (H16).
            Heartbeat.objects.filter(name="worker").update(at=values["lease_until"] - LEASE)
        show_life()
        self.check_cancelled()
        if self.meanwhile and not connection.in_atomic_block:
            self.meanwhile(values["lease_until"] - LEASE)

    def check_cancelled(self) -> None:
        """Stop here when somebody pressed cancel."""
        if Run.objects.filter(pk=self.run.pk, is_cancel_asked=True).exists():
            raise Cancelled


Job = Callable[[RunContext], dict[str, Any] | None]
_jobs: dict[str, Job] = {}


def job(kind: str) -> Callable[[Job], Job]:
    """Register the handler of a kind of run; it returns the run's result."""

    def register(handler: Job) -> Job:
        _jobs[kind] = handler
        return handler

    return register


def start_run(kind: str, params: dict[str, Any], *, actor: Actor, at: datetime) -> Run:
    """Queue a run inside the caller's transaction; a worker takes it up after the commit."""
    if kind not in _jobs:
        raise LookupError(f"no job is registered as {kind}")
    run = Run.objects.create(
        kind=kind,
        params=params,
        actor_user_id=actor.user_id,
        actor_label=actor.label,
        created_at=at,
        due_at=at,
    )
    wake_for_run(run.pk)
    return run


def cancel_run(run_id: uuid.UUID | str, *, actor: Actor, at: datetime) -> Run:
    """Ask a run of one's own to stop; a queued one is cancelled at once."""
    del actor  # The caller fetched the run in the actor's scope; cancelling needs no more.
    Run.objects.filter(pk=run_id, state=RunState.QUEUED).update(
        state=RunState.CANCELLED, finished_at=at
    )
    Run.objects.filter(pk=run_id, state=RunState.RUNNING).update(is_cancel_asked=True)
    return Run.objects.get(pk=run_id)


def execute_due(
    *, at: datetime, run_id: uuid.UUID | None = None, meanwhile: Meanwhile | None = None
) -> bool:
    """Claim and execute one due run (this one, if named); returns whether there was one."""
    run = _claim(at, Q() if run_id is None else Q(pk=run_id))
    if run is None:
        return False
    execute(run, meanwhile)
    return True


def execute(run: Run, meanwhile: Meanwhile | None = None) -> None:
    """Run the handler of a claimed run and write down how it ended."""
    try:
        result = _jobs[run.kind](RunContext(run, meanwhile)) or {}
        _finish(run, RunState.DONE, result=result)
    except Cancelled:
        _finish(run, RunState.CANCELLED)
    except LeaseLost:
        log.warning("run %s was taken over by another worker", run.pk)
    except RuleViolation as error:
        _finish(run, RunState.FAILED, error=error.text)
    except GuanxiError as error:
        _finish(run, RunState.FAILED, error=str(error))
    except Exception:
        log.exception("run %s of kind %s failed", run.pk, run.kind)
        _retry_or_park(run, traceback.format_exc(limit=8))


def _claim(at: datetime, wanted: Q) -> Run | None:
    queued = Q(state=RunState.QUEUED, due_at__lte=at)
    ready = wanted & (queued | Q(state=RunState.RUNNING, lease_until__lt=at))
    if not Run.objects.filter(ready).exists():
        return None  # Mostly so: looking takes no lock.
    with transaction.atomic():
        rows = Run.objects.filter(ready).order_by("due_at")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        found = rows.first()
        if found is None:
            return None
        if found.attempts >= MAX_ATTEMPTS:
            rows.filter(pk=found.pk).update(
                state=RunState.FAILED, finished_at=at, error="the worker died at every attempt"
            )
            return _claim(at, wanted)
        token = uuid.uuid4()
        taken = Run.objects.filter(ready, pk=found.pk).update(
            state=RunState.RUNNING,
            token=token,
            lease_until=at + LEASE,
            attempts=F("attempts") + 1,
            started_at=found.started_at or at,
        )
    return Run.objects.get(pk=found.pk, token=token) if taken else None


def _finish(run: Run, state: RunState, **values: Any) -> None:
    values = {"error": "", **values}  # What an earlier try stumbled over is over.
    Run.objects.filter(pk=run.pk, token=run.token).update(
        state=state, finished_at=timezone.now(), lease_until=None, **values
    )


def _retry_or_park(run: Run, error: str) -> None:
    if run.attempts >= MAX_ATTEMPTS:
        _finish(run, RunState.FAILED, error=error[-4000:])
        return
    Run.objects.filter(pk=run.pk, token=run.token).update(
        state=RunState.QUEUED,
        due_at=timezone.now() + timedelta(seconds=5 * 2**run.attempts),
        lease_until=None,
        token=None,
        error=error[-4000:],
    )


def pull_back(*, at: datetime) -> int:
    """Bring near the runs that a clock which ran ahead has put off (H13); how many."""
    far = at + FARTHEST
    queued = Run.objects.filter(state=RunState.QUEUED, due_at__gt=far).update(due_at=at)
    running = Run.objects.filter(state=RunState.RUNNING, lease_until__gt=far)
    return queued + running.update(lease_until=at)
