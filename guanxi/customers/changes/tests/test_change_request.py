"""Key values change by request: filed, decided by a head, written by the usual way (CUS-7)."""

import pytest

from guanxi.approvals import services as approvals
from guanxi.approvals.models import Request
from guanxi.customers.changes import services
from guanxi.customers.changes.models import ChangeRequest
from guanxi.customers.tests.factories import SYSTEM
from guanxi.deadlines.models import Clock
from guanxi.kernel.errors import Denied, NotFound, RuleViolation, StaleVersion
from guanxi.kernel.models import Event
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record, create_record
from tests.fixtures.company import AT

pytestmark = pytest.mark.django_db
CUSTOMER = get_record_type("customers.customer")


@pytest.fixture
def office(company):
    """The company with a head of the East, who decides on changes."""
    east = company.departments["east"]
    type(east).objects.filter(pk=east.pk).update(head=company.users["head"])
    flow = create_record(
        get_record_type("approvals.flow"),
        {"name": "信息变更", "record_key": "customers.changerequest", "is_for_all": True},
        actor=SYSTEM,
        at=AT,
    )
    create_record(
        get_record_type("approvals.flowstep"),
        {"flow": flow.pk, "place": 1, "name": "负责人审核", "is_by_head": True},
        actor=SYSTEM,
        at=AT,
    )
    return company


def file(office, who="sales", **values):
    customer = office.belongings[who].customer
    given = {"reason": "营业执照已变更", "version": 1, **values}
    return services.request_change(customer.pk, actor=office.actor(who), at=AT, **given)


def decide(office, change, verb="approve", who="head", **values):
    request = Request.objects.get(subject_id=change.pk)
    act = getattr(approvals, f"{verb}_request")
    act(request.pk, seen=request.seen, actor=office.actor(who), at=AT, **values)
    change.refresh_from_db()


def edit(office, customer, **values):
    customer.refresh_from_db()
    change_record(CUSTOMER, customer.pk, values, version=customer.version, actor=SYSTEM, at=AT)


def test_a_change_has_three_working_days_until_it_is_decided(office):
    policy = {"name": "变更", "kind": "customers.update", "unit": "working_days", "amount": 3}
    create_record(get_record_type("deadlines.policy"), policy, actor=SYSTEM, at=AT)
    change = file(office, name="Sales and Sons")
    clock = Clock.objects.get(kind="customers.update")
    assert (clock.due_at - AT).days == 5  # Wednesday; Monday's close
    assert clock.owner_id == office.users["sales"].pk
    decide(office, change)
    clock.refresh_from_db()
    assert (clock.phase, clock.outcome) == ("stopped", "met")
    withdrawn = file(office, "colleague", name="Else")
    approvals.withdraw_request(
        Request.objects.get(subject_id=withdrawn.pk).pk, actor=office.actor("colleague"), at=AT
    )
    assert Clock.objects.get(object_id=withdrawn.pk, kind="customers.update").phase == "cancelled"


def test_an_approved_change_is_written_and_told_with_who_approved_it(office):
    customer = office.belongings["sales"].customer
    change = file(office, name="Sales and Sons", tier="core", industry="")
    assert change.asked == ["name", "tier"]
    decide(office, change)
    customer.refresh_from_db()
    assert (change.state, customer.name, customer.tier) == ("applied", "Sales and Sons", "core")
    event = Event.objects.get(subject_type="customers.customer", kind="record.changed")
    assert event.actor_user_id == office.users["head"].pk
    assert set(event.data["changes"]) == {"name", "tier"}
    told = Event.objects.filter(customer_id=customer.pk, is_on_timeline=True).order_by("pk")
    assert [e.kind for e in told] == [
        "approvals.requested", "approvals.step_approved", "record.changed",
        "change_requests.settled",
    ]  # fmt: skip


def test_who_approves_needs_no_right_of_their_own_to_write(office):
    """The approval is the right; quality never changes customers otherwise."""
    east = office.departments["east"]
    type(east).objects.filter(pk=east.pk).update(head=office.users["quality"])
    change = file(office, tier="core")
    decide(office, change, who="quality")
    assert change.state == "applied"


def test_what_another_set_meanwhile_is_not_overwritten_and_said(office):
    customer = office.belongings["sales"].customer
    change = file(office, name="Sales and Sons", tier="core")
    edit(office, customer, tier="potential")
    decide(office, change)
    customer.refresh_from_db()
    assert (customer.name, customer.tier) == ("Sales and Sons", "potential")
    assert (change.state, change.stale) == ("partly", ["tier"])
    settled = Event.objects.get(kind="change_requests.settled")
    assert (settled.data["applied"], settled.data["stale"]) == (["name"], ["tier"])


def test_all_overtaken_writes_nothing(office):
    customer = office.belongings["sales"].customer
    change = file(office, tier="core")
    edit(office, customer, tier="potential")
    decide(office, change)
    customer.refresh_from_db()
    assert (change.state, customer.tier) == ("stale", "potential")


