"""A lifecycle run's way: begun, or discarded; a day has one."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import record
from guanxi.kernel.jobs import cancel_run, start_run
from guanxi.people.services.steps import save_columns
from guanxi.segments import messages as ratings
from guanxi.segments.lifecycle import messages, queries, rules
from guanxi.segments.lifecycle.access import DISCARD, RECOUNT
from guanxi.segments.lifecycle.choices import BOUNDS, RunState
from guanxi.segments.lifecycle.events import StageRunBegun, StageRunDiscarded
from guanxi.segments.lifecycle.models import LifecycleStage, StageRun
from guanxi.segments.services.ratings import last_month_end, local_day


def freeze() -> list[dict[str, Any]]:
    """The rules as a run keeps them, in the order in which they are tried."""
    rows = LifecycleStage.objects.filter(archived_at=None).order_by("place", "pk")
    names = [
        "stage",
        "is_warned",
        "control_percent",
        *(f"{name}_{end}" for name in BOUNDS for end in ("from", "to")),
    ]
    return [row for row in rows.values(*names) if rules.bounds_of(row)]


@atomic_retried
def recount(stage_id: int, *, as_of: date | None = None, actor: Actor, at: datetime) -> StageRun:
    """Find the stage of every customer at the end of a day, or of last month (SEG-5)."""
    rows = LifecycleStage.objects.filter(archived_at=None)
    get_allowed(actor, RECOUNT, rows, seen_by="lifecycle_stages.view", pk=stage_id)
    day = as_of or last_month_end(at)
    if day >= local_day(at):
        raise RuleViolation("future_day", ratings.FUTURE_DAY, "as_of")
    return _begin(day, actor, at)


@transaction.atomic
def begin_month(*, actor: Actor, at: datetime) -> StageRun | None:
    """The run of last month, once; None when there is one, or no rule."""
    day = last_month_end(at)
    if StageRun.objects.filter(as_of=day).exists() or not freeze():
        return None
    return _begin(day, actor, at)


def _begin(day: date, actor: Actor, at: datetime) -> StageRun:
    frozen = freeze()
    if not frozen:
        raise RuleViolation("no_stages", messages.NO_STAGES)
    run = StageRun(
        name=day.isoformat(),
        as_of=day,
        frozen=frozen,
        created_at=at,
        updated_at=at,
        created_by_id=actor.user_id,
    )
    try:
        with transaction.atomic():  # of two who begin the same day the index lets one
            insert_rows([run])
    except IntegrityError as error:
        raise RuleViolation("run_already", messages.RUN_ALREADY, "as_of") from error
    work = start_run("segments.stages", {"run": run.pk}, actor=actor, at=at)
    StageRun.objects.filter(pk=run.pk).update(run_id=work.pk)
    record(StageRunBegun(day.isoformat()), subject=run, actor=actor, at=at)
    return run


@atomic_retried
def discard_run(run_id: int, *, actor: Actor, at: datetime) -> StageRun:
    """Stop a run, so that its day can be run anew."""
    rows = StageRun.objects.filter(archived_at=None).select_for_update(of=("self",), no_key=True)
    run: StageRun = get_allowed(actor, DISCARD, rows, seen_by="stage_runs.view", pk=run_id)
    if run.state not in queries.DISCARDABLE:
        raise RuleViolation("run_in_effect", messages.RUN_IN_EFFECT)
    if run.state == RunState.COMPUTING and run.run_id:
        cancel_run(run.run_id, actor=actor, at=at)
    save_columns(run, at, state=RunState.DISCARDED)
    record(StageRunDiscarded(run.version), subject=run, actor=actor, at=at)
    return run
