"""Replies to letters leave by mail, once, and come back when they cannot arrive (H05, D11, L06)."""

from datetime import UTC, datetime, timedelta

import pytest

from guanxi.kernel.backup.services import hold_outbound
from guanxi.kernel.errors import RuleViolation
from guanxi.notifications import jobs as notices
from guanxi.notifications.models import Notification
from guanxi.tickets import services
from guanxi.tickets.mail.jobs import send_replies
from guanxi.tickets.mail.models import Post
from guanxi.tickets.mail.services.sending import resend_reply
from guanxi.tickets.mail.tests.letters import a_bounce, a_mail
from guanxi.tickets.mail.tests.test_taking import a_mailbox, taken
from guanxi.tickets.models import Message, Ticket
from guanxi.tickets.tests.factories import AT, clock, minutes, policy, ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(company, monkeypatch):
    monkeypatch.setattr(notices, "_rest_until", [])
    return a_mailbox()


@pytest.fixture
def agent(company):
    return company.actor("administrator")


def reply(of: Ticket, agent, body: str = "今天下午上门。", at=None) -> Message:
    of.refresh_from_db()
    at = at or minutes(5)
    services.reply_to_ticket(of.pk, body=body, public_seq=of.public_seq, actor=agent, at=at)
    return of.messages.filter(said="reply").latest("seq")


def send(later: timedelta = timedelta()) -> int:
    notices._rest_until.clear()
    return send_replies(datetime.now(UTC) + later)


def test_a_reply_leaves_in_the_customers_thread_and_its_answer_comes_back(box, agent, post_office):
    first = taken(box, a_mail(References="<0@example.org>")).ticket
    reply(first, agent)
    assert post_office.taken == []  # nothing is sent while it is written
    assert send() == 1
    mail = post_office.taken[0]
    assert mail["From"] == "客服 <help@example.com>"
    assert post_office.receivers == ["lixue@example.org"]
    assert mail["In-Reply-To"] == "<1@example.org>"
    assert mail["References"] == "<0@example.org> <1@example.org>"
    assert str(mail["Subject"]).startswith(f"Re: 水泵漏水 [{first.number}-")
    assert mail.get_content().strip() == "今天下午上门。"
    assert send() == 0
    answer = a_mail(
        "谢谢", Message_ID="<2@x>", From="boss@example.org", Subject="别的题目",
        In_Reply_To=mail["Message-ID"],
    )  # fmt: skip
    assert taken(box, answer, minutes(9)).ticket == first
    assert taken(box, mail) is None  # ours, brought round


def test_who_did_not_write_by_mail_is_sent_none(box, agent):
    reply(ticket(agent), agent)
    assert not Post.objects.exists()


def test_l06_no_letter_is_answered_by_itself(box, post_office):
    for number in range(5):
        taken(box, a_mail(Message_ID=f"<{number}@x>", Auto_Submitted="auto-replied"))
    taken(box, a_mail(Message_ID="<9@x>", From="help@example.com"))
    assert send() == 0
    assert post_office.taken == []


def test_killed_after_sending_it_comes_again_under_the_same_id(box, agent, post_office):
    reply(taken(box, a_mail()).ticket, agent)
    assert send() == 1
    Post.objects.update(state="leased", lease_until=AT, is_sent=False)
    assert send() == 1
    assert len({mail["Message-ID"] for mail in post_office.taken}) == 1


def test_what_the_server_refuses_is_said_and_sent_again_on_demand(box, agent, post_office, enter):
    policy("respond", amount=60)
    first = taken(box, a_mail()).ticket
    services.assign_ticket(first.pk, owner=agent.user_id, actor=agent, at=AT)
    post_office.refused = "lixue"
    said = reply(first, agent)
    assert clock(first, "respond").phase != "running"
    assert send() == 0
    first.refresh_from_db()
    assert clock(first, "respond").phase == "running"
    assert (first.replied_at, first.last_seq) == (None, 3)
    assert "no such mailbox" in first.messages.get(seq=3).body
    assert Notification.objects.filter(kind="tickets.undelivered", user=agent.user_id).exists()
    client = enter("administrator")
    page = client.get(f"/tickets/{first.pk}/").content.decode()
    assert "no such mailbox" in page
    assert f"/tickets/{first.pk}/resend/" in page
    post_office.refused = ""
    form = {"seq": said.seq, "_fields": "seq"}
    assert client.post(f"/tickets/{first.pk}/resend/", form).status_code == 302
    assert send() == 1
    assert clock(first, "respond").phase != "running"
    with pytest.raises(RuleViolation) as refused:
        resend_reply(first.pk, seq=said.seq, actor=agent, at=minutes(9))
    assert refused.value.code == "not_failed"


def test_a_reply_that_came_back_is_told_once_and_the_customer_waits_again(box, agent, post_office):
    policy("respond", amount=60)
    first = taken(box, a_mail()).ticket
    reply(first, agent)
    send()
    mail_id = post_office.taken[0]["Message-ID"].strip("<>")
    noted = taken(box, a_bounce(mail_id), minutes(9))
    assert (noted.ticket, noted.said) == (first, "note")
    assert "550 no such mailbox" in noted.body
    assert clock(first, "respond").phase == "running"
    again = a_bounce(mail_id).replace(b"<bounce@", b"<bounce2@")
    assert taken(box, again, minutes(10)) is None
    assert first.messages.count() == 3


def test_d11_no_subject_or_name_gets_into_the_headers(box, agent, post_office):
    evil = "x\r\nBcc: evil@example.org\r\n\r\nhello"
    first = taken(box, a_mail()).ticket
    Ticket.objects.update(subject=evil)
    type(box).objects.update(name=evil[:60])
    reply(first, agent)
    assert send() == 1
    assert post_office.taken[0]["Bcc"] is None
    assert post_office.receivers == ["lixue@example.org"]


def test_a_restored_copy_sends_nothing(box, agent, post_office):
    reply(taken(box, a_mail()).ticket, agent)
    hold_outbound()
    assert send() == 0
    assert post_office.taken == []
