"""What people are told about customers."""

import pytest

from guanxi.customers.services import transfer_customer
from guanxi.notifications.models import Notification
from tests.fixtures.company import AT

pytestmark = pytest.mark.django_db


def transfer(company, customer, to, by):
    to_user, actor = company.users[to].pk, company.actor(by)
    given = {"to_user": to_user, "reason": "", "version": None}
    transfer_customer(customer.pk, **given, actor=actor, at=AT)


def test_who_is_given_a_customer_is_told_and_who_takes_one_is_not(company):
    customer = company.of("head", "own").customer
    transfer(company, customer, "sales", by="head")
    told = Notification.objects.get()
    assert told.user_id == company.users["sales"].pk
    assert (told.kind, told.params) == ("customers.transferred", {"who": "Person head"})
    transfer(company, customer, "head", by="head")
    assert Notification.objects.count() == 1
