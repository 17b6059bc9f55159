"""I. What is kept stays kept: retention, backups, the way from one database to another."""

import hashlib
import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from guanxi.config import environment
from guanxi.kernel import dump, outbox
from guanxi.kernel.actor import system_actor
from guanxi.kernel.audit import archive
from guanxi.kernel.audit.checking import check_trail
from guanxi.kernel.audit.chores import seal_trail
from guanxi.kernel.backup import chores, services
from guanxi.kernel.db import places
from guanxi.kernel.db.urls import database_at
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.files import keep_generated, stored_path, write_row
from guanxi.kernel.models import Backup, Delivery, Event, Run
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import (
    archive_record,
    change_record,
    create_record,
    restore_record,
)
from tests.fixtures.company import AT, PASSWORD, Founder, model

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CANARY = "金丝雀 canary 🐤 C4NARY"
CUSTOMER = get_record_type("customers.customer")
#: What changes by the very act: the note of the restore itself, and that work is held.
OF_THE_ACT = dump.PASSING | {"kernel_event", "kernel_delivery", "kernel_run"}


@pytest.fixture
def company(other_databases, settings, tmp_path):
    """A company with odd texts, files, sealed events, unsent deliveries and a waiting run."""
    settings.DATA_DIR, settings.FILES_DIR = tmp_path / "data", tmp_path / "data" / "files"
    settings.DATA_DIR.mkdir()
    settings.BACKUP_PASSPHRASE, settings.BACKUP_DIR = "a phrase for the tests", ""
    found = Founder().found()
    for name in (CANARY, "Ünïcödé 𠮷野家 👩‍👩‍👧", 'it\'s "quoted" \\ back\u2028slash'):
        create_record(CUSTOMER, {"name": name}, actor=system_actor(), at=AT)
    with_order = {"customer": found.of("sales", "own").customer.pk, "number": "T1"}
    with_order |= {"amount_minor": 12345, "placed_at": AT + timedelta(microseconds=123456)}
    create_record(get_record_type("customers.order"), with_order, actor=system_actor(), at=AT)
    attach(found, tmp_path / "paper.txt", CANARY.encode() + os.urandom(300_000))
    Run.objects.create(kind="x", actor_label="x", created_at=AT, due_at=AT)
    seal_trail(AT)
    return found


def attach(company, path: Path, content: bytes) -> None:
    """Give a customer's file its bytes."""
    path.write_bytes(content)
    row = write_row(keep_generated(path, "paper.txt", "text/plain"), user_id=None, at=AT)
    attachment = company.of("sales", "own").attachment
    type(attachment).objects.filter(pk=attachment.pk).update(file=row)


def back_up(tmp_path: Path) -> Path:
    call_command("backup", "--to", str(tmp_path / "backups"), stdout=StringIO(), stderr=StringIO())
    return max((tmp_path / "backups").glob("*.guanxi"))


