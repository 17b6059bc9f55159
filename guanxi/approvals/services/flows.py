"""What may stand in a flow and its steps."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, Model

from guanxi.approvals import messages
from guanxi.approvals.models import Flow
from guanxi.approvals.queries import get_audience
from guanxi.kernel.actor import Actor, system_actor
from guanxi.kernel.errors import BadRequest, RuleViolation
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.records import get_record_type

Values = dict[str, Any]


def check_flow(values: Values, current: Mapping[str, Any]) -> Values:
    """A flow says for which records it is: all of a type, or those of a condition."""
    names = ("is_for_all", "condition", "audience", "record_key")
    given = {name: values.get(name, current.get(name)) for name in names}
    if not (given["is_for_all"] or given["condition"] or given["audience"]):
        raise RuleViolation("no_condition", messages.NO_CONDITION, "audience")
    if given["audience"]:
        view = get_audience(str(given["audience"]), str(given["record_key"]))
        if view is None or not view.condition:
            raise RuleViolation("bad_audience", messages.BAD_AUDIENCE, "audience")
    return values


def flow_saved(flow: Model, changes: Any, actor: Actor, at: datetime) -> None:
    """The condition is over fields of the record type that it is for."""
    del actor
    assert isinstance(flow, Flow)  # noqa: S101
    if "audience" in changes and flow.audience:
        view = get_audience(flow.audience, flow.record_key)
        flow.condition = view.condition if view else {}
        Flow.objects.filter(pk=flow.pk).update(condition=flow.condition)
    if not flow.condition:
        return
    try:
        Listing(get_record_type(flow.record_key), system_actor(), at=at).compile(flow.condition)
    except BadRequest as error:
        raise RuleViolation(error.code, error.text, "condition") from error


def check_step(values: Values, current: Mapping[str, Any]) -> Values:
    """A step names at least one approver."""
    given = {**{n: current.get(n) for n in ("is_by_head", "roles", "people")}, **values}
    if not any(given.get(n) for n in ("is_by_head", "roles", "people")):
        raise RuleViolation("no_approver", messages.NO_APPROVER, "roles")
    return values


def step_saved(step: Any, changes: Any, actor: Actor, at: datetime) -> None:
    """Another step is another version of its flow."""
    del changes, actor
    Flow.objects.filter(pk=step.flow_id).update(version=F("version") + 1, updated_at=at)
