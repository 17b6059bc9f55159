"""M. Every change and every look that matters is written down, and nobody rewrites it."""

import logging

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from guanxi.kernel.logs import OneLineFormatter
from guanxi.kernel.models import AccessEntry, Event, EventDetail
from tests.attacks.addresses import addresses, filled
from tests.attacks.persons import Persons
from tests.attacks.test_a_records import work
from tests.fixtures.company import model

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def store(settings, tmp_path):
    settings.FILES_DIR, settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "files", tmp_path


def last_event(**wanted):
    return Event.objects.filter(**wanted).order_by("-id").first()


def old_and_new(event):
    """Old and new by field, wherever they are kept."""
    kept = dict(event.data.get("changes", {}))
    detail = EventDetail.objects.filter(event=event).first()
    return kept | (detail.values if detail else {})


# M01 ----------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_m01_every_way_of_changing_leaves_who_when_whence_and_what(company, enter, callers, store):
    """Page, cell, program, import, bulk, undo, command: each with its channel, old and new."""
    admin, program = enter("administrator"), callers("administrator")
    boss, own = company.users["administrator"].pk, company.of("administrator", "own").customer
    base = f"/customers/{own.pk}/"
    version = {"version": 1, "_fields": "focus"}
    admin.post(base + "edit/", version | {"focus": "one"}, REMOTE_ADDR="203.0.113.9")
    event = last_event(subject_type="customers.customer", subject_id=str(own.pk))
    assert (event.actor_user_id, event.channel, event.ip) == (boss, "web", "203.0.113.9")
    assert old_and_new(event) == {"focus": ["", "one"]}
    assert event.request_id
    admin.post(base + "cell/focus/", {"version": 2, "focus": "two"})
    assert old_and_new(last_event(subject_id=str(own.pk))) == {"focus": ["one", "two"]}
    program.patch(f"customers/{own.pk}/", {"focus": "three"}, 3)
    event = last_event(subject_id=str(own.pk), kind="record.changed")
    assert (event.channel, old_and_new(event)) == ("api", {"focus": ["two", "three"]})
    admin.post("/customers/bulk/start/", {"id": own.pk, "set": "focus", "focus": "four"})
    work()
    event = last_event(subject_id=str(own.pk), kind="record.changed")
    assert (event.actor_user_id, old_and_new(event)) == (boss, {"focus": ["three", "four"]})
    to = company.users["sales"].pk
    own.refresh_from_db()
    sent = {"version": own.version, "to_user": to, "reason": "moves to the south",
            "_fields": "to_user,reason"}  # fmt: skip
    assert admin.post(base + "transfer/", sent).status_code == 302
    event = last_event(kind__contains="transfer", subject_id=str(own.pk))
    assert "moves to the south" in str(event.data) + str(old_and_new(event))
    assert (event.actor_user_id, event.customer_id) == (boss, own.pk)


