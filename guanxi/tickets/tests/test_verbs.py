"""Taken, assigned, ticked, solved, closed, opened again, merged, split, linked, declared."""

from datetime import timedelta

import pytest

from guanxi.customers.tests.factories import last_event
from guanxi.deadlines.models import Clock
from guanxi.kernel.errors import Denied, RuleViolation
from guanxi.notifications.models import Notification
from guanxi.surfaces.services import archive_record, change_record
from guanxi.tickets import services
from guanxi.tickets.models import Message, Ticket
from guanxi.tickets.tests.factories import (
    ALL_STEPS,
    AT,
    SYSTEM,
    TYPE,
    clock,
    minutes,
    policy,
    ticket,
)

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def agent(company):
    return company.actor("senior_agent")


@pytest.fixture
def customer(company):
    return company.of("senior_agent", "own").customer


@pytest.fixture
def made(agent, customer):
    return ticket(agent, customer=customer.pk)


def solve(of, actor, at=AT):
    return services.solve_ticket(of.pk, steps=ALL_STEPS, actor=actor, at=at)


def test_a_new_ticket_goes_to_the_queue_of_the_customers_team(made, customer):
    assert made.number.startswith("T")
    assert (made.team_id, made.department_id) == (customer.team_id, customer.department_id)


def test_a_call_that_is_answered_is_a_first_response(agent, customer):
    policy("respond")
    called = ticket(agent, customer=customer.pk, channel="phone")
    assert (clock(called, "respond").outcome, called.replied_at) == ("met", AT)
    missed = ticket(SYSTEM, customer=customer.pk, channel="phone")
    assert clock(missed, "respond").phase == "running"


def test_it_is_taken_once(made, agent, company):
    taken = services.take_ticket(made.pk, actor=agent, at=AT)
    assert (taken.owner_id, taken.because) == (agent.user_id, "taken")
    with pytest.raises(RuleViolation, match="taken_already"):
        services.take_ticket(made.pk, actor=company.actor("head"), at=AT)


def test_assigning_gives_deadlines_along_and_tells(made, agent, company):
    policy("respond")
    running = ticket(agent, customer=made.customer_id)
    other = company.users["junior_agent"]
    given = services.assign_ticket(running.pk, owner=other.pk, reason="更熟悉", actor=agent, at=AT)
    assert (given.owner_id, given.because) == (other.pk, "hand")
    assert clock(running, "respond").owner_id == other.pk
    assert Notification.objects.get(kind="tickets.assigned").user_id == other.pk
    assert last_event("tickets.assigned").data["reason"] == "更熟悉"
    with pytest.raises(Denied):
        services.assign_ticket(made.pk, owner=1, actor=company.actor("quality"), at=AT)


def test_solved_needs_the_process_and_stops_the_clocks(made, agent):
    policy("resolve", "hours", 1)
    running = ticket(agent, customer=made.customer_id)
    services.tick_step(running.pk, step="greet", actor=agent, at=AT)
    with pytest.raises(RuleViolation, match="steps_missing"):
        services.solve_ticket(running.pk, actor=agent, at=AT)
    done = services.solve_ticket(running.pk, steps=["handle", "confirm"], actor=agent, at=AT)
    assert (done.state, done.steps, done.due_at) == ("solved", list(ALL_STEPS), None)
    assert clock(running, "resolve").outcome == "met"


def test_a_tick_is_taken_back(made, agent):
    services.tick_step(made.pk, step="greet", actor=agent, at=AT)
    assert services.tick_step(made.pk, step="greet", actor=agent, at=AT).steps == []


def test_solved_is_closed_by_rule_after_seven_days(made, agent):
    solve(made, agent)
    assert services.close_settled(actor=SYSTEM, at=AT + WEEK) == 0
    assert services.close_settled(actor=SYSTEM, at=AT + WEEK + timedelta(seconds=1)) == 1
    made.refresh_from_db()
    assert made.state == "closed"
    assert last_event().kind == "tickets.closed"


def test_opened_again_the_clock_runs_on_without_the_time_between(agent, customer):
    policy("resolve", "hours", 1)
    made = ticket(agent, customer=customer.pk)
    solve(made, agent, minutes(20))
    again = services.reopen_ticket(made.pk, reason="又漏了", actor=agent, at=minutes(100))
    assert (again.state, again.due_at, again.recontacted_at) == (
        "open", minutes(140), minutes(100),
    )  # fmt: skip
    with pytest.raises(RuleViolation, match="live_already"):
        services.reopen_ticket(made.pk, reason="x", actor=agent, at=AT)


def test_who_comes_back_within_seven_days_was_not_served_at_first(made, agent):
    solve(made, agent)
    ticket(agent, customer=made.customer_id, at=AT + WEEK - timedelta(seconds=1))
    made.refresh_from_db()
    assert made.recontacted_at is not None


