"""How the databases find the deadlines that are due next, among many of many customers."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from guanxi.deadlines import clock_queries
from guanxi.deadlines.models import Clock
from guanxi.kernel.db.rows import insert_rows
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.records import get_record_type
from tests.fixtures.company import AT, Founder, model, stamps
from tests.performance.test_plans import Plans

CUSTOMERS = 10_000
LARGE = {"customers_customer", "deadlines_clock"}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def busy(django_db_setup, django_db_blocker):
    """The small company with many customers, spread over its people; each has two deadlines."""
    with django_db_blocker.unblock(), transaction.atomic():
        company = Founder().found()
        people, customer = list(company.users.values()), model("customers.Customer")
        insert_rows(
            [
                customer(
                    number=f"L{n:08}", name=f"客户{n}", name_sort=f"{n:08}", owner=owner,
                    department_id=owner.department_id, **stamps(),
                )
                for n in range(CUSTOMERS)
                for owner in [people[n % len(people)]]
            ]
        )  # fmt: skip
        facts = {"record_key": "customers.customer", "kind": "customers.enter", "started_at": AT}
        due, rows = timezone.now(), customer._base_manager.order_by("pk")
        insert_rows(
            [
                Clock(
                    object_id=pk, owner_id=owner, phase=phase, key=phase, subject_label=f"客户{pk}",
                    due_at=due + timedelta(minutes=number), **facts,
                )
                for number, (pk, owner) in enumerate(rows.values_list("pk", "owner_id"))
                for phase in ("running", "stopped")
            ]
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            if connection.vendor == "postgresql":  # as on a disk without a head
                cursor.execute("SET random_page_cost = 1.1")
        yield company
        transaction.set_rollback(True)
    connection.close()


@contextmanager
def plans():
    found = Plans(LARGE)
    with connection.execute_wrapper(found.note):
        yield found
    assert found.statements
    assert found.whole_tables() == []


@pytest.mark.parametrize("name", ["sales", "senior_agent", "head", "administrator"])
@pytest.mark.parametrize("is_mine", [False, True], ids=["all", "mine"])
def test_what_is_due_next_is_found_by_an_index(busy, name, is_mine):
    """The first page of the queue, and the one after it, as the page asks for them."""
    actor = busy.actor(name)
    with plans():
        page = clock_queries.list_due(actor, AT, is_mine=is_mine)
    with plans():
        following = clock_queries.list_due(actor, AT, is_mine=is_mine, after=page.next_cursor)
    dues = [row.values["due_at"] for row in (*page.rows, *following.rows)]
    assert dues == sorted(dues)
    assert len(dues) == 100
    found = clock_queries.get_in_order([row.pk for row in page.rows])
    assert {clock.phase for clock in found} == {"running"}
    assert clock_queries.of_seen_records(found, actor) == found


def test_each_record_is_asked_for_by_its_own_id(busy):
    """Not every record in sight before the first deadline is shown."""
    with plans() as found:
        clock_queries.list_due(busy.actor("head"), AT, is_mine=False)
    (asked,) = [each for each in found.statements if 'FROM "deadlines_clock"' in each[0]]
    assert '"object_id" IN' not in asked[0]
    assert "clock_next_due" in asked[1]


@pytest.mark.parametrize("name", ["sales", "head", "administrator"])
def test_the_list_of_deadlines_begins_with_those_that_have_not_ended(busy, name):
    """As `/clocks/` opens: by the index of these alone, however many have ended (PLT-3)."""
    kind = get_record_type("deadlines.clock")
    (first,) = [tab for tab in kind.tabs if tab.is_first]
    listing = Listing(kind, busy.actor(name), at=AT)
    with plans() as found:
        page = listing.page(ListRequest.from_query({"view": "", **first.params}))
    asked = [plan for sql, plan in found.statements if 'FROM "deadlines_clock"' in sql]
    assert "clock_next_due" in asked[0]
    assert {row.values["phase"] for row in page.rows} == {"running"}
    assert len(page.rows) == 50
    with plans():
        listing.page(ListRequest.from_query({**first.params, "after": page.next_cursor}))


def test_all_deadlines_are_listed_in_the_order_in_which_they_began(busy):
    """Those that have ended, too: the newest first, which needs no sorting."""
    listing = Listing(get_record_type("deadlines.clock"), busy.actor("administrator"), at=AT)
    found = Plans(LARGE)
    with connection.execute_wrapper(found.note):
        page = listing.page(ListRequest.from_query({}))
    assert {row.values["phase"] for row in page.rows} == {"running", "stopped"}
    for _sql, plan in found.statements:
        assert "TEMP B-TREE" not in plan
        assert '"Sort"' not in plan
