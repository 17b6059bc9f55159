"""SQLite under writers: nobody is told that the database is locked, nobody waits for ever (G15)."""

import threading
import time

import pytest
from django.db import connection, connections

from tests.concurrency.crowd import crowd
from tests.fixtures.company import AT, model

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WRITERS, WRITES = 30, 10


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a lock of SQLite's own")
def test_g15_thirty_writers_beside_a_long_reader():
    from guanxi.kernel.actor import system_actor
    from guanxi.surfaces.records import get_record_type
    from guanxi.surfaces.services import create_record

    kind, waits = get_record_type("customers.tag"), []
    reading, seen = threading.Event(), []

    def read_for_long():
        """One read transaction over the whole crowd's work: it sees none of it."""
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT COUNT(*) FROM customers_tag")
            seen.append(cursor.fetchone()[0])
            reading.set()
            stop.wait()
            cursor.execute("SELECT COUNT(*) FROM customers_tag")
            seen.append(cursor.fetchone()[0])
            cursor.execute("COMMIT")
        connections.close_all()

    def write(number: int):
        for turn in range(WRITES):
            start = time.monotonic()
            create_record(kind, {"name": f"{number}-{turn}"}, actor=system_actor(), at=AT)
            waits.append(time.monotonic() - start)

    stop = threading.Event()
    reader = threading.Thread(target=read_for_long)
    reader.start()
    assert reading.wait(10)
    errors = crowd(WRITERS, write)
    stop.set()
    reader.join()
    assert errors == []
    assert model("customers.Tag").objects.count() == WRITERS * WRITES
    assert seen == [0, 0]
    assert sorted(waits)[int(len(waits) * 0.99)] < 10


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a lock of SQLite's own")
def test_who_waits_goes_before_the_next_part_of_long_work():
    """An import writes part after part; a page that wants to write waits for one of them only."""
    from django.db import transaction

    from guanxi.kernel.db.sqlite3.waiting import give_way

    tags, parts = model("customers.Tag").objects, []
    tag = tags.create(name="long", created_at=AT, updated_at=AT)
    begun = threading.Event()

    def work_long():
        for number in range(40):
            with transaction.atomic():
                tags.filter(pk=tag.pk).update(name=f"long {number}")
                begun.set()
                time.sleep(0.05)
            parts.append(number)
            give_way()
        connections.close_all()

    worker = threading.Thread(target=work_long)
    worker.start()
    assert begun.wait(10)
    passed = []
    for turn in range(8):
        before = len(parts)
        tags.create(name=f"short {turn}", created_at=AT, updated_at=AT)
        passed.append(len(parts) - before)
    worker.join()
    assert len(parts) == 40
    assert max(passed) <= 2, passed
