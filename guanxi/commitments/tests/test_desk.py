"""Today: what the person owes and, for a head, what the people of the department owe."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guanxi.commitments import services
from guanxi.commitments.tests.factories import promise, todo

pytestmark = pytest.mark.django_db


def page(client, query=""):
    return client.get(f"/{query}").content.decode()


def test_one_s_own_soonest_first_until_it_is_done(company, enter):
    sales, at = company.actor("sales"), timezone.now()
    later = todo(sales, title="later", due_at=at + timedelta(days=2))
    late = todo(sales, title="late", due_at=at - timedelta(days=2))
    todo(company.actor("colleague"), title="foreign")
    shown = page(enter("sales"))
    assert shown.index(f"/commitments/{late.pk}/") < shown.index(f"/commitments/{later.pk}/")
    assert "1 项超时" in shown
    assert "foreign" not in shown
    services.complete_commitment(late.pk, actor=sales, at=at)
    assert f"/commitments/{late.pk}/" not in page(enter("sales")).partition("最近查看")[0]


def test_a_head_sees_the_department_or_their_own_as_they_like(company, enter):
    mine = todo(company.actor("head"), title="of the head")
    theirs = todo(company.actor("below"), title="of the branch")
    foreign = todo(company.actor("stranger"), title="of another department")
    client = enter("head")
    wide = page(client)
    assert [c.title in wide for c in (mine, theirs, foreign)] == [True, True, False]
    own = page(client, "?of=mine")
    assert [c.title in own for c in (mine, theirs, foreign)] == [True, False, False]
    assert theirs.title not in page(client)  # as chosen before
    assert theirs.title in page(client, "?of=department")


def test_who_oversees_nobody_has_no_choice(company, enter):
    todo(company.actor("colleague"), title="foreign")
    shown = page(enter("sales"), "?of=department")
    assert "of=department" not in shown
    assert "foreign" not in shown


def test_done_from_the_desk_comes_back_to_the_desk(company, enter):
    given = todo(company.actor("sales"))
    answer = enter("sales").post(f"/commitments/{given.pk}/complete/", {"back": "/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    given.refresh_from_db()
    assert given.state == "closed"


def test_the_desk_costs_the_same_for_few_and_for_many(company, enter):
    client, actor = enter("head"), company.actor("below")
    spent = []
    for _round in range(2):
        for _n in range(6):
            promise(actor, company.belongings["below"].customer)
            todo(actor)
        page(client)
        with CaptureQueriesContext(connection) as queries:
            page(client)
        spent.append(len(queries))
    assert spent[0] == spent[1]


def test_customers_that_lack_what_their_stage_asks_for_are_named(company, enter):
    customer = company.of("sales", "own").customer
    type(customer).objects.filter(pk=customer.pk).update(stage="growth")
    shown = page(enter("sales"))
    assert "资料待补" in shown
    assert f"/customers/{customer.pk}/edit/" in shown
