"""Writing the flows of a pack with the generic services, steps and all."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from guanxi.approvals import messages
from guanxi.approvals.models import Flow
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.people.models import Role, User
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import archive_record, change_record, create_record

Values = dict[str, Any]
_FLOW: Final = "approvals.flow"
_STEP: Final = "approvals.flowstep"


def write_flows(entries: Mapping[str, Values], actor: Actor, at: datetime) -> None:
    """Create or change the named flows so that they hold these values."""
    kind = get_record_type(_FLOW)
    here = {flow.name: flow for flow in Flow.objects.filter(name__in=list(entries))}
    for name, entry in entries.items():
        values = {key: value for key, value in entry.items() if key != "steps"}
        flow = here.get(name)
        if flow is None:
            made: Any = create_record(kind, {"name": name, **values}, actor=actor, at=at)
            flow = Flow.objects.get(pk=made.pk)
        else:
            change_record(kind, flow.pk, values, version=flow.version, actor=actor, at=at)
        _write_steps(flow, entry["steps"], actor, at)


def _write_steps(flow: Flow, wanted: Sequence[Values], actor: Actor, at: datetime) -> None:
    """The steps one by one in order; those beyond the last are archived."""
    kind = get_record_type(_STEP)
    here = list(flow.steps.filter(archived_at=None).order_by("place", "pk"))
    for place, step in enumerate(wanted, start=1):
        values = {**step, "place": place}
        values["roles"] = _ids(Role, "code", step["roles"])
        values["people"] = _ids(User, "username", step["people"])
        if place <= len(here):
            known = here[place - 1]
            change_record(kind, known.pk, values, version=known.version, actor=actor, at=at)
        else:
            create_record(kind, {"flow": flow.pk, **values}, actor=actor, at=at)
    for gone in here[len(wanted) :]:
        archive_record(kind, gone.pk, version=gone.version, actor=actor, at=at)


def _ids(model: type[Role] | type[User], column: str, names: Sequence[str]) -> list[int]:
    """The records of these names; one that is missing is said."""
    rows = model._default_manager.filter(**{f"{column}__in": names}, archived_at=None)
    found: dict[str, int] = dict(rows.values_list(column, "pk"))
    missing = [name for name in names if name not in found]
    if missing:
        raise RuleViolation("no_such_approver", messages.NO_SUCH_APPROVER, name=missing[0])
    return sorted(found.values())
