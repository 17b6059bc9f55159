"""Keeping an entry on top of the timeline."""

import pytest

from guanxi.customers import services
from guanxi.customers.models import TimelinePin
from guanxi.customers.queries import OpenedId
from guanxi.customers.tests import factories
from guanxi.customers.timeline import Timeline
from guanxi.kernel.errors import Denied, NotFound
from guanxi.kernel.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(company):
    """A talk's event on the sales person's own customer."""
    customer = company.of("sales", "own").customer
    factories.talk(customer)
    return customer, factories.last_event()


def pin(company, customer, event, by: str = "sales"):
    return services.pin_event(
        customer.pk, event_id=event.pk, actor=company.actor(by), at=factories.AT
    )


def test_a_pin_is_kept_and_recorded_once(company, told):
    customer, event = told
    pin(company, customer, event)
    pin(company, customer, event)
    assert TimelinePin.objects.get().pinned_by_id == company.users["sales"].pk
    assert Event.objects.filter(kind="customers.event_pinned").count() == 1
    timeline = Timeline(OpenedId(customer.pk), company.actor("sales"))
    assert timeline.pinned() == [event.pk]
    assert timeline.tells(event)


def test_unpinning_takes_it_back_once(company, told):
    customer, event = told
    pin(company, customer, event)
    for _again in range(2):
        services.unpin_event(
            customer.pk, event_id=event.pk, actor=company.actor("sales"), at=factories.AT
        )
    assert not TimelinePin.objects.exists()
    assert Event.objects.filter(kind="customers.event_unpinned").count() == 1


def test_an_event_of_another_customer_is_not_there(company, told):
    _customer, event = told
    other = factories.customer(company.actor("sales"), "乙公司")
    with pytest.raises(NotFound):
        pin(company, other, event)


def test_a_strangers_customer_is_not_there(company):
    foreign = company.of("sales", "foreign").customer
    factories.talk(foreign)
    with pytest.raises(NotFound):
        pin(company, foreign, factories.last_event())


def test_seeing_is_not_pinning(company, told):
    customer, event = told
    with pytest.raises(Denied):
        pin(company, customer, event, by="analyst")
    assert not TimelinePin.objects.exists()
