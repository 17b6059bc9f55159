"""Order count, total and last order of customers follow their orders."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.customers import services
from guanxi.customers.models import Customer
from guanxi.customers.tests import factories
from guanxi.kernel.outbox import deliver_due
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import archive_record, change_record

pytestmark = pytest.mark.django_db
ORDERS = "customers.order"


def totals(customer: Customer) -> tuple:
    services.refresh_totals({customer.pk})
    customer.refresh_from_db()
    return customer.order_count, customer.total_minor, customer.currency, customer.last_order_on


def test_sales_are_counted_and_returns_only_subtracted():
    customer = factories.customer(factories.SYSTEM)
    factories.order(customer, 300_00)
    factories.order(customer, 200_00)
    factories.order(customer, -50_00)
    assert totals(customer) == (2, 450_00, "CNY", date(2026, 3, 11))


def test_without_orders_everything_is_nothing():
    customer = factories.customer(factories.SYSTEM)
    Customer.objects.filter(pk=customer.pk).update(order_count=7, total_minor=9, currency="GBP")
    assert totals(customer) == (0, 0, "GBP", None)


def test_cancelled_and_archived_orders_do_not_count():
    customer = factories.customer(factories.SYSTEM)
    factories.order(customer, 100_00)
    factories.order(customer, 900_00, status="cancelled")
    gone = factories.order(customer, 800_00)
    archive_record(
        get_record_type(ORDERS), gone.pk, version=1, actor=factories.SYSTEM, at=factories.AT
    )
    assert totals(customer) == (1, 100_00, "CNY", date(2026, 3, 11))


def test_the_total_is_in_the_currency_of_most_orders():
    customer = factories.customer(factories.SYSTEM)
    factories.order(customer, 100_00, currency="GBP")
    factories.order(customer, 200_00, currency="GBP")
    factories.order(customer, 5_000_00, currency="USD", at=factories.minutes(5))
    assert totals(customer) == (3, 300_00, "GBP", date(2026, 3, 11))


def test_the_last_order_is_of_the_day_in_the_companys_zone():
    customer = factories.customer(factories.SYSTEM)
    factories.order(customer, at=datetime(2026, 3, 10, 17, 30, tzinfo=UTC))
    assert totals(customer)[3] == date(2026, 3, 11)


def count_queries(ids: set[int]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        services.refresh_totals(ids)
    return len(seen)


def test_many_customers_cost_as_many_queries_as_one():
    customers = [factories.customer(factories.SYSTEM, f"客户{n}") for n in range(12)]
    for number, customer in enumerate(customers):
        factories.order(customer, 100 * number)
    one = count_queries({customers[0].pk})
    assert count_queries({c.pk for c in customers}) == one
    assert one <= 6
    found = Customer.objects.order_by("pk").values_list("total_minor", flat=True)
    assert list(found) == [100 * number for number in range(12)]


def test_orders_move_the_totals_a_second_later():
    first, second = (factories.customer(factories.SYSTEM, name) for name in ("甲公司", "乙公司"))
    order = factories.order(first, 700_00)
    while deliver_due(at=factories.minutes(1)):
        pass
    first.refresh_from_db()
    assert first.total_minor == 700_00
    change_record(
        get_record_type(ORDERS),
        order.pk,
        {"customer": second.pk},
        version=1,
        actor=factories.SYSTEM,
        at=factories.minutes(2),
    )
    while deliver_due(at=factories.minutes(3)):
        pass
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.total_minor, second.total_minor) == (0, 700_00)
