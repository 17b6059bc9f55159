"""Whatever moves a customer's version tells in its event which fields moved with it (G01).

Edits of two people are merged by that: a field that moved untold would be taken back unseen.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from guanxi.customers import services
from guanxi.customers.duplicates.services.merging import Merging, merge_customers
from guanxi.customers.models import Customer
from guanxi.customers.pools import services as pools
from guanxi.customers.pools.services import releasing
from guanxi.customers.pools.tests import factories as made
from guanxi.customers.tests.factories import SYSTEM
from guanxi.kernel.errors import StaleVersion
from guanxi.kernel.jobs import execute_due
from guanxi.kernel.values import to_json
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import (
    archive_record,
    change_record,
    create_record,
    restore_record,
)
from guanxi.surfaces.services.many import Change, archive_many, change_many, write_for
from guanxi.surfaces.services.reconciling import read_meanwhile

pytestmark = pytest.mark.django_db
KIND = get_record_type("customers.customer")


class Look:
    """A customer as it was when somebody opened its form."""

    def __init__(self, customer):
        self.pk = customer.pk
        self.version, self.values = self.now()

    def now(self):
        row = Customer.objects.get(pk=self.pk)
        fields = {n: f for n, f in KIND.all_fields().items() if not f.readonly}
        return row.version, {n: f.read(row) for n, f in fields.items()}

    def is_told(self, *expected):
        """The version moved, and every field that differs is named; these are among them."""
        version, values = self.now()
        assert version > self.version
        moved = {n for n, value in values.items() if value != self.values[n]}
        assert moved >= set(expected)
        found = read_meanwhile(KIND, Customer.objects.get(pk=self.pk), self.version)
        assert found.is_whole
        assert found.touches.keys() >= moved
        assert {n: found.touches[n].base for n in moved} == {
            n: to_json(self.values[n]) for n in moved
        }
        self.version, self.values = version, values


@pytest.fixture
def customer(company):
    return company.of("sales", "own").customer


def test_a_new_owner_and_the_department_that_follows(company, customer):
    look, stranger = Look(customer), company.users["stranger"]
    change_record(
        KIND, customer.pk, {"owner": stranger.pk}, version=1, actor=SYSTEM, at=timezone.now()
    )
    look.is_told("owner", "department")


def test_a_transfer(company, customer):
    look, to = Look(customer), company.users["stranger"].pk
    services.transfer_customer(
        customer.pk, to_user=to, reason="", version=1, actor=SYSTEM, at=timezone.now()
    )
    look.is_told("owner", "department")


def test_into_a_pool_and_out_of_it(company, customer):
    at, stranger = timezone.now(), company.users["stranger"]
    pool, look = made.opened(company), Look(customer)
    made.put(customer, pool)
    look.is_told("owner")
    pools.claim_customer(customer.pk, actor=company.actor("stranger"), at=at)
    look.is_told("owner", "department")
    made.put(customer, pool)
    look.is_told("owner")
    pools.assign_customer(customer.pk, to_user=stranger.pk, actor=SYSTEM, at=at)
    look.is_told("owner")


def test_a_release_by_the_rules_and_its_return(company, customer):
    at = timezone.now()
    long_ago = at - timedelta(days=100)
    Customer.objects.update(owned_since=long_ago, last_contact_at=long_ago)
    condition = {"all": [{"field": "tier", "op": "in", "value": ["ordinary", "core"]}]}
    made.rule(made.opened(company), condition=condition, days=30, warn_days=0, is_on=True)
    look = Look(customer)
    batch = releasing.begin_night(at.date(), actor=SYSTEM, at=at)
    releasing.recycle(batch, lambda _n: None, actor=SYSTEM, at=at)
    look.is_told("owner")
    releasing.give_back(batch, lambda _n: None, actor=SYSTEM, at=at)
    look.is_told("owner")


def test_protection_and_lock(customer):
    look, at = Look(customer), timezone.now()
    until = at + timedelta(days=1)
    pools.protect_customer(customer.pk, until=until, actor=SYSTEM, at=at)
    pools.lock_customer(customer.pk, until=until, actor=SYSTEM, at=at)
    look.is_told()


def test_a_hand_over_and_its_return(company, customer):
    look, at = Look(customer), timezone.now()
    given = {"person": company.users["sales"].pk, "receivers": [company.users["stranger"].pk],
             "reason": "离职"}  # fmt: skip
    kind, head = get_record_type("customers.handover"), company.actor("administrator")
    hand_over = create_record(kind, given, actor=head, at=at)
    for act in (pools.start_hand_over, pools.undo_hand_over):
        act(hand_over.pk, actor=head, at=at)
        while execute_due(at=timezone.now()):
            pass
        look.is_told("owner", "department")


def test_a_talk_that_says_when_to_call_next(customer):
    look, at = Look(customer), timezone.now()
    values = {"customer": customer.pk, "content": "谈好了", "next_contact_at": at}
    create_record(get_record_type("customers.interaction"), values, actor=SYSTEM, at=at)
    look.is_told("next_contact_at")


def test_out_of_daily_lists_and_back_one_by_one_and_many(customer):
    look, at = Look(customer), timezone.now()
    archive_record(KIND, customer.pk, version=1, actor=SYSTEM, at=at)
    restore_record(KIND, customer.pk, version=2, actor=SYSTEM, at=at)
    look.is_told()
    write = write_for(KIND, KIND.all_fields(), actor=SYSTEM, at=at)
    archive_many(write, [Customer.objects.get(pk=customer.pk)])
    look.is_told()
    row = Customer.objects.get(pk=customer.pk)
    change_many(write, [Change(row, {"city": (row.city, "上海")})])
    look.is_told("city")


def test_a_merge_of_customers_is_compared_by_hand(company, customer):
    """Tags, contacts and orders moved with it: nobody can say of one field that it did not."""
    other = company.of("sales", "team").customer
    asked = Merging(customer.pk, other.pk, customer.version, other.version, {})
    merge_customers(asked, actor=SYSTEM, at=timezone.now())
    with pytest.raises(StaleVersion) as refused:
        change_record(
            KIND, customer.pk, {"city": "上海"}, version=1, actor=SYSTEM, at=timezone.now()
        )
    assert not refused.value.differences[0].is_base_known
