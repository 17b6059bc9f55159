"""Complaints of the small company: the agent handles them, legal reviews, the head approves."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from guanxi.approvals.models import Request
from guanxi.approvals.services import approve_request, reject_request
from guanxi.complaints import services
from guanxi.complaints.models import Complaint
from guanxi.customers.models import Customer
from guanxi.deadlines.services import bring_policy
from guanxi.kernel.actor import system_actor
from guanxi.people.models import Role
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record
from tests.fixtures.company import AT, Company

KEY = "complaints.complaint"
SYSTEM = system_actor()
NEW = {
    "complainant_name": "李雪",
    "complainant_phone": "+8613800138000",
    "channel": "phone",
    "product": "数控机床 X2",
    "description": "开机两周主轴异响，三次报修无人上门。",
    "claim": "refund",
}
SHARES = {
    "cause": "process",
    "company_share": 80,
    "customer_share": 0,
    "third_share": 20,
    "third_party": "承运商",
    "grounds": "三次报修记录属实，派单遗漏。",
}


def made(key: str, **values: Any) -> Any:
    """A record made by the generic service."""
    return create_record(get_record_type(key), values, actor=SYSTEM, at=AT)


def flow(name: str, state: str, **step: Any) -> None:
    """An approval of complaints that have come to a state."""
    condition = {"field": "state", "op": "is", "value": state}
    found = made("approvals.flow", name=name, record_key=KEY, condition=condition)
    made("approvals.flowstep", flow=found.pk, name=name, **step)


def policy(name: str, unit: str, amount: int, **values: Any) -> None:
    """A deadline of complaints as the standard pack has it."""
    given = {
        "kind": f"complaints.{name}",
        "position": 100,
        "condition": {},
        "unit": unit,
        "amount": amount,
        "is_recurring": False,
        "reasons": [],
        "levels": "100% owner, head",
        "is_on": True,
    }
    bring_policy(name, given | values, actor=SYSTEM, at=AT)


@pytest.fixture
def office(company: Company) -> Iterator[Company]:
    """The company with the flows and deadlines of the standard pack."""
    east = company.departments["east"]
    type(east).objects.filter(pk=east.pk).update(head=company.users["head"])
    flow("法务复核", "legal_review", roles=[Role.objects.get(code="legal").pk])
    flow("方案审批", "proposed", is_by_head=True)
    green = {"field": "is_green", "op": "is", "value": True}
    policy("respond", "hours", 1, condition=green)
    policy("resolve", "hours", 24, condition=green, reasons=["customer"])
    policy("investigate", "working_days", 3)
    policy("reply", "hours", 24, reasons=["customer"])
    policy("visit", "working_days", 3, reasons=["later"])
    return company


def register(office: Company, who: str = "complaint", **values: Any) -> Complaint:
    """A complaint as somebody registers it."""
    actor = office.actor(who)
    found = create_record(get_record_type(KEY), {**NEW, **values}, actor=actor, at=AT)
    assert isinstance(found, Complaint)
    return found


def make_core(customer: Any) -> None:
    """Let a customer be a core one."""
    Customer.objects.filter(pk=customer.pk).update(tier="core")


def request_of(complaint: Complaint) -> Request:
    """The approval that a complaint waits for."""
    return Request.objects.get(subject_type=KEY, subject_id=complaint.pk, state="open")


def decide(office: Company, complaint: Complaint, who: str, *, agrees: bool = True) -> None:
    """Somebody decides on what they see."""
    request, actor = request_of(complaint), office.actor(who)
    if agrees:
        approve_request(request.pk, seen=request.seen, actor=actor, at=AT)
    else:
        reject_request(request.pk, seen=request.seen, comment="不足", actor=actor, at=AT)


class Way:
    """Takes one complaint along the way, step by step, each by the person whose step it is."""

    def __init__(self, office: Company, complaint: Complaint, agent: str = "complaint") -> None:
        self.office, self.complaint, self.agent, self.at = office, complaint, agent, AT

    def act(self, service: Any, who: str = "", **values: Any) -> Any:
        """One step of somebody."""
        actor = self.office.actor(who or self.agent)
        self.at += timedelta(seconds=10)
        return service(self.complaint.pk, **values, actor=actor, at=self.at)

    def to(self, state: str) -> Complaint:
        """Go on until a state is reached."""
        for reached, step in self._steps().items():
            if self.now.state == state:
                break
            if reached in _LATER[self.now.state]:
                step()
        assert self.now.state == state
        return self.now

    @property
    def now(self) -> Complaint:
        """The complaint as it is stored."""
        return Complaint.objects.get(pk=self.complaint.pk)

    def _steps(self) -> dict[str, Any]:
        act, told = self.act, {"channel": "phone", "text": "已告知客户"}
        return {
            "acknowledged": lambda: act(services.acknowledge_complaint, text="已收到，请放心"),
            "investigating": lambda: act(services.investigate_complaint),
            "determined": lambda: (
                act(services.note_finding, kind="records", text="核对报修单"),
                act(services.determine_responsibility, **SHARES),
            ),
            "legal_review": lambda: act(services.submit_for_review),
            "proposed": lambda: (
                decide(self.office, self.complaint, "legal"),
                act(services.add_remedy, kind="refund", text="退还货款", amount_minor=300_000),
                act(services.propose_solution, solution="退款", solve_by=date(2026, 3, 20)),
            ),
            "approved": lambda: decide(self.office, self.complaint, "head"),
            "executing": lambda: (
                act(services.tell_customer, **told),
                act(services.begin_execution),
            ),
            "executed": lambda: (
                self.carry_out(),
                act(services.finish_execution),
            ),
            "visited": lambda: (
                act(services.tell_customer, **told),
                act(
                    services.note_visit,
                    channel="phone",
                    outcome="accepted",
                    satisfaction="satisfied",
                    text="认可",
                ),
            ),
            "closed": lambda: act(services.close_complaint, "head"),
        }

    def carry_out(self) -> None:
        """Carry every remedy out."""
        for remedy in self.complaint.remedies.filter(done_at=None):
            self.act(services.carry_out_remedy, remedy=remedy.pk, proof="回单 A1")


_ALL = (
    *("registered", "acknowledged", "investigating", "determined", "legal_review", "proposed"),
    *("approved", "executing", "executed", "visited", "closed"),
)
_LATER = {state: _ALL[number + 1 :] for number, state in enumerate(_ALL)}
