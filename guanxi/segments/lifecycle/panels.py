"""What the pages of runs, stages and customers show of the lifecycle."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Model

from guanxi.kernel.actor import Actor
from guanxi.kernel.models import Run
from guanxi.segments import rules as heat
from guanxi.segments.lifecycle import queries, words
from guanxi.segments.lifecycle.choices import RunState
from guanxi.segments.lifecycle.models import ChurnWarning, StageRun
from guanxi.segments.panels import is_whole_company, sees_amounts

HISTORY: Final = 12


def flow(actor: Actor, run: Model, at: datetime) -> Mapping[str, Any]:
    """How many moved from which stage to which, within the reader's sight; coverage."""
    del at
    assert isinstance(run, StageRun)  # noqa: S101
    if run.state != RunState.IN_EFFECT:
        work = Run.objects.filter(pk=run.run_id).first() if run.run_id else None
        return {"is_shown": False, "run": run, "work": work}
    counts = flow_counts(actor, run)
    return {
        "is_shown": True,
        "run": run,
        "matrix": matrix(run, counts),
        "all": sum(counts.values()),
        "moving": sum(n for (before, now), n in counts.items() if before != now),
        "coverage": coverage(run) if is_whole_company(actor) else "",
    }


def flow_counts(actor: Actor, run: StageRun) -> dict[tuple[str, str], int]:
    """How many of the reader's customers came from which stage to which."""
    rows = queries.standings(actor, run).order_by().values_list("stage_before", "stage")
    return {(before, now): n for before, now, n in rows.annotate(n=Count("pk"))}


def coverage(run: StageRun) -> str:
    """The share of the customers with a purchase that a rule has placed; told of the whole."""
    return f"{run.covered / run.buyers:.1%}" if run.buyers else ""


def matrix(run: StageRun, counts: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """A row for each stage before, a column for each now, each number leading to its people."""
    used = {stage for pair in counts for stage in pair}
    stages = [stage for stage, _label in words.STAGES if stage in used]
    most = max((n for (before, now), n in counts.items() if before != now), default=0)
    rows = []
    for before in stages:
        cells = []
        for now in stages:
            n = counts.get((before, now), 0)
            query = f"run={run.pk}&stage_before={before}&stage={now}"
            cells.append(
                {
                    "n": n,
                    "is_same": before == now,
                    "heat": heat.heat(n, most) if before != now else 0,
                    "url": f"/stage-standings/?view=&{query}" if n else "",
                }
            )
        rows.append({"stage": words.stage_label(before), "cells": cells})
    return {"heads": [words.stage_label(stage) for stage in stages], "rows": rows}


def of_customer(actor: Actor, customer: Any, at: datetime) -> Mapping[str, Any]:
    """The stage, what it is due to, how such customers are served, and the stages so far."""
    del at
    is_clear = sees_amounts(actor)
    rows = list(queries.stages_of(customer.pk)[:HISTORY])
    return {
        "stage": words.stage_label(customer.stage),
        "is_set_since": bool(rows) and rows[0].stage != customer.stage,
        "why": words.why(rows[0], is_clear=is_clear) if rows else "",
        "as_of": rows[0].run.as_of.isoformat() if rows else "",
        "card": queries.card_of(customer.stage),
        "history": [
            {
                "day": row.run.as_of.isoformat(),
                "stage": words.stage_label(row.stage),
                "before": words.stage_label(row.stage_before) if row.is_move else "",
                "why": words.why(row, is_clear=is_clear),
            }
            for row in rows
        ],
    }


def of_warning(actor: Actor, warning: Model, at: datetime) -> Mapping[str, Any]:
    """Why somebody is on the list, and how customers of that stage are served."""
    del at
    assert isinstance(warning, ChurnWarning)  # noqa: S101
    return {
        "why": words.why_warned(warning, is_clear=sees_amounts(actor)),
        "card": queries.card_of(warning.stage),
        "warning": warning,
        "commitments_url": "/commitments/?view=&source_key=segments.churnwarning"
        f"&source_id={warning.pk}",
    }
