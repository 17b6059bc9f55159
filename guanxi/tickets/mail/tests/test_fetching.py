"""Letters are fetched from a real server: each once, whatever happens there (H14, G06)."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from guanxi.customers.tests.factories import AT, SYSTEM
from guanxi.kernel.connecting import Unreachable, may_be_called, open_connection
from guanxi.kernel.models import Event
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record, create_record
from guanxi.tickets.mail import fetching
from guanxi.tickets.mail.jobs import fetch_mail
from guanxi.tickets.mail.models import Letter, Mailbox
from guanxi.tickets.mail.services import boxes
from guanxi.tickets.mail.tests.letters import a_mail
from guanxi.tickets.models import Message, Ticket
from tests.fixtures.imap import PASSWORD, USER
from tests.fixtures.site import free_port

pytestmark = pytest.mark.django_db
LATER = timedelta(hours=2)


def a_mailbox(port: int, password: str = PASSWORD) -> Mailbox:
    values = {
        "name": "客服", "address": USER, "host": "127.0.0.1", "port": port, "security": "none",
        "username": USER,
    }  # fmt: skip
    made = create_record(get_record_type("tickets.mailbox"), values, actor=SYSTEM, at=AT)
    return boxes.secure_mailbox(made.pk, password=password, actor=SYSTEM, at=AT)


def letters(count: int, first: int = 1) -> list[bytes]:
    return [
        a_mail(f"第 {n} 封", Message_ID=f"<{n}@example.org>").as_bytes()
        for n in range(first, first + count)
    ]


def fetch(after: timedelta = timedelta()) -> int:
    return fetch_mail(timezone.now() + after)


def test_letters_become_messages_once_and_stay_untouched_in_the_mailbox(imap_server):
    box = a_mailbox(imap_server.port)
    imap_server.deliver(*letters(3))
    assert fetch() == 3
    assert Ticket.objects.get().last_seq == 3
    assert [m.body for m in Message.objects.order_by("seq")] == ["第 1 封", "第 2 封", "第 3 封"]
    assert fetch() == 0  # not due yet
    imap_server.deliver(*letters(1, first=4))
    assert fetch(LATER) == 1
    assert not [each for each in imap_server.flags() if b"Seen" in each]
    box.refresh_from_db()
    assert (box.trouble, box.attempts) == ("", 0)
    assert isinstance(box.checked_at, datetime)


def test_a_mailbox_that_is_numbered_anew_brings_nothing_twice(imap_server):
    a_mailbox(imap_server.port)
    imap_server.deliver(*letters(2))
    assert fetch() == 2
    imap_server.stop()
    assert fetch(LATER) == 0
    assert Mailbox.objects.get().trouble
    imap_server.start()
    imap_server.deliver(*letters(3))
    assert fetch(2 * LATER) == 1
    assert Letter.objects.count() == 3


def test_a_wrong_password_is_said_at_the_mailbox_and_tried_ever_later(imap_server):
    a_mailbox(imap_server.port, password="wrong")
    fetch()
    box = Mailbox.objects.get()
    first = box.due_at - timezone.now()
    assert box.trouble
    Mailbox.objects.update(due_at=None)
    fetch()
    box.refresh_from_db()
    assert box.due_at - timezone.now() > first
    boxes.secure_mailbox(box.pk, password=PASSWORD, actor=SYSTEM, at=AT)
    imap_server.deliver(*letters(1))
    assert fetch() == 1
    assert Mailbox.objects.get().trouble == ""


def test_a_letter_that_is_too_large_is_told_of_and_left_there(imap_server, monkeypatch):
    monkeypatch.setattr(fetching, "LARGEST", 2000)
    a_mailbox(imap_server.port)
    imap_server.deliver(a_mail("字" * 2000).as_bytes(), *letters(1, first=2))
    assert fetch() == 2
    assert "字字" not in Message.objects.get(seq=1).body
    assert Message.objects.get(seq=2).body == "第 2 封"


def test_the_password_is_stored_enciphered_and_in_no_event(imap_server):
    box = a_mailbox(imap_server.port)
    assert PASSWORD not in box.secret
    told = Event.objects.filter(kind="mailboxes.secured").get()
    assert PASSWORD not in str(told.data)


def test_another_folder_is_read_from_its_beginning(imap_server):
    box = a_mailbox(imap_server.port)
    imap_server.deliver(*letters(2))
    fetch()
    box.refresh_from_db()
    kind = get_record_type("tickets.mailbox")
    change_record(kind, box.pk, {"folder": "Sent"}, version=box.version, actor=SYSTEM, at=AT)
    box.refresh_from_db()
    assert (box.last_uid, box.uid_validity, box.due_at) == (0, None, None)


@pytest.mark.parametrize("change", [{"username": "other"}, {"port": 143}])
def test_another_server_is_not_told_the_password(imap_server, change):
    box = a_mailbox(imap_server.port)
    kind = get_record_type("tickets.mailbox")
    change_record(kind, box.pk, change, version=box.version, actor=SYSTEM, at=AT)
    box.refresh_from_db()
    assert (box.secret, bool(box.trouble)) == ("", True)


@pytest.mark.parametrize(
    ("address", "is_open"),
    [("127.0.0.1", False), ("::1", False), ("::ffff:127.0.0.1", False), ("169.254.169.254", False),
     ("0.0.0.0", False), ("100.100.100.200", False), ("64:ff9b::7f00:1", False),
     ("10.1.2.3", True), ("8.8.8.8", True), ("fe80::1%eth0", False)],
)  # fmt: skip
def test_which_addresses_may_be_called(address, is_open):
    assert may_be_called(address) is is_open


def test_this_machine_is_called_only_where_the_operator_allows_it(settings):
    settings.OUTBOUND_HOSTS = []
    for host in ("127.0.0.1", "localhost", "0x7f.1"):
        with pytest.raises(Unreachable):
            open_connection(host, free_port(), timeout=1)
