"""How the databases find what waits on the desk of a head of two hundred people."""

from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from guanxi.commitments import queries
from guanxi.kernel.db.rows import insert_rows
from tests.fixtures.company import PASSWORD, Founder, model, stamps
from tests.performance.test_plans import Plans

LARGE = {"commitments_commitment"}  # the other tables are small enough to be read
OPEN = 20_000
PEOPLE = 200
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def busy(django_db_setup, django_db_blocker):
    """The small company, its head's department grown large, with much that is open."""
    with django_db_blocker.unblock(), transaction.atomic():
        company = Founder().found()
        colleagues = [_person(n, company.departments["east"]) for n in range(PEOPLE)]
        people = model("people.User").objects.bulk_create(colleagues)
        commitment, owners = model("commitments.Commitment"), cycle(people)
        due = (timezone.now() + timedelta(minutes=n - OPEN // 10) for n in range(OPEN))
        rows = [
            commitment(
                title="x", owner=owner, due_at=when, open_until=when, first_due_at=when, **stamps()
            )
            for when, owner in zip(due, owners, strict=False)
        ]
        insert_rows(rows)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield company
        transaction.set_rollback(True)
    connection.close()


@contextmanager
def plans():
    found = Plans(LARGE)
    with connection.execute_wrapper(found.note):
        yield
    assert found.statements
    assert found.whole_tables() == []


def _person(number, department):
    name = f"busy{number}"
    return model("people.User")(
        username=name, username_skeleton=name, name=name, name_sort=name, department=department,
        **stamps(),
    )  # fmt: skip


def test_what_the_department_owes_is_found_by_an_index(busy):
    head = busy.actor("head")
    with plans():
        found = queries.as_waiting(queries.of_department(head), 10)
        assert queries.count_late(queries.of_department(head), timezone.now()) == "1,000+"
    assert [each.due_at for each in found] == sorted(each.due_at for each in found)
    assert len(found) == 10


def test_what_one_owes_oneself_is_found_by_an_index(busy):
    head = busy.actor("head")
    with plans():
        assert queries.as_waiting(queries.of_mine(head), 10) == []
        assert queries.count_late(queries.of_mine(head), timezone.now()) == ""


@pytest.mark.parametrize("of", ["mine", "department"])
def test_the_desk_of_a_head_reads_no_table_of_what_is_open(busy, of):
    client = Client()
    client.post("/accounts/login/", {"login": "head", "password": PASSWORD})
    with plans():
        assert client.get(f"/?of={of}").status_code == 200
