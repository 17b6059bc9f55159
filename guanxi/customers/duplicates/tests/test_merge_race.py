"""Merge, edit, transfer, a new record and another merge at the same moment (G10)."""

import pytest

from guanxi.customers.duplicates.services.merging import Merging, merge_customers
from guanxi.customers.models import Contact, Customer, Order
from guanxi.customers.services import transfer_customer
from guanxi.customers.tests import factories
from guanxi.customers.tests.factories import AT, SYSTEM
from guanxi.kernel.errors import NotFound, RuleViolation, StaleVersion
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record
from tests.concurrency.crowd import answers

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CUSTOMER = get_record_type("customers.customer")
EXPECTED = (NotFound, StaleVersion, RuleViolation)


def merge(survivor: Customer, loser: Customer):
    asked = Merging(survivor.pk, loser.pk, survivor.version, loser.version, {})
    return merge_customers(asked, actor=SYSTEM, at=AT)


def orphans() -> int:
    gone = Customer.objects.filter(merged_into__isnull=False).values("pk")
    return sum(model.objects.filter(customer__in=gone).count() for model in (Contact, Order))


def test_whoever_comes_first_nothing_is_left_behind(company):
    for turn in range(4):
        one = factories.customer(SYSTEM, f"云澜{turn}甲")
        two = factories.customer(SYSTEM, f"云澜{turn}乙")
        acts = [
            lambda one=one, two=two: merge(one, two),
            lambda one=one, two=two: merge(two, one),
            lambda two=two: factories.order(two),
            lambda two=two: factories.contact(two),
            lambda two=two: change_record(
                CUSTOMER, two.pk, {"city": "上海"}, version=1, actor=SYSTEM, at=AT
            ),
            lambda two=two: transfer_customer(
                two.pk, to_user=company.users["colleague"].pk, reason="x", version=None,
                actor=SYSTEM, at=AT,
            ),
        ]  # fmt: skip
        found = answers(6, lambda number, acts=acts: acts[number]())
        wrong = [f for f in found if isinstance(f, Exception) and not isinstance(f, EXPECTED)]
        assert wrong == []
        assert orphans() == 0
        one, two = Customer.objects.get(pk=one.pk), Customer.objects.get(pk=two.pk)
        assert not (one.merged_into_id and two.merged_into_id)
        assert not isinstance(found[2], Exception)
        assert not isinstance(found[3], Exception)


def test_of_many_merges_of_one_exactly_one_happens(company):
    loser = factories.customer(SYSTEM, "云澜")
    survivors = [factories.customer(SYSTEM, f"云澜{n}") for n in range(6)]
    found = answers(6, lambda number: merge(survivors[number], loser))
    assert sum(not isinstance(f, Exception) for f in found) == 1
    assert all(isinstance(f, NotFound) for f in found if isinstance(f, Exception))