def test_m01_an_import_and_a_file_and_an_export_are_written_down(company, enter, store):
    admin, own = enter("administrator"), company.of("administrator", "own").customer
    table = SimpleUploadedFile("客户.csv", "客户名称\n云岭机械\n".encode())
    path = admin.post("/imports/new/", {"type": "customers.customer", "file": table})["Location"]
    admin.post(path + "columns/", {"column-0": "name"})
    work()
    admin.post(path + "start/")
    work()
    made = model("customers.Customer").objects.get(name="云岭机械")
    event = last_event(subject_type="customers.customer", subject_id=str(made.pk))
    assert event.channel == "import"
    assert event.actor_user_id == company.users["administrator"].pk
    filed = {"kind": "other", "year": "2026", "title": "记录"}
    filed["file"] = SimpleUploadedFile("记录.txt", "会议".encode())
    admin.post(f"/customers/{own.pk}/files/new/", filed)
    assert last_event(customer_id=own.pk, subject_type="customers.attachment")
    form = {"type": "customers.customer", "format": "csv", "columns": "name", "query": ""}
    admin.post("/exports/new/", form)
    work()
    assert AccessEntry.objects.filter(action="export").exists()
    assert {"export.finished"} <= set(Event.objects.values_list("kind", flat=True))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_m01_nothing_changes_when_its_line_cannot_be_written(company, enter, callers):
    """The event is in the same transaction: without it there is no change (H11)."""
    admin, program = enter("administrator"), callers("administrator")
    own = company.of("administrator", "own").customer
    kept = model("customers.Customer").objects.values().get(pk=own.pk)
    block(True)
    try:
        answer = admin.post(
            f"/customers/{own.pk}/edit/", {"version": 1, "_fields": "focus", "focus": "x"}
        )
        assert answer.status_code >= 500
        assert program.patch(f"customers/{own.pk}/", {"focus": "x"}, 1).status_code >= 500
        assert program.post("customers/", {"name": "云岭"}).status_code >= 500
    finally:
        block(False)
    assert model("customers.Customer").objects.values().get(pk=own.pk) == kept
    assert not model("customers.Customer").objects.filter(name="云岭").exists()


def block(is_blocked):
    """Let the database refuse new events, as a full disk would."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER IF EXISTS full_disk")
            if is_blocked:
                cursor.execute("CREATE TRIGGER full_disk BEFORE INSERT ON kernel_event "
                               "BEGIN SELECT RAISE(ABORT, 'disk is full'); END")  # fmt: skip
        elif is_blocked:
            cursor.execute("ALTER TABLE kernel_event ADD CONSTRAINT full_disk "
                           "CHECK (id < 0) NOT VALID")  # fmt: skip
        else:
            cursor.execute("ALTER TABLE kernel_event DROP CONSTRAINT IF EXISTS full_disk")


# M02 ----------------------------------------------------------------------------------------------
def test_m02_looks_that_matter_are_written_down(company, enter, callers, store):
    """A person's data on a page and by a program, print, download: who, when, whose, which."""
    sales, program = enter("sales"), callers("sales")
    own, user = company.of("sales", "own"), company.users["sales"].pk
    looks = {
        "view": lambda: sales.get(f"/customers/{own.customer.pk}/"),
        "print": lambda: sales.get(f"/customers/{own.customer.pk}/print/"),
    }
    for action, look in looks.items():
        AccessEntry.objects.filter(action=action).count()
        assert look().status_code == 200
        line = AccessEntry.objects.filter(action=action).latest("id")
        assert (line.actor_user_id, line.customer_id) == (user, own.customer.pk)
        assert line.at
    before = AccessEntry.objects.filter(action="view").count()
    assert sales.get(f"/contacts/{own.contact.pk}/").status_code == 200
    assert program.get(f"contacts/{own.contact.pk}/").status_code == 200
    lines = AccessEntry.objects.filter(action="view").order_by("id")[before:]
    assert [line.subject_id for line in lines] == [str(own.contact.pk)] * 2
    assert {line.channel for line in lines} == {"web", "api"}
    assert all("phone" in line.fields for line in lines)


@pytest.mark.slow
def test_m02_every_refused_look_at_a_record_is_written_down(company):
    """Every page of a foreign record, by every way: one line with who asked for what."""
    sales, missed, tried = Persons(company)["sales"], [], 0
    foreign, user = company.of("sales", "foreign"), company.users["sales"].pk
    for address in addresses():
        if not address.door or address.door.on != "record" or not address.type:
            continue
        if not foreign.has(address.type.key) or "GET" not in address.door.needs:
            continue
        if address.is_api:
            continue
        path = filled(address, foreign)
        before = AccessEntry.objects.filter(action="refused").count()
        answer = sales.ask("get", path)
        if answer.status_code not in {403, 404}:
            continue
        tried += 1
        lines = AccessEntry.objects.filter(action="refused").order_by("id")[before:]
        if [(line.actor_user_id, line.reason) for line in lines] != [(user, f"GET {path}")]:
            missed.append(path)
    assert missed == []
    assert tried > 40


