"""Two, or five hundred, at the same moment: one wins, nothing is lost, nothing doubled."""

from collections import Counter

import pytest
from django.db import transaction

from guanxi.kernel import jobs, outbox
from guanxi.kernel.actor import system_actor
from guanxi.kernel.errors import RuleViolation, StaleVersion
from guanxi.kernel.models import Delivery, Event, Run
from guanxi.kernel.numbering import take_numbers
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import archive_record, change_record, create_record
from tests.concurrency.crowd import answers, crowd
from tests.fixtures.company import AT, model

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SYSTEM = system_actor()
CUSTOMER, ORDER, TAG = (get_record_type(f"customers.{n}") for n in ("customer", "order", "tag"))


def a_customer(**values):
    """A customer made by the service."""
    return create_record(CUSTOMER, {"name": "甲公司", **values}, actor=SYSTEM, at=AT)


def test_g12_five_hundred_creates_have_five_hundred_numbers():
    def create(number: int) -> None:
        for turn in range(25):
            values = {"name": f"公司 {number} {turn}"}
            create_record(CUSTOMER, values, actor=SYSTEM, at=AT)

    assert crowd(20, create) == []
    numbers = list(model("customers.Customer").objects.values_list("number", flat=True))
    assert len(numbers) == len(set(numbers)) == 500
    assert sorted(numbers) == [f"C{n:08}" for n in range(1, 501)]


def test_a_series_that_all_begin_at_once_begins_once():
    @transaction.atomic
    def take(_number: int) -> range:
        return take_numbers("new series", 3)

    found = answers(12, take)
    assert sorted(n for taken in found for n in taken) == list(range(1, 37))


def test_g01_of_two_editors_of_one_version_exactly_one_wins():
    customer = a_customer()

    def edit(number: int):
        values = {"industry": f"editor {number}"}
        return change_record(CUSTOMER, customer.pk, values, version=1, actor=SYSTEM, at=AT)

    found = answers(8, edit)
    won = [f for f in found if not isinstance(f, Exception)]
    lost = [f for f in found if isinstance(f, StaleVersion)]
    assert (len(won), len(lost)) == (1, 7)
    stored = model("customers.Customer").objects.get()
    assert (stored.version, stored.industry) == (2, won[0].industry)
    assert Event.objects.filter(kind="record.changed").count() == 1
    assert {d.theirs for f in lost for d in f.differences} == {won[0].industry}


def test_g10_edit_and_archive_at_once_are_one_after_the_other_or_one_refused():
    customer = a_customer()
    acts = [
        lambda: change_record(
            CUSTOMER, customer.pk, {"city": "上海"}, version=1, actor=SYSTEM, at=AT
        ),
        lambda: archive_record(CUSTOMER, customer.pk, version=1, actor=SYSTEM, at=AT),
    ]
    found = answers(8, lambda n: acts[n % 2]())
    assert sum(not isinstance(f, Exception) for f in found) == 1
    assert all(isinstance(f, StaleVersion) for f in found if isinstance(f, Exception))
    stored = model("customers.Customer").objects.get()
    assert (stored.city == "上海") != (stored.archived_at is not None)


def test_a_value_that_must_be_unique_is_taken_once():
    found = answers(8, lambda _: create_record(TAG, {"name": "same"}, actor=SYSTEM, at=AT))
    refused = [f for f in found if isinstance(f, Exception)]
    assert len(refused) == 7
    assert all(isinstance(f, RuleViolation) for f in refused)
    assert model("customers.Tag").objects.count() == 1


def test_h08_two_workers_deliver_every_event_once():
    customer = a_customer()
    for n in range(60):
        values = {"customer": customer.pk, "amount_minor": 100, "placed_at": AT, "number": f"X{n}"}
        create_record(ORDER, values, actor=SYSTEM, at=AT)
    assert Delivery.objects.exclude(state="done").count() == 60

    def work(_number: int) -> None:
        while outbox.deliver_due(at=AT, limit=7):
            pass

    assert crowd(4, work) == []
    while outbox.deliver_due(at=AT):
        pass
    assert Counter(Delivery.objects.values_list("state", flat=True)) == {"done": 60}
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}
    stored = model("customers.Customer").objects.get()
    assert (stored.order_count, stored.total_minor) == (60, 6000)


def test_h08_two_workers_execute_every_run_once(monkeypatch):
    monkeypatch.setattr(jobs, "_jobs", {})
    done: list[str] = []
    jobs.job("tests.once")(lambda context: done.append(str(context.run.pk)))
    for _ in range(20):
        jobs.start_run("tests.once", {}, actor=SYSTEM, at=AT)

    def work(_number: int) -> None:
        while jobs.execute_due(at=AT):
            pass

    assert crowd(4, work) == []
    while jobs.execute_due(at=AT):
        pass
    assert sorted(done) == sorted(str(run.pk) for run in Run.objects.all())
    assert set(Run.objects.values_list("state", "attempts")) == {("done", 1)}
