"""The approval flows of a pack, each with its steps in order."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.approvals.choices import Mode
from guanxi.approvals.declarations import subjects
from guanxi.approvals.models import Flow, FlowStep
from guanxi.approvals.services.packs import write_flows
from guanxi.kernel.packs import Part, Section, Values, declare_section


def read_flow(part: Part) -> Values:
    """A flow as written: for all records of a type, or those of a condition."""
    part.only("record_key", "is_for_all", "condition", "place", "is_different", "is_on", "steps")
    values = {
        "record_key": part.choice("record_key", sorted(subjects())),
        "is_for_all": part.flag("is_for_all"),
        "condition": part.part("condition").plain(),
        "place": part.number("place", 1, 30_000, 100),
        "is_different": part.flag("is_different", default=True),
        "is_on": part.flag("is_on", default=True),
        "steps": [_read_step(each) for each in part.parts("steps")],
    }
    if not values["is_for_all"] and not values["condition"]:
        raise part.fault(_("Say which records the flow is for, or that it is for all."))
    if not values["steps"]:
        raise part.fault(_("The approval flow has no step yet."), "steps")
    return values


def _read_step(part: Part) -> Values:
    part.only("name", "mode", "is_by_head", "roles", "people", "hours")
    values: dict[str, Any] = {
        "name": part.text("name", is_required=True, longest=60),
        "mode": part.choice("mode", Mode.values, Mode.ANY.value),
        "is_by_head": part.flag("is_by_head"),
        "roles": sorted(part.texts("roles")),
        "people": sorted(part.texts("people")),
        "hours": part.number("hours", 1, 10_000) if "hours" in part.values else None,
    }
    if not (values["is_by_head"] or values["roles"] or values["people"]):
        raise part.fault(_("Name the head, a role or a person."))
    return values


def current_flows() -> Mapping[str, Values | None]:
    """Every flow that is here, in the form of packs."""
    return {
        flow.name: None if flow.archived_at else _as_values(flow)
        for flow in Flow.objects.order_by("pk")
    }


def _as_values(flow: Flow) -> Values:
    steps = flow.steps.filter(archived_at=None).order_by("place", "pk")
    return {
        "record_key": flow.record_key,
        "is_for_all": flow.is_for_all,
        "condition": flow.condition or {},
        "place": flow.place,
        "is_different": flow.is_different,
        "is_on": flow.is_on,
        "steps": [_step_values(each) for each in steps.prefetch_related("roles", "people")],
    }


def _step_values(step: FlowStep) -> Values:
    return {
        "name": step.name,
        "mode": step.mode,
        "is_by_head": step.is_by_head,
        "roles": sorted(role.code for role in step.roles.all()),
        "people": sorted(person.username for person in step.people.all()),
        "hours": step.hours,
    }


FLOWS = declare_section(
    Section(
        "flows",
        _("Approval flows"),
        read_flow,
        current_flows,
        write_flows,
        "approval_flows.change",
        order=60,
    )
)
