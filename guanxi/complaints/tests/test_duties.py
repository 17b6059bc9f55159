"""Determiner, approver and whom it concerns are different people, in each other's stead too."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guanxi.approvals.services import approve_request
from guanxi.complaints import services
from guanxi.complaints.tests.factories import Way, decide, register, request_of
from guanxi.kernel.errors import Denied, NotFound, RuleViolation
from guanxi.people.models import Role
from tests.fixtures.company import AT, model, stamps

pytestmark = pytest.mark.django_db
REFUSED = (RuleViolation, Denied, NotFound)


def stand_in(office, person, substitute):
    """Somebody stands for another person today."""
    today = timezone.now()  # a substitution is looked at by the database's own clock
    model("kernel.Substitution").objects.create(
        person=office.users[person], substitute=office.users[substitute], reason="x",
        starts_at=today - timedelta(days=1), until=today + timedelta(days=1), **stamps(),
    )  # fmt: skip


def also(office, person, role):
    """Somebody holds another role too."""
    office.users[person].roles.add(Role.objects.get(code=role))


def approve(office, complaint, who):
    request = request_of(complaint)
    actor = office.actor(who)
    approve_request(request.pk, seen=request.seen, actor=actor, at=AT)


def test_the_determiner_does_not_review_nor_approve(office):
    also(office, "complaint", "legal")
    also(office, "complaint", "head")
    way = Way(office, register(office))
    for state, approver in (("legal_review", "legal"), ("proposed", "head")):
        way.to(state)
        with pytest.raises(REFUSED):
            approve(office, way.complaint, "complaint")
        decide(office, way.complaint, approver)
        if state == "legal_review":
            way.act(services.add_remedy, kind="apology", text="登门致歉")
            way.act(services.propose_solution, solution="致歉", solve_by=AT.date())


def test_not_in_the_stead_of_legal_either(office):
    stand_in(office, "legal", "complaint")
    way = Way(office, register(office))
    way.to("legal_review")
    with pytest.raises(REFUSED):
        approve(office, way.complaint, "complaint")


def test_whom_it_concerns_neither_sees_nor_decides(office):
    way = Way(office, register(office))
    way.to("acknowledged")
    with pytest.raises(RuleViolation, match="apart"):
        way.act(services.investigate_complaint, concerned=[office.users["complaint"].pk])
    concerned = [office.users[name].pk for name in ("head", "administrator")]
    way.act(services.investigate_complaint, concerned=concerned)
    for name in ("head", "administrator"):
        with pytest.raises(NotFound):
            way.act(services.tell_customer, name, channel="phone", text="x")
    with pytest.raises(RuleViolation, match="apart"):
        way.act(services.assign_complaint, handler=concerned[0])
    way.to("legal_review")
    decide(office, way.complaint, "legal")
    way.act(services.add_remedy, kind="apology", text="致歉")
    with pytest.raises(RuleViolation, match="nobody_decides"):
        way.act(services.propose_solution, solution="致歉", solve_by=AT.date())
    assert way.now.state == "legal_review"


def test_who_stands_for_the_handler_closes_nothing(office):
    also(office, "colleague", "head")
    stand_in(office, "complaint", "colleague")
    way = Way(office, register(office))
    way.to("visited")
    with pytest.raises(REFUSED):
        way.act(services.close_complaint, "colleague")
    with pytest.raises(REFUSED):
        way.act(services.close_complaint)
    assert way.act(services.close_complaint, "head").state == "closed"


def test_whoever_made_the_visit_does_not_close(office):
    way = Way(office, register(office))
    way.to("executed")
    way.act(services.tell_customer, channel="phone", text="已完成")
    answer = {"channel": "phone", "outcome": "accepted", "satisfaction": "satisfied", "text": "好"}
    way.act(services.note_visit, "head", **answer)
    with pytest.raises(RuleViolation, match="second"):
        way.act(services.close_complaint, "head")
    assert way.act(services.close_complaint, "administrator").state == "closed"


def test_a_substitute_carries_on_for_the_handler(office):
    also(office, "colleague", "complaint")
    stand_in(office, "complaint", "colleague")
    way = Way(office, register(office))
    way.act(services.acknowledge_complaint, "colleague", text="已收到")
    assert way.now.state == "acknowledged"
