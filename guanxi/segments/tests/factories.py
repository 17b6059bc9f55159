"""A value model, customers with orders, and a rating as the worker leaves it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from guanxi.customers.models import Customer, Order
from guanxi.kernel.actor import Actor, system_actor
from guanxi.kernel.jobs import execute_due
from guanxi.segments import services
from guanxi.segments.models import Indicator, Rating, ValueModel
from tests.fixtures.company import stamps

AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
MONTH_END = date(2026, 10, 31)


def make_model(*metrics: str, **values: Any) -> ValueModel:
    """A model in force over these measures, all of the same weight."""
    given = {"name": "价值模型", "cuts": {"core": 20, "potential": 30}, "is_on": True} | values
    model = ValueModel.objects.create(**given, **stamps(AT))
    for metric in metrics or ("amount", "frequency"):
        Indicator.objects.create(value_model=model, metric=metric, **stamps(AT))
    return model


def make_customer(name: str, **values: Any) -> Customer:
    return Customer.objects.create(name=name, number=name, **values, **stamps(AT))


def sell(customer: Customer, day: date, amount: int, **values: Any) -> Order:
    """An order at noon in Shanghai."""
    when = datetime(day.year, day.month, day.day, 4, 0, tzinfo=UTC)
    number = f"O{Order.objects.count():06}"
    given = {"placed_at": when, "amount_minor": amount} | values
    return Order.objects.create(customer=customer, number=number, **given, **stamps(AT))


def work_off() -> int:
    """Execute every run that is due."""
    done = 0
    while execute_due(at=datetime.now(UTC) + timedelta(seconds=1)):
        done += 1
    return done


def rate(model: ValueModel, as_of: date = MONTH_END, actor: Actor | None = None) -> Rating:
    """A rating as the worker leaves it."""
    rating = services.begin_rating(model.pk, as_of=as_of, actor=actor or system_actor(), at=AT)
    work_off()
    rating.refresh_from_db()
    return rating
