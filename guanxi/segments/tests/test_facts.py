"""Facts follow the operational database: what changed, what was taken back, what left no mark."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest

from guanxi.customers.models import Interaction, Order
from guanxi.segments.engine import facts
from guanxi.segments.engine.warehouse import Warehouse
from guanxi.segments.services.computing import open_warehouse
from guanxi.segments.tests.factories import AT, make_customer, sell
from tests.fixtures.company import stamps

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path):
    return tmp_path / "facts.duckdb"


def refreshed(path) -> tuple[int, list]:
    with Warehouse(path, "Asia/Shanghai") as warehouse:
        read = facts.refresh(warehouse)
        sql = "SELECT customer, day, amount, is_live FROM orders ORDER BY id"
        return read, warehouse.connection.execute(sql).fetchall()


def test_orders_come_over_by_the_company_day_and_follow_changes(path):
    one, other = make_customer("甲"), make_customer("乙")
    late = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)  # the first of November in Shanghai
    first = sell(one, date(2026, 10, 1), 100)
    second = sell(other, date(2026, 10, 1), -250, placed_at=late)
    cancelled = sell(one, date(2026, 10, 2), 70, status="cancelled")
    assert refreshed(path)[1] == [
        (one.pk, date(2026, 10, 1), 100, True),
        (other.pk, date(2026, 11, 1), -250, True),
        (one.pk, date(2026, 10, 2), 70, False),
    ]
    Order.objects.filter(pk=first.pk).update(amount_minor=120, updated_at=AT + timedelta(days=1))
    Order.objects.filter(pk=second.pk).update(archived_at=AT, updated_at=AT + timedelta(days=1))
    read, rows = refreshed(path)
    assert rows[0][2] == 120
    assert not rows[1][3]
    assert read in {2, 3}  # within the overlap what was there is read again
    assert cancelled.pk


def test_what_changed_without_a_mark_is_found_by_adding_up(path):
    one, other = make_customer("甲"), make_customer("乙")
    order = sell(one, date(2026, 10, 1), 100)
    refreshed(path)
    Order.objects.filter(pk=order.pk).update(customer=other)  # as a merge moves them
    Order.objects.filter(pk=order.pk).update(updated_at=AT - timedelta(days=9))
    assert [row[0] for row in refreshed(path)[1]] == [other.pk]


def test_a_stop_in_the_middle_leaves_the_facts_as_they_were(path, monkeypatch):
    sell(make_customer("甲"), date(2026, 10, 1), 100)
    refreshed(path)
    sell(make_customer("乙"), date(2026, 10, 2), 300)

    def stop(_done):
        raise KeyboardInterrupt

    with Warehouse(path, "Asia/Shanghai") as warehouse, pytest.raises(KeyboardInterrupt):
        facts.refresh(warehouse, stop)
    with Warehouse(path, "Asia/Shanghai") as warehouse:
        assert warehouse.one("SELECT count(*) FROM orders") == (1,)
    assert len(refreshed(path)[1]) == 2


def test_talks_come_over(path):
    customer = make_customer("甲")
    Interaction.objects.create(customer=customer, occurred_at=AT, content="问候", **stamps(AT))
    with Warehouse(path, "Asia/Shanghai") as warehouse:
        facts.refresh(warehouse)
        assert warehouse.one("SELECT customer, day, is_live FROM talks") == (
            customer.pk, date(2026, 11, 22), True,
        )  # fmt: skip


HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); input()"


def test_whoever_comes_second_waits_until_the_file_is_free(path):
    command = [sys.executable, "-c", HOLD, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout.readline() == "held\n"
        waits = []

        def let_go(done):
            waits.append(done)
            other.communicate("\n")

        with open_warehouse(let_go, path) as warehouse:
            assert warehouse.one("SELECT count(*) FROM orders") == (0,)
    assert waits == [0]
