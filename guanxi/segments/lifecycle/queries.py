"""What is read of lifecycle runs within the reader's sight."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor
from guanxi.segments.lifecycle.choices import RunState, WarningState
from guanxi.segments.lifecycle.models import LifecycleStage, StageRun, StageStanding

DISCARDABLE = (RunState.COMPUTING, RunState.FAILED)


def is_discardable(values: Mapping[str, Any]) -> bool:
    """Whether a run can be put aside."""
    return values.get("state") in DISCARDABLE


def is_waiting(values: Mapping[str, Any]) -> bool:
    """Whether nobody has a warning in hand yet."""
    return values.get("state") == WarningState.OPEN


def is_not_closed(values: Mapping[str, Any]) -> bool:
    """Whether it can still be said what came of a warning."""
    return values.get("state") != WarningState.CLOSED


def runs_in_effect() -> QuerySet[StageRun]:
    """The runs whose stages took effect, newest first."""
    return StageRun.objects.filter(state=RunState.IN_EFFECT).order_by("-as_of", "-pk")


def standings(actor: Actor, run: StageRun) -> QuerySet[StageStanding]:
    """The stages of a run whose customers the reader may see; no total counts another."""
    return visible(actor, "stage_standings.view", StageStanding.objects.filter(run=run))


def stages_of(customer_id: int) -> QuerySet[StageStanding]:
    """A customer's stages in runs that took effect, newest first."""
    rows = StageStanding.objects.filter(customer_id=customer_id, run__state=RunState.IN_EFFECT)
    return rows.select_related("run").order_by("-run__as_of", "-pk")


def card_of(stage: str) -> LifecycleStage | None:
    """How customers of a stage are served."""
    return LifecycleStage.objects.filter(stage=stage, archived_at=None).first()