def restore(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("restore", str(path), *options, stdout=out)
    return out.getvalue()


def state(*, without=OF_THE_ACT):
    return dump.fingerprint(connection, without=without)


# Retention ----------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=False)
def test_i09_less_than_six_months_is_refused(monkeypatch):
    monkeypatch.setenv("GUANXI_AUDIT_KEEP_MONTHS", "5")
    with pytest.raises(ImproperlyConfigured, match="six months"):
        environment.audit_months()
    monkeypatch.setenv("GUANXI_AUDIT_KEEP_MONTHS", "6")
    assert environment.audit_months() == 6


@pytest.mark.django_db(transaction=False)
def test_i09_what_is_archived_early_stays_in_the_trail(company, settings):
    """Whatever is configured or asked for, the archive is a copy: no event leaves the database."""
    settings.AUDIT_KEEP_MONTHS = 0
    before = list(Event.objects.order_by("pk").values_list("pk", flat=True))
    assert archive.write_archive(at=AT + timedelta(days=1), months=0)
    assert list(Event.objects.order_by("pk").values_list("pk", flat=True)) == before
    assert check_trail().flaws == []


# Backup and restore -------------------------------------------------------------------------------
def test_i02_a_backup_brings_everything_back(company, settings, tmp_path, client):
    """Rows, files, keys, numbering, trail and sign-in; what came after it is gone."""
    before, held = state(), Delivery.objects.filter(state="due").count()
    assert held > 0
    path = back_up(tmp_path)
    row = Backup.objects.get()
    assert (row.state, row.files) == ("done", 1)
    assert row.size == path.stat().st_size
    key, last = (settings.DATA_DIR / "audit_key").read_bytes(), next_number()
    create_record(CUSTOMER, {"name": "came later"}, actor=system_actor(), at=AT)
    settings.DATA_DIR = tmp_path / "other machine"
    settings.FILES_DIR = settings.DATA_DIR / "files"
    settings.DATA_DIR.mkdir()
    said = restore(path, "--replace")
    assert "The former database is kept" in said
    assert state() == before
    assert (settings.DATA_DIR / "audit_key").read_bytes() == key
    stored = model("customers.Attachment").objects.get(pk=company.of("sales", "own").attachment.pk)
    content = stored_path(stored.file_id).read_bytes()
    assert hashlib.sha256(content).hexdigest() == stored.file.sha256
    verdict = check_trail()
    assert verdict.flaws == []
    assert verdict.anchors == 1
    assert next_number() == last
    answer = client.post("/accounts/login/", {"login": "sales", "password": PASSWORD})
    assert answer.status_code == 302


def next_number() -> str:
    made = create_record(CUSTOMER, {"name": "next"}, actor=system_actor(), at=AT)
    return made.number


def test_i03_a_restored_backup_sends_nothing_until_it_is_released(company, tmp_path):
    due = Delivery.objects.filter(state="due").count()
    path = back_up(tmp_path)
    while outbox.deliver_due(at=AT):
        continue  # The former machine did it after the backup.
    restore(path, "--replace")
    assert outbox.deliver_due(at=timezone.now()) == 0
    assert set(Run.objects.values_list("state", flat=True)) == {"held"}
    assert Delivery.objects.filter(state="held").count() == due
    event = Event.objects.get(kind="kernel.backup.restored")
    assert event.subject_type == "kernel.backup"
    call_command("release_outbound", stdout=StringIO())
    assert Delivery.objects.filter(state="due").count() == due
    assert set(Run.objects.values_list("state", flat=True)) == {"queued"}
    assert Event.objects.get(kind="kernel.outbound.released").data["count"] == due + 1


def test_i03_what_was_done_before_can_be_dropped(company, tmp_path):
    restore(back_up(tmp_path), "--replace")
    call_command("release_outbound", "--drop", stdout=StringIO())
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}
    assert set(Run.objects.values_list("state", flat=True)) == {"cancelled"}


def test_i04_what_is_wrong_is_refused_before_anything_is_touched(company, settings, tmp_path):
    path = back_up(tmp_path)
    before, files = state(without=dump.PASSING), sorted(settings.DATA_DIR.rglob("*"))
    cut, foreign = tmp_path / "cut", tmp_path / "foreign"
    cut.write_bytes(path.read_bytes()[:-20])
    foreign.write_bytes(b"PK\x03\x04" + os.urandom(5000))
    tries = [
        (cut, "damaged or cut"),
        (foreign, "no backup of Guanxi"),
        (tmp_path / "no", "No such"),
    ]
    for wrong, words in tries:
        with pytest.raises(CommandError, match=f"nothing was changed: .*{words}"):
            restore(wrong, "--replace")
    with pytest.raises(CommandError, match="there are users in the database"):
        restore(path)
    settings.BACKUP_PASSPHRASE = "another phrase for the tests"
    with pytest.raises(CommandError, match="the key is another one"):
        restore(path, "--replace")
    with pytest.raises(CommandError, match="the key is another one"):
        call_command("verify", str(path), stdout=StringIO())
    assert state(without=dump.PASSING) == before
    left = [p for p in sorted(settings.DATA_DIR.rglob("*")) if p.name != "up.lock"]
    assert left == [p for p in files if p.name != "up.lock"]


def test_i05_a_backup_shows_nothing_and_is_checked_whole(company, tmp_path):
    path = back_up(tmp_path)
    content = path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    for word in (b"canary", "金丝雀".encode(), b"customers_customer", b"sales"):
        assert word not in content
    out = StringIO()
    call_command("verify", str(path), stdout=out)
    assert "whole" in out.getvalue()
    assert "1 files" in out.getvalue()


