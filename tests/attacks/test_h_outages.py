"""H. Disk full, database locked, read-only or away, power cut, clocks that jump."""

import contextlib
import http.client
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from guanxi.kernel import chores, jobs, outbox
from guanxi.kernel.db import places
from guanxi.kernel.db.sqlite3 import base as own_sqlite
from guanxi.kernel.models import Delivery, Event, Heartbeat, Run
from tests.crash.load import Caller as Program
from tests.crash.product import product
from tests.fixtures.company import AT, model

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
ON_SQLITE = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's own files")
DAY = timedelta(days=1)


@contextlib.contextmanager
def no_file_beyond(size: int):
    """The kernel refuses this process to make any file longer, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def contents() -> tuple:
    """What must not change without the other: customers and their trail."""
    customers = model("customers.Customer").objects.order_by("pk")
    return list(customers.values_list("pk", "version", "focus")), Event.objects.count()


# H11 ----------------------------------------------------------------------------------------------
@ON_SQLITE
def test_h11_a_full_disk_refuses_clearly_reads_go_on_and_it_heals_by_itself(
    company, callers, enter
):
    program, admin = callers("administrator"), enter("administrator")
    own = company.of("administrator", "own").customer
    admin.get(f"/customers/{own.pk}/")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = contents()
    with no_file_beyond(4096):
        for number in range(3):
            answer = program.post("customers/", {"name": f"云岭 {number}"}, once=f"full-{number}")
            assert (answer.status_code, answer.json()["code"]) == (503, "disk_full")
            assert answer["Retry-After"]
            assert "disk is full" in answer.json()["detail"]
        answer = program.patch(f"customers/{own.pk}/", {"focus": "x"}, 1)
        assert answer.status_code == 503
        page = admin.post(
            f"/customers/{own.pk}/edit/", {"version": 1, "_fields": "focus", "focus": "x"}
        )
        assert page.status_code == 503
        assert "磁盘已满" in page.content.decode()
        assert program.get("customers/").status_code == 200
        assert admin.get("/customers/").status_code == 200
        # What is personal is shown to nobody while the look cannot be written down (SEC-3).
        assert program.get(f"customers/{own.pk}/").status_code == 503
        assert contents() == before
    answer = program.post("customers/", {"name": "云岭 0"}, once="full-0")
    assert (answer.status_code, answer["Idempotency-Replayed"]) == (201, "false")
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_h11_an_upload_that_does_not_fit_leaves_nothing(company, enter, settings, tmp_path):
    settings.FILES_DIR, settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "files", tmp_path
    admin, own = enter("administrator"), company.of("administrator", "own").customer
    before = model("customers.Attachment").objects.count()
    content = b"plain text\n" * 30_000

    def upload():
        filed = {"kind": "other", "year": "2026", "title": "记录"}
        filed["file"] = SimpleUploadedFile("记录.txt", content)
        return admin.post(f"/customers/{own.pk}/files/new/", filed)

    admin.get(f"/customers/{own.pk}/files/new/")
    with no_file_beyond(200_000):
        assert upload().status_code == 503
    assert [p for p in (tmp_path / "files").rglob("*") if p.is_file()] == []
    assert model("customers.Attachment").objects.count() == before
    assert upload().status_code == 302


# H12 ----------------------------------------------------------------------------------------------
@ON_SQLITE
def test_h12_a_database_locked_by_another_program_is_said_and_heals(company, callers, monkeypatch):
    monkeypatch.setattr(own_sqlite, "WAIT_SECONDS", 0.3)
    program, before = callers("administrator"), contents()
    name = connection.settings_dict["NAME"]
    with contextlib.closing(sqlite3.connect(name, isolation_level=None)) as foreign:
        foreign.execute("BEGIN EXCLUSIVE")
        answer = program.post("customers/", {"name": "云岭"})
        assert (answer.status_code, answer.json()["code"]) == (503, "locked")
        assert program.get("customers/").status_code == 200
    assert contents() == before
    assert program.post("customers/", {"name": "云岭"}).status_code == 201


@ON_SQLITE
def test_h12_a_volume_that_cannot_be_written_is_said_and_read(company, callers, other_databases):
    program = callers("administrator")
    here = places.settings_of_default()
    options = {**here["OPTIONS"], "init_command": "PRAGMA query_only=ON"}
    with places.in_place_of_default({**here, "OPTIONS": options}):
        answer = program.post("customers/", {"name": "云岭"})
        assert (answer.status_code, answer.json()["code"]) == (503, "read_only")
        assert program.get("customers/").status_code == 200
    assert program.post("customers/", {"name": "云岭"}).status_code == 201


# H13 ----------------------------------------------------------------------------------------------
def test_h13_a_clock_that_jumped_ahead_and_back_skips_and_doubles_no_chore(monkeypatch):
    done: list = []
    monkeypatch.setattr(chores, "_chores", {})
    chores.chore("note", every=timedelta(hours=1))(done.append)
    times = [AT, AT + DAY, AT + timedelta(minutes=1), AT + timedelta(minutes=30)]
    times += [AT + timedelta(minutes=62), AT + timedelta(minutes=61)]
    for at in times:
        chores.do_due(at=at)
    assert done == [AT, AT + DAY, AT + timedelta(minutes=1), AT + timedelta(minutes=62)]


def test_h13_what_was_put_off_by_a_day_is_brought_near():
    event = Event.objects.create(kind="x", subject_type="x", at=AT)
    for name, more in (
        ("due", {"state": "due"}),
        ("leased", {"state": "leased", "lease_until": AT + DAY}),
    ):
        Delivery.objects.create(event=event, consumer=name, due_at=AT + DAY, **more)
    common = {"kind": "x", "actor_label": "x", "created_at": AT}
    Run.objects.create(due_at=AT + DAY, **common)
    Run.objects.create(due_at=AT, state="running", lease_until=AT + DAY, **common)
    Run.objects.create(due_at=AT, state="running", lease_until=AT + jobs.LEASE, **common)
    assert chores.pull_back(AT) == 4
    assert not Delivery.objects.filter(due_at__gt=AT).exists()
    assert Run.objects.filter(lease_until=AT + jobs.LEASE).count() == 1
    assert outbox.deliver_due(at=AT + timedelta(seconds=1)) == 2
    assert Heartbeat.objects.count() == 0


# H17 ----------------------------------------------------------------------------------------------
#: Writes customers through the services; says each with the length of the log that is on disk.
WRITER = """
import os, sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = name = sys.argv[1]
django.setup()
from django.db import connection
from django.utils import timezone
from guanxi.kernel.actor import system_actor
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record
connection.cursor().execute("PRAGMA wal_autocheckpoint=0")
while True:
    made = create_record(get_record_type("customers.customer"), {"name": "电"},
                         actor=system_actor(), at=timezone.now())
    print(made.pk, os.stat(name + "-wal").st_size, flush=True)
