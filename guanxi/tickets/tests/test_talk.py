"""Replies, the customer's word, notes: message, event, clocks, refusal; nobody answers twice."""

import pytest

from guanxi.customers.tests.factories import last_event
from guanxi.kernel.errors import Denied, NotFound, RuleViolation, StaleVersion
from guanxi.notifications.models import Notification
from guanxi.tickets import queries, services
from guanxi.tickets.models import Message, Ticket, Wording
from guanxi.tickets.tests.factories import ALL_STEPS, AT, SYSTEM, clock, minutes, policy, ticket
from tests.concurrency.crowd import answers
from tests.fixtures.company import stamps

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(company):
    return company.actor("senior_agent")


@pytest.fixture
def customer(company):
    return company.of("senior_agent", "own").customer


def reply(of, actor, body="马上安排工程师上门。", at=AT, **more):
    given = {"public_seq": of.public_seq, **more}
    return services.reply_to_ticket(of.pk, body=body, **given, actor=actor, at=at)


def test_the_first_reply_takes_it_up_and_stops_the_first_clock(agent, customer):
    policy("respond")
    policy("resolve", "hours", 1, reasons=["customer"])
    made = ticket(agent, customer=customer.pk)
    assert (made.due_at, made.state) == (minutes(10), "new")
    found = reply(made, agent, at=minutes(9), then="waiting")
    assert (found.state, found.owner_id, found.last_seq) == ("waiting", agent.user_id, 1)
    assert (found.replied_at, found.due_at) == (minutes(9), None)
    assert (clock(made, "respond").outcome, clock(made, "resolve").phase) == ("met", "paused")
    event = last_event("tickets.replied")
    assert (event.customer_id, event.data["seq"]) == (customer.pk, 1)
    assert "马上安排" not in str(event.data)


def test_the_customers_word_lets_the_clock_run_on(agent, customer):
    policy("resolve", "hours", 1, reasons=["customer"])
    made = reply(ticket(agent, customer=customer.pk), agent, then="waiting")
    heard = services.hear_customer(made.pk, body="还是漏", actor=SYSTEM, at=minutes(30))
    assert (heard.state, heard.public_seq) == ("open", 2)
    assert heard.due_at == minutes(90)
    assert Notification.objects.get(kind="tickets.heard").user_id == agent.user_id


def test_a_program_is_no_first_response(agent, customer):
    policy("respond")
    made = reply(ticket(agent, customer=customer.pk), SYSTEM, body="已收到您的问题")
    assert clock(made, "respond").phase == "running"
    assert made.owner_id is None


def test_whoever_has_read_less_is_shown_the_rest(agent, customer):
    made = ticket(agent, customer=customer.pk)
    first = reply(made, agent, body="甲的答复")
    with pytest.raises(StaleVersion) as refused:
        reply(made, agent, body="乙的答复")
    told = refused.value.differences
    assert [(d.field, d.theirs, d.by) for d in told] == [("public_seq", "甲的答复", agent.label)]
    assert Message.objects.count() == 1
    assert reply(first, agent, body="乙的答复").last_seq == 2


def test_a_note_is_no_news_for_who_replies(agent, customer, company):
    made = ticket(agent, customer=customer.pk)
    colleague = company.users["junior_agent"].pk
    noted = services.note_on_ticket(
        made.pk, body="客户很急", mentions=[colleague, agent.user_id], actor=agent, at=AT
    )
    assert (noted.last_seq, noted.public_seq, noted.state) == (1, 0, "new")
    assert Notification.objects.get(kind="tickets.mentioned").user_id == colleague
    assert reply(made, agent).public_seq == 2


def test_forbidden_wording_is_sent_only_by_who_means_it(agent, customer):
    Wording.objects.create(phrase="没办法解决", instead="改为：马上核实。", **stamps())
    made = ticket(agent, customer=customer.pk)
    with pytest.raises(RuleViolation, match="forbidden_wording") as refused:
        reply(made, agent, body="这个问题没办法 解决")
    assert "马上核实" in refused.value.text
    assert reply(made, agent, body="这个问题没办法 解决", is_meant=True).last_seq == 1


def test_an_empty_or_endless_text_is_refused(agent, customer):
    made = ticket(agent, customer=customer.pk)
    for body, code in (("  \n", "nothing_said"), ("长" * 20_001, "too_long")):
        with pytest.raises(RuleViolation, match=code):
            reply(made, agent, body=body)


def test_rights_reach_as_far_as_declared(company, customer):
    foreign = ticket(SYSTEM, customer=company.belongings["stranger"].customer.pk)
    with pytest.raises(NotFound):
        reply(foreign, company.actor("senior_agent"))
    with pytest.raises(Denied):
        reply(foreign, company.actor("quality"))


def test_a_word_long_after_makes_a_ticket_that_follows(agent, customer):
    made = reply(ticket(agent, customer=customer.pk), agent)
    services.solve_ticket(made.pk, steps=ALL_STEPS, actor=agent, at=AT)
    late = minutes(7 * 24 * 60 + 1)
    new = services.hear_customer(made.pk, body="又漏了", actor=agent, at=late)
    assert (new.follows_id, new.description, new.state) == (made.pk, "又漏了", "new")
    assert Ticket.objects.get(pk=made.pk).state == "solved"


def test_pages_of_messages_leave_nothing_out(agent, customer):
    made = ticket(agent, customer=customer.pk)
    Message.objects.bulk_create(
        Message(ticket=made, seq=n, said="note", channel="web_form", body=str(n), at=AT)
        for n in range(1, 66)
    )
    newest, has_more = queries.list_messages(made.pk)
    earlier, _more = queries.list_messages(made.pk, before=newest[0].seq)
    after, has_rest = queries.list_messages(made.pk, after=35)
    assert ([m.seq for m in newest], has_more) == (list(range(36, 66)), True)
    assert [m.seq for m in earlier] == list(range(6, 36))
    assert ([m.seq for m in after], has_rest) == (list(range(36, 66)), False)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_answer_at_once_one_does(company):
    agent = company.actor("senior_agent")
    made = ticket(agent, customer=company.of("senior_agent", "own").customer.pk)
    found = answers(20, lambda n: reply(made, agent, body=f"答复 {n}"))
    sent = [each for each in found if isinstance(each, Ticket)]
    lost = [each for each in found if isinstance(each, StaleVersion)]
    assert (len(sent), len(lost)) == (1, 19)
    message = Message.objects.get()
    assert {d.theirs for each in lost for d in each.differences} == {message.body}
