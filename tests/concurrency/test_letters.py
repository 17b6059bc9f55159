"""Letters that are brought at the same moment, by many fetchers (G06, G07)."""

import pytest

from guanxi.kernel.actor import system_actor
from guanxi.tickets.mail.models import Letter, Sender
from guanxi.tickets.mail.services.taking import take_mail
from guanxi.tickets.mail.tests.letters import a_mail
from guanxi.tickets.models import Message, MessageFile, Ticket
from tests.concurrency.crowd import crowd
from tests.fixtures.company import AT, model, stamps

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SYSTEM = system_actor()


@pytest.fixture
def box():
    return model("tickets.Mailbox").objects.create(
        name="help", address="help@example.com", host="x", username="x", **stamps()
    )


def test_g06_fifty_deliveries_of_one_letter_are_one_message(box):
    mail = a_mail()
    mail.add_attachment(b"a,b\n", maintype="text", subtype="csv", filename="a.csv")
    raw = mail.as_bytes()
    errors = crowd(50, lambda _: take_mail(raw, mailbox=box, actor=SYSTEM, at=AT))
    assert errors == []
    assert (Letter.objects.count(), Message.objects.count(), Ticket.objects.count()) == (1, 1, 1)
    assert MessageFile.objects.count() == 1


def test_g07_fifty_first_letters_of_one_person_open_one_ticket(box):
    def bring(number: int) -> None:
        mail = a_mail(f"第 {number} 件", Message_ID=f"<{number}@x>", Subject=f"第 {number} 件")
        take_mail(mail.as_bytes(), mailbox=box, actor=SYSTEM, at=AT)

    assert crowd(50, bring) == []
    assert (Sender.objects.count(), Ticket.objects.count(), Message.objects.count()) == (1, 1, 50)
    assert sorted(Message.objects.values_list("seq", flat=True)) == list(range(1, 51))