def test_m02_failed_sign_ins_are_written_down_without_what_was_typed(company, client):
    client.post("/accounts/login/", {"login": "sales", "password": "secret-typed-1"})
    client.post("/accounts/login/", {"login": "secret-typed-2", "password": "x"})
    lines = AccessEntry.objects.filter(action="sign_in_failed").order_by("id")
    assert [line.subject_id for line in lines] == [str(company.users["sales"].pk), ""]
    assert "secret-typed" not in str(list(AccessEntry.objects.values()))


# M03 ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "mark", ["\r\n", "\n", "\x1b[2J", "\x1b]0;x\x07", "\u2028", "\x85", "\x9b", "\b", "\u202e"]
)
def test_m03_no_name_makes_a_line_of_its_own_in_the_log(company, client, mark, capsys):
    """Through the product: in an address, a user name, a header."""
    formatter = OneLineFormatter()
    record = logging.LogRecord(
        "django.request", logging.WARNING, "x", 1, "Not Found: %s", (f"/a{mark}b",), None
    )
    line = formatter.format(record)
    assert len(line.splitlines()) == 1
    assert mark not in line
    assert all(character.isprintable() for character in line)
    client.get(f"/nothing/{mark}2026-01-01 ERROR guanxi forged/")
    client.post(
        "/accounts/login/", {"login": f"x{mark}2026-01-01 ERROR guanxi forged", "password": "x"}
    )
    assert "\n2026-01-01 ERROR guanxi forged" not in capsys.readouterr().err


# M04 ----------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["kernel_event", "kernel_accessentry"])
def test_m04_the_database_refuses_to_rewrite_what_happened(company, enter, table):
    enter("sales").get(f"/customers/{company.of('sales', 'own').customer.pk}/")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        (before,) = cursor.fetchone()
    assert before
    first = f"(SELECT min(id) FROM {table})"
    statements = [f"UPDATE {table} SET actor_label = 'nobody'", f"DELETE FROM {table}",
                  f"UPDATE {table} SET at = at WHERE id = {first}"]  # fmt: skip
    statements += (
        [f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"]
        if connection.vendor == "sqlite" else [f"TRUNCATE {table} CASCADE"]
    )  # fmt: skip
    for statement in statements:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone() == (before,)


@pytest.mark.parametrize("role", ["administrator", "auditor", "security_admin", "it", "head"])
def test_m04_nobody_can_edit_or_switch_off_the_trail(company, enter, callers, role):
    """No address of events writes, for anybody; the auditor reads."""
    browser, program = enter(role), callers(role)
    event = Event.objects.order_by("id").first() or pytest.fail("nothing happened yet")
    before = list(Event.objects.filter(pk=event.pk).values())
    for part in ("", "new/", f"{event.pk}/", f"{event.pk}/edit/", f"{event.pk}/archive/",
                 f"{event.pk}/cell/kind/", f"{event.pk}/fact/kind/", "bulk/start/"):  # fmt: skip
        answer = browser.post(f"/events/{part}", {"version": "1", "kind": "x", "id": event.pk})
        assert answer.status_code in {403, 404, 405, 422}, part
    for method in ("PATCH", "PUT", "DELETE", "POST"):
        for path in ("events/", f"events/{event.pk}/"):
            assert program.send(method, path, {"kind": "x"}, version=1).status_code in {
                403,
                404,
                405,
            }
    assert list(Event.objects.filter(pk=event.pk).values()) == before
    reads = browser.get(f"/events/{event.pk}/").status_code
    assert reads == (200 if role in {"administrator", "auditor"} else reads)
    settings = {a.name for a in addresses() if "audit" in a.name or "trail" in a.name}
    assert settings == set()
