"""What every record type must do, for each type of the customers."""

from typing import ClassVar

import pytest

from guanxi.surfaces.testing import RecordSuite

pytestmark = pytest.mark.django_db


def of_customer(**values):
    """Raw values of something that belongs to the keeper's customer."""
    return lambda company: {"customer": company.of("administrator", "own").customer.pk, **values}


class TestCustomer(RecordSuite):
    key = "customers.customer"
    new: ClassVar = {"name": "云岭机械", "phone": "13800138000", "headcount": 12, "tier": "core"}
    change = ("focus", "price")


class TestContact(RecordSuite):
    key = "customers.contact"
    new = of_customer(name="李明", phone="13900139000", birthday="1980-02-29")
    change = ("position", "buyer")


class TestOrder(RecordSuite):
    key = "customers.order"
    new = of_customer(placed_at="2026-03-01T08:00:00+08:00", amount_minor=123_456)
    change = ("product", "pump")


class TestPayment(RecordSuite):
    key = "customers.payment"
    new = of_customer(paid_on="2026-03-02", amount_minor=500)
    change = ("notes", "second half")


class TestInteraction(RecordSuite):
    key = "customers.interaction"
    new = of_customer(content="来电询价", occurred_at="2026-03-02T09:30:00+08:00")
    change = ("content", "来电询价两次")


class TestTag(RecordSuite):
    key = "customers.tag"
    new: ClassVar = {"name": "急"}
    change = ("description", "today")
