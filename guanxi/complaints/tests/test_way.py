"""A complaint from its registration to the archive, with its deadlines and what others hear."""

from datetime import timedelta

import pytest

from guanxi.complaints import services
from guanxi.complaints.tests.factories import KEY, Way, decide, make_core, register
from guanxi.deadlines.models import Clock
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.models import Event
from guanxi.notifications.models import Notification
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import archive_record
from tests.fixtures.company import AT

pytestmark = pytest.mark.django_db


def clocks(complaint):
    rows = Clock.objects.filter(record_key=KEY, object_id=complaint.pk)
    return {row.kind.partition(".")[2]: row.phase for row in rows}


def test_a_core_customer_s_complaint_goes_through_the_green_channel_to_the_archive(office):
    customer = office.belongings["sales"].customer
    make_core(customer)
    complaint = register(office, "sales", customer=customer.pk)
    assert complaint.is_green
    found = {c.kind: c.due_at - AT for c in Clock.objects.filter(object_id=complaint.pk)}
    assert found["complaints.respond"] == timedelta(hours=1)
    assert found["complaints.resolve"] == found["complaints.reply"] == timedelta(hours=24)
    agent = office.users["complaint"]
    Way(office, complaint, "sales").act(services.assign_complaint, handler=agent.pk)
    assert Notification.objects.filter(user=agent, kind="complaints.assigned").count() == 1
    assert set(Clock.objects.values_list("owner", flat=True)) == {agent.pk}

    way = Way(office, complaint)
    way.to("acknowledged")
    assert clocks(complaint)["respond"] == "stopped"
    way.to("determined")
    assert clocks(complaint)["investigate"] == "stopped"
    way.to("executing")
    assert clocks(complaint)["reply"] == "stopped"
    way.to("executed")
    assert clocks(complaint) == {
        "respond": "stopped", "resolve": "stopped", "investigate": "stopped",
        "reply": "stopped", "visit": "running",
    }  # fmt: skip
    closed = way.to("closed")
    assert clocks(complaint)["visit"] == "stopped"
    head = office.actor("head")
    archive_record(get_record_type(KEY), closed.pk, version=closed.version, actor=head, at=AT)
    assert (way.now.archived_at, way.now.cost_minor) == (AT, 300_000)
    told = Event.objects.filter(subject_type=KEY, subject_id=str(complaint.pk))
    assert set(told.values_list("customer_id", flat=True)) == {None}
    kinds = list(told.order_by("pk").values_list("kind", flat=True))
    assert kinds[0] == "record.created"
    assert kinds[-2:] == ["complaints.closed", "record.archived"]


def test_an_ordinary_complaint_has_no_green_channel(office):
    complaint = register(office)
    assert not complaint.is_green
    assert set(clocks(complaint)) == {"investigate", "reply"}


def test_legal_sends_it_back_and_the_solution_is_refused(office):
    way = Way(office, register(office))
    way.to("legal_review")
    decide(office, way.complaint, "legal", agrees=False)
    assert (way.now.state, way.now.legal_at) == ("investigating", None)
    way.act(services.determine_responsibility, cause="other", company_share=100,
            customer_share=0, third_share=0, grounds="补充取证后认定")  # fmt: skip
    way.to("proposed")
    decide(office, way.complaint, "head", agrees=False)
    assert (way.now.state, way.now.approved_at) == ("legal_review", None)
    assert way.now.legal_at is not None


def test_nothing_is_closed_before_the_customer_accepts_or_three_attempts(office):
    way = Way(office, register(office))
    way.to("executed")
    call = {"channel": "phone", "text": "无人接听"}
    with pytest.raises(RuleViolation, match=r"^told$"):
        way.act(services.note_attempt, **call)
    way.act(services.tell_customer, channel="phone", text="已退款")
    for _attempt in range(2):
        way.act(services.note_attempt, **call)
    with pytest.raises(RuleViolation, match="answered"):
        way.act(services.close_complaint, "head")
    way.act(services.note_attempt, **call)
    assert clocks(way.complaint)["visit"] == "stopped"
    assert way.act(services.close_complaint, "head").state == "closed"


def test_a_rejected_outcome_stays_open_or_goes_on_in_writing(office):
    way = Way(office, register(office))
    way.to("executed")
    way.act(services.tell_customer, channel="phone", text="已退款")
    answer = {"channel": "phone", "satisfaction": "dissatisfied", "text": "不够"}
    way.act(services.note_visit, outcome="rejected", **answer)
    with pytest.raises(RuleViolation, match="answered"):
        way.act(services.close_complaint, "head")
    refer = {"body": "12315", "text": "可向 12315 反映"}
    with pytest.raises(RuleViolation, match="in_writing"):
        way.act(services.refer_complaint, "head", channel="phone", **refer)
    way.act(services.refer_complaint, "head", channel="letter", **refer)
    with pytest.raises(RuleViolation, match="ruling"):
        way.act(services.take_back_complaint, "head", reason="x")
    way.act(services.note_ruling, "head", ruling="全额退款")
    again = way.act(services.take_back_complaint, "head", reason="按结论执行")
    assert (again.state, again.round, again.legal_at) == ("investigating", 2, None)
    with pytest.raises(RuleViolation, match="finding"):
        way.act(services.determine_responsibility, cause="other", company_share=100,
                customer_share=0, third_share=0, grounds="x")  # fmt: skip
    way.to("closed")


def test_deadlines_wait_for_the_customer_and_run_on_by_themselves(office):
    customer = office.belongings["complaint"].customer
    make_core(customer)
    way = Way(office, register(office, customer=customer.pk))
    way.act(services.wait_for_customer, reason="customer", note="待客户寄回样品")
    assert clocks(way.complaint)["resolve"] == "paused"
    assert clocks(way.complaint)["respond"] == "running"
    way.act(services.hear_customer, channel="phone", text="已寄出")
    assert clocks(way.complaint)["resolve"] == "running"


def test_the_customer_takes_it_back(office):
    way = Way(office, register(office))
    way.to("proposed")
    with pytest.raises(RuleViolation, match="undecided"):
        way.act(services.withdraw_complaint, channel="email", text="已自行解决")
    decide(office, way.complaint, "head", agrees=False)
    way.act(services.withdraw_complaint, channel="email", text="已自行解决")
    assert way.now.state == "withdrawn"
    assert "running" not in clocks(way.complaint).values()