def test_h07_a_backup_that_breaks_off_is_not_offered(company, settings, tmp_path):
    """The disk is full in the middle: no file, a failed row, and the reason said."""
    folder = tmp_path / "backups"
    folder.mkdir()
    code = (
        "import resource, signal, sys, django\n"
        "from django.conf import settings\n"
        "name, data, out = sys.argv[1:4]\n"
        "settings.DATABASES['default']['NAME'] = name\n"
        "settings.DATA_DIR = __import__('pathlib').Path(data)\n"
        "settings.FILES_DIR = settings.DATA_DIR / 'files'\n"
        "settings.BACKUP_PASSPHRASE = 'a phrase for the tests'\n"
        "django.setup()\n"
        "from django.core.management import call_command\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from guanxi.kernel.backup import writing\n"
        "real = writing._write\n"
        "def limited(raw, *more):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, -1))\n"
        "    try:\n        return real(raw, *more)\n"
        "    finally:\n        resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))\n"
        "writing._write = limited\n"
        "call_command('backup', '--to', out)\n"
    )
    done = run_python(code, connection.settings_dict["NAME"], settings.DATA_DIR, folder)
    assert done.returncode == 1
    assert "no backup was made" in done.stderr
    assert list(folder.iterdir()) == []
    row = Backup.objects.get()
    assert row.state == "failed"
    assert "File too large" in row.error


def run_python(code: str, *words):
    environment_of_tests = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], cwd=Path(__file__).parents[2],
        env=environment_of_tests, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_file_that_is_not_what_was_uploaded_is_said(company, tmp_path):
    attachment = company.of("sales", "own").attachment
    attachment.refresh_from_db()
    stored_path(attachment.file_id).write_bytes(b"somebody else's")
    path = back_up(tmp_path)
    assert "1 files are not what was uploaded" in Backup.objects.get().error
    out = StringIO()
    call_command("verify", str(path), stdout=out)
    assert "damaged when it was made: 1 files" in out.getvalue()


def test_only_the_newest_backups_are_kept(company, settings, tmp_path):
    settings.BACKUP_KEEP = 2
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in (1, 2, 3):
        (folder / f"guanxi-2025010{day}T000000Z.guanxi").touch()
    path = back_up(tmp_path)
    assert sorted(folder.iterdir()) == [folder / "guanxi-20250103T000000Z.guanxi", path]


def test_the_nightly_backup_is_begun_once_a_night(company, settings, tmp_path):
    night = AT.replace(hour=19)  # three in the morning in Shanghai
    assert not services.is_time_for_backup(at=night)
    settings.BACKUP_DIR = str(tmp_path / "backups")
    settings.BACKUP_HOUR = 24
    assert not chores.back_up_nightly(night)
    settings.BACKUP_HOUR = 2
    assert services.is_time_for_backup(at=night)
    row = services.begin_backup(tmp_path, at=night)
    assert not services.is_time_for_backup(at=night + timedelta(minutes=10))
    assert services.is_time_for_backup(at=night + timedelta(hours=13))  # it died
    services.fail_backup(row, "the disk is full", at=night)
    assert not services.is_time_for_backup(at=night + timedelta(minutes=10))
    assert services.is_time_for_backup(at=night + timedelta(hours=2))
    Backup.objects.update(state="done")
    assert not services.is_time_for_backup(at=night + timedelta(hours=19))
    assert services.is_time_for_backup(at=night + timedelta(hours=24))


