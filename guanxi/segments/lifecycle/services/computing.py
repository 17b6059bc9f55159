"""Finds everybody's stage and puts it in effect, in steps; a kill leaves the next try right.

Only the worker's job loads this: it needs NumPy and DuckDB.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.db.models import F

from guanxi.customers.models import Customer
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_values
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import Happening, record, record_many
from guanxi.segments.engine import facts
from guanxi.segments.engine import lifecycle as engine
from guanxi.segments.lifecycle.choices import RunState
from guanxi.segments.lifecycle.events import StageMoved, StageRunFailed, StagesTookEffect
from guanxi.segments.lifecycle.models import StageRun, StageStanding
from guanxi.segments.lifecycle.services.warning import settle_bought, warn
from guanxi.segments.services.computing import open_warehouse

STEP: Final = 2000
MOVED_AT_ONCE: Final = 200
Note = Callable[..., None]
_COLUMNS: Final = (
    *("run", "customer", "stage", "stage_before", "is_move", "is_ruled"),
    *("purchases", "tenure", "silence", "habit", "pause"),
)


def work_off(run: StageRun, note: Note, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Compute a run and put it in effect; begun again it goes on from the last whole step."""
    if run.state == RunState.COMPUTING:
        _forget(run, note)
        _compute(run, note, actor, at)
        run.refresh_from_db()
    if run.state != RunState.APPLYING:
        return {}
    return _put_in_effect(run, note, actor, at)


def _forget(run: StageRun, note: Note) -> None:
    """What an attempt that was killed has left is no result."""
    rows = StageStanding.objects.filter(run=run).order_by("pk").values_list("pk", flat=True)
    while step := list(rows[:STEP]):
        StageStanding.objects.filter(pk__in=step).delete()
        note(0)


def _compute(run: StageRun, note: Note, actor: Actor, at: datetime) -> None:
    everybody = Customer.objects.filter(archived_at=None, merged_into=None).order_by("pk")
    book = dict(everybody.values_list("pk", "stage").iterator(chunk_size=20_000))
    try:
        with open_warehouse(note) as warehouse:
            facts.refresh(warehouse, note)
            customers = np.array(list(book), dtype=np.int64)
            found = engine.find_stages(warehouse, run.frozen, customers, run.as_of)
    except RuleViolation as error:
        _fail(run, error.text, actor, at)
        return
    _write(run, book, found, note)
    StageRun.objects.filter(pk=run.pk, state=RunState.COMPUTING).update(
        state=RunState.APPLYING,
        buyers=int((found.measured["purchases"] > 0).sum()),
        covered=int(((found.place >= 0) & (found.measured["purchases"] > 0)).sum()),
        usual_days=found.usual,
        input_hash=found.input_hash,
        result_hash=found.result_hash,
        updated_at=at,
    )


@transaction.atomic
def _fail(run: StageRun, problem: str, actor: Actor, at: datetime) -> None:
    rows = StageRun.objects.filter(pk=run.pk, state=RunState.COMPUTING)
    rows.update(state=RunState.FAILED, problem=problem[:500], updated_at=at)
    record(StageRunFailed(problem[:500]), subject=run, actor=actor, at=at)


def _write(run: StageRun, book: dict[int, str], found: engine.Found, note: Note) -> None:
    """Every step is a transaction of its own and shows how far it has come."""
    ids = list(book)
    for start in range(0, len(ids), STEP):
        with transaction.atomic():
            part = slice(start, start + STEP)
            insert_values(StageStanding, _COLUMNS, _rows(run, book, ids[part], found, part))
            note(min(start + STEP, len(ids)), len(ids))


def _rows(
    run: StageRun, book: dict[int, str], ids: list[int], found: engine.Found, part: slice
) -> Iterator[tuple[Any, ...]]:
    measured = (found.measured[key][part].tolist() for key in engine.COLUMNS)
    for pk, place, purchases, *days in zip(ids, found.place[part].tolist(), *measured, strict=True):
        before = book[pk]
        stage = run.frozen[place]["stage"] if place >= 0 else before
        due_to = days if purchases else [None] * len(days)
        yield (run.pk, pk, stage, before, stage != before, place >= 0, purchases, *due_to)


# In effect ----------------------------------------------------------------------------------------
def _put_in_effect(run: StageRun, note: Note, actor: Actor, at: datetime) -> dict[str, Any]:
    """Move every customer that still has the stage it was compared with; the others are kept."""
    changed, passed, last = 0, 0, 0
    if _is_latest(run):
        while rows := _next(run, last):
            passed, last = passed + len(rows), rows[-1].pk
            changed += _move(run, rows, actor=actor, at=at)
            note(passed)
        settle_bought(run, actor=actor, at=at)
        warn(run, note, actor=actor, at=at)
    with transaction.atomic():
        mine = StageRun.objects.filter(pk=run.pk, state=RunState.APPLYING)
        if mine.update(state=RunState.IN_EFFECT, effective_at=at, updated_at=at):
            day = run.as_of.isoformat()
            happened = StagesTookEffect(day, run.input_hash, run.result_hash)
            record(happened, subject=run, actor=actor, at=at)
    return {"changed": changed}


def _is_latest(run: StageRun) -> bool:
    """A day that lies before one in effect is written down as history and moves nobody."""
    later = StageRun.objects.filter(state=RunState.IN_EFFECT, as_of__gt=run.as_of)
    return not later.exists()


def _next(run: StageRun, last: int) -> list[StageStanding]:
    rows = StageStanding.objects.filter(run=run, is_move=True, pk__gt=last).order_by("pk")
    return list(rows.only("customer_id", "stage", "stage_before")[:MOVED_AT_ONCE])


@transaction.atomic
def _move(run: StageRun, rows: list[StageStanding], *, actor: Actor, at: datetime) -> int:
    """One step: whose stage somebody changed since the comparison keeps that one."""
    found = {row.customer_id: row for row in rows}
    locked = Customer.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    customers = [
        customer
        for customer in locked.filter(pk__in=found, merged_into=None)
        if customer.stage == found[customer.pk].stage_before
    ]
    for stage in {found[customer.pk].stage for customer in customers}:
        mine = [customer.pk for customer in customers if found[customer.pk].stage == stage]
        rows_of = Customer.objects.filter(pk__in=mine)
        rows_of.update(stage=stage, version=F("version") + 1, updated_at=at)
    happenings = []
    for customer in customers:
        row = found[customer.pk]
        day, version = run.as_of.isoformat(), customer.version + 1
        happened = StageMoved(version, run.pk, day, row.stage_before, row.stage)
        changes = {"stage": (row.stage_before, row.stage)}
        happenings.append(Happening(happened, customer, customer.pk, changes))
    record_many(happenings, actor=actor, at=at)
    return len(customers)
