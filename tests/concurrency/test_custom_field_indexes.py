"""A custom field is added, renamed, archived while others read and write its records (K11)."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import pytest
from django.db import connection, connections, transaction

from guanxi.kernel.actor import system_actor
from guanxi.surfaces import value_indexes
from guanxi.surfaces.models import CustomField
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import archive_record, create_record, restore_record
from guanxi.surfaces.value_indexes import State, bring_in_step, standing, state_of
from tests.fixtures.company import AT, model

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SYSTEM = system_actor()
FIELD, CUSTOMER = get_record_type("surfaces.customfield"), get_record_type("customers.customer")
IS_POSTGRESQL = connection.vendor == "postgresql"


def define(slug: str, kind: str = "integer") -> CustomField:
    """A custom field of customers, as the service makes it."""
    values = {"name": slug, "slug": slug, "record_key": CUSTOMER.key, "kind": kind}
    return create_record(FIELD, values, actor=SYSTEM, at=AT)


def customers(count: int) -> list[int]:
    """Customers to read and to write."""
    values = [{"name": f"甲 {n}"} for n in range(count)]
    return [create_record(CUSTOMER, each, actor=SYSTEM, at=AT).pk for each in values]


@contextmanager
def reading() -> Iterator[None]:
    """Somebody reads the customers in one long transaction."""
    begun, ended = threading.Event(), threading.Event()

    def read() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ" if IS_POSTGRESQL else "BEGIN")
            cursor.execute("SELECT count(*) FROM customers_customer")
            cursor.fetchone()
            begun.set()
            ended.wait(60)
            cursor.execute("ROLLBACK")
        connections.close_all()

    thread = threading.Thread(target=read)
    thread.start()
    assert begun.wait(30)
    try:
        yield
    finally:
        ended.set()
        thread.join()


class Writing:
    """Somebody changes customers one after the other, and notes how long the slowest took."""

    def __init__(self, pks: list[int]) -> None:
        self.pks, self.done, self.slowest = pks, 0, 0.0
        self._ended = threading.Event()

    def _write(self) -> None:
        rows = model("customers.Customer").objects
        while not self._ended.is_set():
            began = time.monotonic()
            rows.filter(pk=self.pks[self.done % len(self.pks)]).update(focus=str(self.done))
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.done += 1
            time.sleep(0.002)
        connections.close_all()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._write)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def goes_on(self) -> None:
        """Wait for some more of its writes."""
        wanted, end = self.done + 5, time.monotonic() + 30
        while self.done < wanted:
            assert time.monotonic() < end
            time.sleep(0.005)


def locks_on_customers() -> set[str]:
    """The locks that this transaction holds on the table of customers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() AND granted "
            "AND relation = 'customers_customer'::regclass"
        )
        return {mode for (mode,) in cursor.fetchall()}


def test_k11_defining_a_field_takes_no_lock_on_the_records(callers):
    """Through the API: added, renamed, archived, while one reads for long and one writes."""
    pks = customers(5)
    admin = callers("administrator")
    body = {"name": "面积", "slug": "area", "record_key": CUSTOMER.key, "kind": "integer"}
    with reading(), Writing(pks) as writing:
        for act in (
            lambda: admin.post("custom-fields/", body),
            lambda: admin.patch(f"custom-fields/{pk()}/", {"name": "仓库面积"}, 1),
            lambda: admin.post(f"custom-fields/{pk()}/archive/", {}, version=2),
        ):
            writing.goes_on()
            began = time.monotonic()
            with transaction.atomic():
                answer = act()
                assert answer.status_code in {200, 201}, answer.content
                # Whatever the request locked, its transaction holds until here.
                assert not IS_POSTGRESQL or locks_on_customers() <= {"AccessShareLock"}
            assert time.monotonic() - began < 10
            writing.goes_on()
        assert writing.slowest < 10
    assert CustomField.objects.get().archived_at


def pk() -> int:
    """The one field that there is."""
    return CustomField.objects.get().pk


def test_an_index_follows_its_field_through_its_life():
    row = define("area")
    define("remark", "longtext")
    assert state_of(row) is State.WAITING
    assert bring_in_step() == [f"custom_value_{row.pk}"]
    assert (state_of(row), bring_in_step()) == (State.READY, [])
    archive_record(FIELD, row.pk, version=1, actor=SYSTEM, at=AT)
    assert bring_in_step() == [f"custom_value_{row.pk}"]
    assert standing() == {}
    restore_record(FIELD, row.pk, version=2, actor=SYSTEM, at=AT)
    assert bring_in_step() == [f"custom_value_{row.pk}"]
    with connection.cursor() as cursor:  # as a migration that makes the table anew on SQLite
        cursor.execute(f"DROP INDEX custom_value_{row.pk}")
    assert state_of(row) is State.WAITING
    assert bring_in_step() == [f"custom_value_{row.pk}"]


def test_an_index_is_built_while_others_write():
    pks = customers(100)
    row = define("area")
    model("customers.Customer").objects.update(custom={"area": 7})
    with Writing(pks) as writing:
        writing.goes_on()
        assert bring_in_step() == [f"custom_value_{row.pk}"]
        writing.goes_on()
        assert writing.slowest < 10
    assert state_of(row) is State.READY


if IS_POSTGRESQL:

    def test_an_index_that_a_long_transaction_holds_up_is_tried_again(monkeypatch):
        """It waits a while, holds up nobody, leaves a broken one, and is made anew."""
        monkeypatch.setattr(value_indexes, "WAIT", "300ms")
        pks = customers(20)
        row = define("area")
        with reading(), Writing(pks) as writing:
            assert bring_in_step() == []
            assert state_of(row) is State.BUILDING
            writing.goes_on()
            assert writing.slowest < 10
        assert bring_in_step() == [f"custom_value_{row.pk}"] * 2
        assert state_of(row) is State.READY

    def test_two_workers_build_an_index_once():
        define("area")
        with value_indexes._alone() as is_mine:
            assert is_mine
            found: list[list[str]] = []
            other = threading.Thread(
                target=lambda: (found.append(bring_in_step()), connections.close_all())
            )
            other.start()
            other.join()
            assert found == [[]]
        assert len(bring_in_step()) == 1