# Moving -------------------------------------------------------------------------------------------
@pytest.fixture
def new_address(tmp_path):
    """Addresses of empty databases: one of SQLite, and one of the kind that is tested."""
    if connection.vendor == "sqlite":
        yield [f"sqlite:///{tmp_path / name}" for name in ("one.sqlite3", "two.sqlite3")]
        return
    facts = connection.get_connection_params()
    name = f"moved_{os.getpid()}"
    admin = {key: facts[key] for key in ("host", "port", "user")}
    with psycopg.connect(**admin, dbname="postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        url = f"postgresql://{facts['user']}@{facts['host']}:{facts['port']}/{name}"
        yield [f"sqlite:///{tmp_path / 'one.sqlite3'}", url]
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_i08_a_move_there_and_back_brings_every_row_time_stamp_and_number(company, new_address):
    gone = create_record(CUSTOMER, {"name": "gone"}, actor=system_actor(), at=AT)
    run = Run.objects.create(kind="y", actor_label="x", created_at=AT, due_at=AT)
    there, back = new_address
    wanted = state(without=())
    call_command("move", "--to", there, stdout=StringIO())
    with places.in_place_of_default(database_at(there)):
        assert state(without=()) == wanted
        call_command("move", "--to", back, stdout=StringIO())
    with places.in_place_of_default(database_at(back)):
        assert state(without=()) == wanted
        assert CUSTOMER.model.objects.get(name=CANARY).pk
        assert Run.objects.get(pk=run.pk)
        order = model("customers.Order").objects.get(number="T1")
        assert order.placed_at.microsecond == 123456
        assert check_trail().flaws == []
        after = create_record(CUSTOMER, {"name": "after"}, actor=system_actor(), at=AT)
        assert after.pk == gone.pk + 1
    assert state(without=()) == wanted


def test_i08_a_database_in_use_is_not_overwritten(company, new_address):
    there = new_address[0]
    call_command("move", "--to", there, stdout=StringIO())
    for target, words in ((there, "is not empty"), ("mysql://x/y", "must start with")):
        with pytest.raises(CommandError, match=f"nothing was moved: .*{words}"):
            call_command("move", "--to", target, stdout=StringIO())


# What others stand on -----------------------------------------------------------------------------
@pytest.mark.django_db(transaction=False)
@pytest.mark.parametrize(
    "key",
    ["people.user", "people.department", "people.team", "customers.tag", "surfaces.customfield"],
)
def test_i10_what_others_stand_on_goes_without_taking_anything_along(key):
    """Put away, whatever it is, it leaves every business row as it was, and comes back."""
    company = Founder().found()
    field = {"record_key": CUSTOMER.key, "slug": "hall", "name": "馆号", "kind": "text"}
    make("surfaces.customfield", field)
    tag = make("customers.tag", {"name": "展会"})
    mine = company.of("sales", "own").customer
    values = {"x_hall": "1.50", "tags": [tag.pk]}
    write = {"actor": system_actor(), "at": AT}
    mine.refresh_from_db()
    change_record(CUSTOMER, mine.pk, values, version=mine.version, **write)
    kind = get_record_type(key)
    before = business()
    row = of_use(key, company)
    try:
        archive_record(kind, row.pk, version=row.version, **write)
    except RuleViolation:
        assert business() == before
        return
    assert business() == before
    row.refresh_from_db()
    restore_record(kind, row.pk, version=row.version, **write)
    kept = Listing(CUSTOMER, system_actor(), at=AT).read(mine.pk).values
    assert kept["x_hall"] == "1.50"
    assert [each["label"] for each in kept["tags"]] == ["展会"]
    assert kept["owner"]["label"] == company.users["sales"].name


def make(key, values):
    return create_record(get_record_type(key), values, actor=system_actor(), at=AT)


def business():
    """Every row of business: customers and all that hangs on them."""
    return {
        n: digest
        for n, digest in state().items()
        if n.startswith("customers_") and n != "customers_tag"
    } | {
        "tags of customers": sorted(model("customers.Customer").tags.through.objects.values_list())
    }


def of_use(key, company):
    """A row of this type that a customer of the company stands on."""
    user = company.users["sales"]
    found = {"people.user": user, "people.department": user.department}
    found["people.team"] = user.teams.first()
    return found.get(key) or get_record_type(key).model.objects.latest("pk")


# The way back -------------------------------------------------------------------------------------
def test_i07_after_an_upgrade_the_documented_way_back_brings_the_former_data(company, tmp_path):
    """A newer version has changed the tables; this one refuses them until its backup is back."""
    path, before = back_up(tmp_path), state()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE customers_customer ADD COLUMN newer varchar(9) DEFAULT 'x'")
        cursor.execute("CREATE TABLE customers_newer (id integer)")
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)",
            ["customers", "9999_newer", AT],
        )
    with pytest.raises(CommandError, match="of a newer version"):
        call_command("worker", "--once")
    said = restore(path, "--replace")
    assert "The former database is kept" in said
    assert state() == before
    call_command("worker", "--once")
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
    assert "customers_newer" not in names
    assert check_trail().flaws == []
