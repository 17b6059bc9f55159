"""Flows come with packs: what they bring stands there as written, edits are told (pack diff)."""

import pytest

from guanxi.approvals.models import Flow
from guanxi.approvals.packs import current_flows, read_flow
from guanxi.approvals.services.packs import write_flows
from guanxi.approvals.tests.factories import KEY, SYSTEM
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.packs import PackFault, Part, Place
from tests.fixtures.company import AT

pytestmark = pytest.mark.django_db
HERE = Place("flows.yaml", 1)


def part(steps, **values):
    given = {"record_key": KEY, "is_for_all": True, **values}
    return Part(HERE, {**given, "steps": [Part(HERE, step) for step in steps]}, {}, "甲")


def test_a_flow_is_written_as_read_and_changed_with_the_next_pack(office):
    first = read_flow(
        part([{"name": "一", "is_by_head": True}, {"name": "二", "roles": ["legal"]}])
    )
    write_flows({"甲": first}, SYSTEM, AT)
    assert current_flows()["甲"] == first
    second = read_flow(
        part([{"name": "会签", "roles": ["quality", "legal"], "mode": "all", "hours": 8}])
    )
    write_flows({"甲": second}, SYSTEM, AT)
    assert current_flows()["甲"] == second
    assert Flow.objects.count() == 1


def test_slips_are_told_on_their_line(office):
    for wrong in (
        part([]),
        part([{"name": "一"}]),
        part([{"name": "一", "is_by_head": True}], is_for_all=False),
        part([{"name": "一", "is_by_head": True}], record_key="nothing"),
        part([{"name": "一", "is_by_head": True, "mode": "most"}]),
    ):
        with pytest.raises(PackFault):
            read_flow(wrong)
    unknown = read_flow(part([{"name": "一", "roles": ["nobody"]}]))
    with pytest.raises(RuleViolation):
        write_flows({"甲": unknown}, SYSTEM, AT)
