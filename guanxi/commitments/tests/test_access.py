"""Who sees which commitment: who owes it, who asked for it, who looks after its customer."""

import pytest

from guanxi.commitments.queries import waiting
from guanxi.commitments.tests.factories import promise, todo

pytestmark = pytest.mark.django_db


def seen(company, name):
    return set(waiting(company.actor(name)).values_list("pk", flat=True))


def test_a_promise_is_seen_by_whoever_owes_it_asked_for_it_or_has_the_customer(company):
    customer = company.of("sales", "own").customer
    owner = company.users["stranger"].pk  # the technical side, in another department (COM-5)
    given = promise(company.actor("sales"), customer, owner=owner)
    for name in ("sales", "stranger", "head", "senior_agent", "administrator"):
        assert given.pk in seen(company, name), name
    for name in ("colleague", "junior_agent", "hr", "auditor"):
        assert given.pk not in seen(company, name), name


def test_a_to_do_without_a_customer_is_seen_in_its_owner_s_line(company):
    given = todo(company.actor("below"))
    assert {n for n in company.users if given.pk in seen(company, n)} == {
        "below", "head", "quality", "administrator",
    }  # fmt: skip


def test_a_reach_covers_what_the_narrower_one_covers(company):
    for name in company.users:
        actor = company.actor(name)
        if actor.can("commitments.create"):
            todo(actor)
    assert seen(company, "sales") < seen(company, "head") < seen(company, "administrator")
