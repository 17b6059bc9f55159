"""The company that a test begins with is the company that was founded, row for row."""

import pytest
from django.db import connection, transaction

from tests.fixtures.company import AT, FOUNDING, Founder, model, stamps
from tests.fixtures.founding import Founding, read, tables

pytestmark = pytest.mark.django_db


def all_rows():
    if connection.vendor == "postgresql":
        return {table: sorted(read(table).splitlines()) for table in tables()}
    return {table: read(table) for table in tables()}


def tried_out(founding):
    """Found once, keep what there was to see, take it back."""
    with transaction.atomic():
        found = founding.again(), all_rows()
        transaction.set_rollback(True)
    return found


def test_what_is_repeated_is_what_was_founded():
    founding = Founding(lambda: Founder().found())
    first, rows = tried_out(founding)
    again = founding.again()
    assert founding.rows
    assert all_rows() == rows
    assert again is not first
    assert again.users["sales"] == first.users["sales"]
    assert again.actor("sales") == first.actor("sales")


def test_new_rows_get_new_numbers():
    tried_out(FOUNDING)
    company = FOUNDING.again()
    made = model("people.Team").objects.create(
        name="new", department=company.departments["east"], **stamps(AT)
    )
    assert made.pk not in {team.pk for team in company.teams.values()}


def test_beside_rows_of_the_test_s_own_it_is_founded_anew():
    repeated, _rows = tried_out(FOUNDING)
    pk = repeated.departments["hq"].pk
    own = model("people.Department").objects.create(pk=pk, name="own", path="/own/", **stamps(AT))
    company = FOUNDING.again()
    own.refresh_from_db()
    assert own.name == "own"
    assert pk not in {department.pk for department in company.departments.values()}