"""


@ON_SQLITE
def test_h17_after_a_power_cut_everything_acknowledged_is_there(company, tmp_path):
    """The log is cut, or filled with rubbish, anywhere behind the last acknowledged byte."""
    name, dice = str(connection.settings_dict["NAME"]), random.Random(17)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, name], cwd=ROOT, env=environment,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        said: list[tuple[int, int]] = []
        for cut in range(12):
            for _ in range(dice.randrange(1, 12)):
                pk, length = writer.stdout.readline().split()
                said.append((int(pk), int(length)))
            time.sleep(dice.uniform(0, 0.02))
            image = tmp_path / f"image{cut}"
            shutil.copyfile(name, image)
            shutil.copyfile(name + "-wal", f"{image}-wal")
            spoil(Path(f"{image}-wal"), said[-1][1], dice)
            assert missing(image, [pk for pk, _ in said]) == set()
    finally:
        writer.kill()
        writer.communicate()


def spoil(log: Path, durable: int, dice: random.Random) -> None:
    """What had not been forced to the disk may be there, half there, or anything."""
    content = log.read_bytes()
    tail = content[durable:]
    keep = tail[: dice.randrange(len(tail) + 1)]
    rubbish = dice.randbytes(dice.randrange(5000)) if dice.random() < 0.5 else b""
    log.write_bytes(content[:durable] + keep + rubbish)


def missing(image: Path, acknowledged: list[int]) -> set[int]:
    """Open the image as after a power cut; what is not in it."""
    database = sqlite3.connect(image)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    there = {pk for (pk,) in database.execute("SELECT id FROM customers_customer")}
    trail = database.execute("SELECT count(*) FROM kernel_event WHERE kind = 'record.created'")
    made = database.execute("SELECT count(*) FROM customers_customer WHERE name = '电'")
    assert trail.fetchone() == made.fetchone()
    database.close()
    return set(acknowledged) - there


# H09, L04 -----------------------------------------------------------------------------------------
@pytest.mark.once
@pytest.mark.server
@pytest.mark.xdist_group("crash")
def test_h09_l04_the_database_goes_and_comes_and_idle_sockets_hold_up_nobody(tmp_path):
    """503 with Retry-After at once, back within ten seconds; five hundred sockets say nothing."""
    with product(tmp_path, postgresql=True) as (made, key):
        program = Program(made.ports[:1], key)
        assert program.send("GET", "me/").status == 200
        made.parts["database"].kill()
        start = time.monotonic()
        answer = program.once("POST", "customers/", {"name": "云岭"})
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert time.monotonic() - start < 8
        made.cluster.start()
        start = time.monotonic()
        assert program.send("POST", "customers/", {"name": "云岭"}).status == 201
        assert time.monotonic() - start < 10
        with idle_sockets(made.ports[0], 500):
            start = time.monotonic()
            for _ in range(10):
                other = Program(made.ports[:1], key)
                assert other.once("GET", "customers/").status == 200
                other.close()
            assert time.monotonic() - start < 10
        program.close()


@contextlib.contextmanager
def idle_sockets(port: int, count: int):
    """Connections that send a part of a request and then nothing; some read an answer slowly."""
    opened = []
    try:
        for number in range(count):
            one = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            one.connect()
            begin = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            one.sock.sendall(begin + (b"\r\n" if number % 10 == 0 else b"X-Slow: "))
            opened.append(one)
        yield
    finally:
        for one in opened:
            one.close()


# L10 ----------------------------------------------------------------------------------------------
def test_l10_many_strangers_make_no_session_rows(client):
    for _ in range(200):
        for path in ("/", "/customers/", "/accounts/login/", "/api/v1/me/", "/health/"):
            client.cookies.clear()
            client.get(path)
    assert not model("sessions.Session").objects.exists()
    assert timezone.now() > AT
