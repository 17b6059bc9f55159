"""Letters become words on tickets, each once (SVC-1, G06-G08, L06, L07)."""

import pytest

from guanxi.customers.tests.factories import AT, SYSTEM, minutes
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.models import StoredFile
from guanxi.people.models import User
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record
from guanxi.tickets import services
from guanxi.tickets.mail import queries
from guanxi.tickets.mail.models import Letter, Mailbox, Sender
from guanxi.tickets.mail.services.taking import take_mail
from guanxi.tickets.mail.tests.letters import a_bounce, a_mail
from guanxi.tickets.models import Message, MessageFile, Ticket

pytestmark = pytest.mark.django_db


def a_mailbox(**values):
    given = {
        "name": "客服", "address": "help@example.com", "host": "imap.example.com",
        "username": "help", **values,
    }  # fmt: skip
    return create_record(get_record_type("tickets.mailbox"), given, actor=SYSTEM, at=AT)


@pytest.fixture
def box():
    return a_mailbox()


def taken(box, mail, at=AT):
    raw = mail if isinstance(mail, bytes) else mail.as_bytes()
    letter = take_mail(raw, mailbox=box, actor=SYSTEM, at=at)
    return letter.message if letter else None


def test_a_first_letter_opens_a_ticket_of_its_contacts_customer(company, box):
    contact = company.of("sales", "own").contact
    type(contact).objects.filter(pk=contact.pk).update(email="LiXue@example.org")
    said = taken(box, a_mail())
    ticket = said.ticket
    assert (ticket.subject, ticket.channel, ticket.state) == ("水泵漏水", "email", "new")
    assert (ticket.contact, ticket.customer) == (contact, contact.customer)
    assert (said.said, said.body) == ("customer", "水泵漏水，请尽快处理。")
    assert (said.author, said.author_label) == (None, "李雪 <lixue@example.org>")


def test_a_letter_that_is_brought_twice_is_taken_once(box):
    other = a_mailbox(name="投诉", address="care@example.com")
    assert taken(box, a_mail())
    assert taken(box, a_mail()) is None
    assert taken(other, a_mail()) is None
    no_id = a_mail("另一件事", Message_ID="", Subject="发票")
    assert taken(box, no_id)
    assert taken(other, no_id) is None
    assert (Letter.objects.count(), Message.objects.count()) == (2, 2)


def test_until_somebody_answers_a_persons_letters_are_one_matter(box):
    first = taken(box, a_mail()).ticket
    assert taken(box, a_mail("还有", Message_ID="<2@x>", Subject="补充")).ticket == first
    first.refresh_from_db()
    services.reply_to_ticket(
        first.pk, body="收到", public_seq=first.public_seq, actor=SYSTEM, at=minutes(5)
    )
    same = a_mail("好的", Message_ID="<3@x>", Subject="回复：水泵漏水")
    assert taken(box, same, minutes(6)).ticket == first
    other = a_mail("要发票", Message_ID="<4@x>", Subject="发票")
    assert taken(box, other, minutes(7)).ticket != first


def test_an_answer_finds_its_ticket_by_headers_and_by_our_mark(box):
    first = taken(box, a_mail()).ticket
    taken(box, a_mail("别的", Message_ID="<2@x>", From="wang@example.net", Subject="别的"))
    Ticket.objects.update(replied_at=AT)
    by_id = a_mail("答", Message_ID="<3@x>", Subject="新题目", References="<1@example.org>")
    assert taken(box, by_id).ticket == first
    mark = queries.token_of(first)
    by_mark = a_mail("答", Message_ID="<4@x>", From="boss@example.org", Subject=f"转 {mark}")
    assert taken(box, by_mark).ticket == first


def test_l07_what_is_forged_is_a_customers_word_on_a_ticket_of_its_own(company, box):
    first = taken(box, a_mail()).ticket
    agent = company.users["senior_agent"]
    User.objects.filter(pk=agent.pk).update(email="agent@example.com")
    forged = a_mail(
        "已退款，结案", Message_ID="<5@x>", From="客服 <agent@example.com>",
        References="<1@example.org>", Subject=f"[{first.number}-0000000000] 水泵漏水",
    )  # fmt: skip
    said = taken(box, forged)
    assert said.ticket != first
    assert (said.said, said.author) == ("customer", None)
    first.refresh_from_db()
    assert (first.state, first.replied_at, first.last_seq) == ("new", None, 1)


def test_l06_an_automatic_answer_is_a_note_and_wakes_nothing(box):
    ticket = taken(box, a_mail()).ticket
    Ticket.objects.filter(pk=ticket.pk).update(state="waiting")
    away = a_mail(
        "我不在", Message_ID="<6@x>", In_Reply_To="<1@example.org>", Auto_Submitted="auto-replied"
    )
    said = taken(box, away)
    assert (said.ticket, said.said) == (ticket, "note")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.public_seq) == ("waiting", 1)


def test_l06_a_letter_that_came_back_opens_no_ticket(box):
    assert taken(box, a_bounce("1@example.org")) is None
    assert (Letter.objects.get().mark, Ticket.objects.count()) == ("bounce", 0)


def test_a_late_answer_opens_a_ticket_that_follows(box):
    ticket = taken(box, a_mail()).ticket
    Ticket.objects.filter(pk=ticket.pk).update(state="closed", solved_at=AT)
    late = a_mail("又漏了", Message_ID="<8@x>", In_Reply_To="<1@example.org>")
    said = taken(box, late, minutes(60 * 24 * 9))
    assert said.ticket.follows == ticket
    assert said.body == "又漏了"


def test_files_pass_the_gate_and_what_is_refused_is_said(box):
    mail = a_mail()
    mail.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="清单.csv")
    mail.add_attachment(b"MZ\x90", maintype="application", subtype="x-exe", filename="a.exe")
    said = taken(box, mail)
    kept, refused = said.files.order_by("refused")
    assert (kept.name, kept.file.size, kept.refused) == ("清单.csv", 8, "")
    assert (refused.name, refused.file) == ("a.exe", None)
    assert refused.refused not in {"", "program"}
    assert taken(box, mail) is None
    assert (StoredFile.objects.count(), MessageFile.objects.count()) == (1, 2)


def test_a_very_long_letter_keeps_all_its_words(box):
    said = taken(box, a_mail("字" * 30_000))
    assert len(said.body) == 20_000
    assert said.files.get().file.size == 90_000


def test_c03_names_and_subjects_with_markup_are_text(box, enter):
    hostile = a_mail(
        From='"<b onclick=x>李" <lixue@example.org>', Subject="<script>alert(1)</script>"
    )
    ticket = taken(box, hostile).ticket
    assert ticket.subject == "<script>alert(1)</script>"
    page = enter("administrator").get(f"/tickets/{ticket.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "<b onclick" not in page
    assert "&lt;b onclick=x&gt;李" in page


def test_everybody_without_an_address_is_somebody_else(box):
    one = taken(box, a_mail(From="", Message_ID="<a@x>")).ticket
    assert taken(box, a_mail("x", From="", Message_ID="<b@x>")).ticket != one
    assert Sender.objects.get().address == ""


def test_without_tls_only_where_the_operator_allows_it(settings):
    settings.OUTBOUND_HOSTS = ["127.0.0.1"]
    a_mailbox(host="127.0.0.1", security="none")
    with pytest.raises(RuleViolation) as refused:
        a_mailbox(address="b@example.com", security="none")
    assert refused.value.code == "not_enciphered"
    assert Mailbox.objects.count() == 1