def test_merging_carries_what_was_said_and_cancels_deadlines(agent, customer):
    policy("resolve", "hours", 1)
    one = ticket(agent, customer=customer.pk, description="接头渗水")
    two = ticket(agent, customer=customer.pk, subject="还在漏")
    for each, body in ((one, "甲"), (two, "乙")):
        services.reply_to_ticket(each.pk, body=body, public_seq=0, actor=agent, at=AT)
    services.merge_ticket(one.pk, into=two.pk, actor=agent, at=AT)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, one.merged_into_id, one.archived_at) == ("merged", two.pk, AT)
    told = Message.objects.filter(ticket=two).order_by("seq")
    assert [(m.seq, m.body, m.origin) for m in told] == [
        (1, "乙", ""), (2, "水泵漏水\n接头渗水", one.number), (3, "甲", one.number),
    ]  # fmt: skip
    assert (two.last_seq, two.public_seq) == (3, 3)
    assert clock(one, "resolve").phase == "cancelled"


def test_the_old_address_of_a_merged_ticket_leads_on(agent, customer, enter):
    one, two = (ticket(agent, customer=customer.pk) for _ in range(2))
    services.merge_ticket(one.pk, into=two.pk, actor=agent, at=AT)
    answer = enter("senior_agent").get(f"/tickets/{one.pk}/")
    assert answer.status_code in {301, 302, 308}
    assert answer["Location"] == f"/tickets/{two.pk}/"


def test_a_second_matter_gets_a_ticket_of_its_own(made, agent):
    new = services.split_ticket(made.pk, subject="发票抬头", actor=agent, at=AT)
    assert (new.customer_id, new.team_id) == (made.customer_id, made.team_id)
    assert list(made.links.all()) == [new]


def test_linked_is_linked_on_both_sides(made, agent):
    other = ticket(agent, customer=made.customer_id)
    services.link_ticket(made.pk, other=other.pk, actor=agent, at=AT)
    assert list(other.links.all()) == [made]


def test_an_emergency_starts_its_clocks_and_calls_the_head(made, agent, company):
    policy("begin", "hours", 1)
    policy("inform", "minutes", 30, is_recurring=True)
    head = company.users["head"]
    company.departments["east"].head = head
    company.departments["east"].save()
    found = services.declare_emergency(made.pk, reason="停产", actor=agent, at=AT)
    assert (found.kind, found.priority, found.due_at) == ("emergency", "urgent", minutes(30))
    assert Notification.objects.get(kind="tickets.emergency").user_id == head.pk
    services.take_ticket(made.pk, actor=agent, at=minutes(5))
    assert clock(made, "begin").outcome == "met"
    services.reply_to_ticket(made.pk, body="已派人", public_seq=0, actor=agent, at=minutes(20))
    assert clock(made, "inform").due_at == minutes(50)
    with pytest.raises(RuleViolation, match="emergency_already"):
        services.declare_emergency(made.pk, reason="x", actor=agent, at=AT)


def test_another_kind_has_another_promise(agent, customer):
    policy("resolve", "hours", 1, condition={"field": "kind", "op": "is", "value": "enquiry"})
    policy(
        "resolve", "hours", 24, position=200,
        condition={"field": "kind", "op": "is", "value": "after_sales"},
    )  # fmt: skip
    made = ticket(agent, customer=customer.pk)
    change_record(TYPE(), made.pk, {"kind": "after_sales"}, version=1, actor=agent, at=minutes(1))
    assert Ticket.objects.get(pk=made.pk).due_at == AT + timedelta(hours=24)


def test_what_is_archived_is_due_no_more(customer, company):
    policy("resolve", "hours", 1)
    admin = company.actor("administrator")
    made = ticket(admin, customer=customer.pk)
    archive_record(TYPE(), made.pk, version=1, actor=admin, at=AT)
    assert clock(made, "resolve").phase == "cancelled"


def test_a_contact_is_one_of_the_customers(company, agent):
    mine, foreign = (company.of("senior_agent", way) for way in ("own", "team"))
    with pytest.raises(RuleViolation, match="of_another"):
        ticket(agent, customer=mine.customer.pk, contact=foreign.contact.pk)
    assert ticket(agent, contact=mine.contact.pk).customer_id == mine.customer.pk


def test_a_deadline_that_was_moved_elsewhere_is_followed(agent, customer):
    policy("resolve", "hours", 1)
    made, other = (ticket(agent, customer=customer.pk) for _ in range(2))
    Clock.objects.filter(object_id=made.pk).update(due_at=minutes(90))
    Clock.objects.filter(object_id=other.pk).update(due_at=None, phase="paused")
    assert services.follow_moved() == 2
    assert services.follow_moved() == 0
    due = dict(Ticket.objects.values_list("pk", "due_at"))
    assert due == {made.pk: minutes(90), other.pk: None}