def test_other_fields_changed_meanwhile_do_not_hinder(office):
    customer = office.belongings["sales"].customer
    change = file(office, tier="core")
    edit(office, customer, city="上海")
    decide(office, change)
    customer.refresh_from_db()
    assert (change.state, customer.tier, customer.city) == ("applied", "core", "上海")


def test_rejected_and_withdrawn_write_nothing(office):
    customer = office.belongings["sales"].customer
    change = file(office, tier="core")
    decide(office, change, "reject", comment="依据不足")
    other = file(office, name="Sales and Sons")
    request = Request.objects.get(subject_id=other.pk)
    approvals.withdraw_request(request.pk, actor=office.actor("sales"), at=AT)
    customer.refresh_from_db()
    other.refresh_from_db()
    assert (change.state, other.state, customer.version) == ("rejected", "withdrawn", 1)


def revise(office, change, who="sales", **values):
    change.refresh_from_db()
    given = {"version": change.version, **values}
    services.revise_change(change.pk, actor=office.actor(who), at=AT, **given)


def test_a_revised_request_is_asked_anew(office):
    change = file(office, tier="core")
    before = Request.objects.get(subject_id=change.pk)
    revise(office, change, tier="potential")
    after = Request.objects.get(subject_id=change.pk)
    assert (after.round, after.seen != before.seen, after.changed) == (2, True, ["tier"])
    decide(office, change, "return", comment="请附执照")
    revise(office, change, tier="core")
    assert Request.objects.get(subject_id=change.pk).state == "open"
    with pytest.raises(Denied):
        revise(office, change, "quality", tier="core")
    with pytest.raises(StaleVersion):
        revise(office, change, version=1, tier="core")
    decide(office, change)
    with pytest.raises(RuleViolation):
        revise(office, change, tier="core")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "nothing_asked"),
        ({"name": "Customer of sales"}, "nothing_asked"),
        ({"credit_code": "91310000000000000X"}, "credit_code_check"),
    ],
)
def test_what_is_no_change_or_breaks_a_rule_is_refused(office, values, code):
    with pytest.raises(RuleViolation) as found:
        file(office, **values)
    assert found.value.code == code
    assert not ChangeRequest.objects.exists()


def test_a_foreign_customer_or_file_is_out_of_reach(office):
    foreign = office.belongings["stranger"]
    with pytest.raises(NotFound):
        services.request_change(
            foreign.customer.pk, reason="x", tier="core", version=1,
            actor=office.actor("sales"), at=AT,
        )  # fmt: skip
    with pytest.raises(RuleViolation) as found:
        file(office, tier="core", evidence=foreign.attachment.pk)
    assert found.value.code == "other_file"


def test_key_values_that_are_there_change_by_request_but_for_who_may(office):
    kind, customer = get_record_type("customers.keyfield"), office.belongings["sales"].customer

    def save(who, **values):
        actor = office.actor(who)
        customer.refresh_from_db()
        change_record(CUSTOMER, customer.pk, values, version=customer.version, actor=actor, at=AT)

    save("sales", tier="potential")
    for name in ("tier", "credit_code"):
        create_record(kind, {"field": name, "is_by_request": True}, actor=SYSTEM, at=AT)
    with pytest.raises(RuleViolation) as found:
        save("sales", tier="core")
    assert (found.value.code, found.value.field) == ("by_request", "tier")
    save("sales", credit_code="91350100M000100Y43", name="Other")
    save("head", tier="core")
    customer.refresh_from_db()
    assert (customer.tier, customer.name) == ("core", "Other")
    decide(office, file(office, version=customer.version, tier="ordinary"))
    customer.refresh_from_db()
    assert customer.tier == "ordinary"


def test_by_page_and_by_program(office, enter, callers):
    customer = office.belongings["sales"].customer
    page = enter("sales")
    form = {"tier": "core", "reason": "升级", "version": "1", "_fields": "tier,reason"}
    answer = page.post(f"/customers/{customer.pk}/request_change/", form)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    request = Request.objects.get()
    head = enter("head")
    shown = head.get(f"/approvals/{request.pk}/").content.decode()
    assert request.seen in shown
    assert "decide-buttons" in shown
    assert head.get(f"/approvals/{request.pk}/approve/").status_code == 200
    assert head.post(f"/approvals/{request.pk}/reject/", {"seen": request.seen}).status_code == 422
    assert "decide-buttons" not in page.get(f"/approvals/{request.pk}/").content.decode()
    program = callers("head")
    told = program.get(f"approvals/{request.pk}/").json()
    stale = program.post(f"approvals/{request.pk}/approve/", {"seen": "0" * 64})
    assert stale.status_code == 409
    answer = program.post(f"approvals/{request.pk}/approve/", {"seen": told["seen"]})
    assert answer.status_code == 200, answer.content
    customer.refresh_from_db()
    assert customer.tier == "core"
    assert head.get("/approvals/?view=&waiting_for=me").status_code == 200
    assert head.get("/approval-flows/").status_code == 200
    assert page.get(f"/change-requests/{request.subject_id}/").status_code == 200
