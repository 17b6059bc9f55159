"""Skill, room, shift, tier: who gets a ticket and why; never more than anybody can take."""

from datetime import timedelta

import pytest

from guanxi.kernel.errors import RuleViolation
from guanxi.notifications.models import Notification
from guanxi.tickets import services
from guanxi.tickets.models import Agent, Ticket
from guanxi.tickets.tests.factories import ALL_STEPS, AT, SYSTEM, minutes, policy, ticket
from tests.concurrency.crowd import crowd
from tests.fixtures.company import model, stamps

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(company):
    """Make somebody of the first team an agent."""

    def make(name="junior_agent", **values):
        given = {"capacity": 2, **values, **stamps()}
        return Agent.objects.create(user=company.users[name], **given)

    return make


@pytest.fixture
def customer(company):
    return company.of("sales", "own").customer


def core(customer):
    customer.tier = "core"
    customer.save()
    return customer


def why(of):
    return (of.owner.username if of.owner else None, of.because)


def test_the_least_loaded_with_the_skill_on_shift_gets_it(agent, customer):
    agent("junior_agent", skills=["technical"])
    agent("complaint", load=1)
    agent("sales", is_on=False)
    agent("stranger")
    assert why(ticket(customer=customer.pk)) == ("complaint", "load")
    for because in ("load", "before"):
        found = ticket(customer=customer.pk, kind="technical")
        assert why(found) == ("junior_agent", because)
    assert why(ticket(customer=customer.pk)) == (None, "nobody")


def test_who_knows_the_customer_comes_before_who_is_less_loaded(agent, customer):
    agent("junior_agent")
    agent("complaint", load=1, capacity=9)
    first = ticket(customer=customer.pk)
    assert why(first) == ("junior_agent", "load")
    assert why(ticket(customer=customer.pk)) == ("junior_agent", "before")
    assert Notification.objects.filter(kind="tickets.assigned").count() == 2


def test_a_core_customer_gets_the_named_senior_else_any_else_who_is_on_duty(
    agent, customer, company
):
    core(customer)
    agent("junior_agent")
    agent("sales", is_senior=True, capacity=1)
    agent("senior_agent", is_senior=True, capacity=1)
    model("deadlines.DutyShift").objects.create(
        person=company.users["head"], starts_at=AT - timedelta(hours=1),
        ends_at=AT + timedelta(hours=1), **stamps(),
    )  # fmt: skip
    found = [why(ticket(customer=customer.pk)) for _ in range(3)]
    assert found == [("sales", "named"), ("senior_agent", "senior"), ("head", "duty")]


def test_whoever_has_the_customer_on_the_line_keeps_it(agent, customer, company):
    agent("senior_agent")
    agent("junior_agent")
    who = company.actor("senior_agent")
    assert why(ticket(who, customer=customer.pk, channel="phone")) == ("senior_agent", "taken")


def test_the_backlog_drains_by_tier_then_deadline(agent, customer, company):
    policy("resolve", "hours", 1)
    late = ticket(customer=customer.pk, at=minutes(5))
    soon = ticket(customer=customer.pk)
    first = ticket(customer=core(company.of("sales", "team").customer).pk, at=minutes(9))
    agent("junior_agent", capacity=1)
    assert services.drain_backlog(actor=SYSTEM, at=minutes(10)) == 1
    assert [why(t) for t in Ticket.objects.order_by("pk")] == [
        (None, "nobody"), ("junior_agent", "load"), (None, "nobody"),
    ]  # fmt: skip
    agent("senior_agent", capacity=1, is_senior=True)
    assert services.drain_backlog(actor=SYSTEM, at=minutes(11)) == 1
    first.refresh_from_db()
    assert why(first) == ("senior_agent", "senior")
    services.solve_ticket(soon.pk, steps=ALL_STEPS, actor=SYSTEM, at=minutes(12))
    services.drain_backlog(actor=SYSTEM, at=minutes(13))
    late.refresh_from_db()
    assert why(late)[0] == "junior_agent"


def test_nobody_is_given_more_than_they_can_take(agent, customer, company):
    full = agent("junior_agent", capacity=1, load=1)
    head, made = company.actor("head"), ticket(customer=customer.pk)
    with pytest.raises(RuleViolation, match="not_free"):
        services.assign_ticket(made.pk, owner=full.user_id, actor=head, at=AT)
    with pytest.raises(RuleViolation, match="not_free"):
        services.take_ticket(made.pk, actor=company.actor("junior_agent"), at=AT)


def test_a_place_is_free_again_and_taken_again(agent, customer, company):
    one = agent("junior_agent", capacity=1)
    made = ticket(customer=customer.pk)
    services.solve_ticket(made.pk, steps=ALL_STEPS, actor=SYSTEM, at=AT)
    one.refresh_from_db()
    assert one.load == 0
    other = ticket(customer=customer.pk)
    assert why(other)[0] == "junior_agent"
    again = services.reopen_ticket(made.pk, reason="又漏了", actor=SYSTEM, at=minutes(1))
    assert why(again) == (None, "nobody")


def test_off_shift_nothing_comes(agent, customer, company):
    one = agent("junior_agent")
    services.change_shift(one.pk, actor=company.actor("junior_agent"), at=AT)
    assert why(ticket(customer=customer.pk)) == (None, "nobody")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_never_exceed_what_can_be_taken(company):
    for name in ("junior_agent", "complaint", "sales"):
        Agent.objects.create(user=company.users[name], capacity=5, **stamps())
    customer = company.of("sales", "own").customer
    assert crowd(50, lambda _n: ticket(customer=customer.pk)) == []
    assert [a.load for a in Agent.objects.all()] == [5, 5, 5]
    owners = list(Ticket.objects.values_list("owner_id", flat=True))
    assert sum(pk is not None for pk in owners) == 15
    assert all(owners.count(a.user_id) == 5 for a in Agent.objects.all())
