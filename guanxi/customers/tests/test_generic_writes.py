"""What this domain adds to the generic services: owners, departments, chains, last contacts."""

from datetime import timedelta

import pytest

from guanxi.customers.models import Contact
from guanxi.customers.tests import factories
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record

pytestmark = pytest.mark.django_db


def change(key: str, record, values, actor=factories.SYSTEM):
    record.refresh_from_db()
    kind = get_record_type(f"customers.{key}")
    return change_record(
        kind, record.pk, values, version=record.version, actor=actor, at=factories.AT
    )


def test_a_new_customer_belongs_to_its_creator_and_their_department(company):
    made = factories.customer(company.actor("sales"))
    assert made.owner_id == company.users["sales"].pk
    assert made.department_id == company.departments["east"].pk
    assert made.number.startswith("C")


def test_what_the_system_makes_belongs_to_nobody_unless_it_says_so(company):
    assert factories.customer(factories.SYSTEM).owner_id is None
    owned = factories.customer(factories.SYSTEM, "乙公司", owner=company.users["below"].pk)
    assert owned.department_id == company.departments["shanghai"].pk


def test_with_a_new_owner_the_customer_moves_departments(company):
    customer = factories.customer(company.actor("head"))
    change("customer", customer, {"owner": company.users["below"].pk}, company.actor("head"))
    customer.refresh_from_db()
    assert customer.department_id == company.departments["shanghai"].pk


def test_a_superior_of_another_customer_or_a_loop_is_refused(company):
    customer = factories.customer(factories.SYSTEM)
    boss = factories.contact(customer, "周总")
    below = factories.contact(customer, "李娜", reports_to=boss.pk)
    stranger = factories.contact(factories.customer(factories.SYSTEM, "乙公司"), "外人")
    for record, superior in ((boss, below), (boss, boss), (below, stranger)):
        with pytest.raises(RuleViolation) as refused:
            change("contact", record, {"reports_to": superior.pk})
        assert refused.value.field == "reports_to"
    assert Contact.objects.get(pk=boss.pk).reports_to is None


def test_an_older_talk_does_not_turn_the_last_contact_back():
    customer = factories.customer(factories.SYSTEM)
    factories.talk(customer)
    factories.talk(customer, occurred_at=factories.AT - timedelta(days=9))
    customer.refresh_from_db()
    assert customer.last_contact_at == factories.AT
    assert customer.next_contact_at is None


def test_a_payment_is_for_an_order_of_the_same_customer():
    customer = factories.customer(factories.SYSTEM)
    other = factories.order(factories.customer(factories.SYSTEM, "乙公司"))
    with pytest.raises(RuleViolation) as refused:
        factories.payment(customer, order=other.pk)
    assert refused.value.field == "order"
    mine = factories.order(customer)
    assert factories.payment(customer, order=mine.pk).order_id == mine.pk
