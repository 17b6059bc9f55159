"""Many who touch the same records in opposite orders wait for each other, never for ever (G16)."""

import threading
from collections import Counter
from contextlib import suppress

import pytest
from django.db import connection
from django.db.models import F

from guanxi.kernel import outbox
from guanxi.kernel.actor import system_actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import RuleViolation, StaleVersion
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record, create_record
from guanxi.surfaces.services.many import Change, RowsRefused, change_many, write_for
from tests.concurrency.crowd import answers
from tests.fixtures.company import AT, model

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SYSTEM = system_actor()
CUSTOMER, CONTACT, ORDER = (
    get_record_type(f"customers.{n}") for n in ("customer", "contact", "order")
)
TURNS = 15


def make(kind, **values):
    return create_record(kind, values, actor=SYSTEM, at=AT)


def change(kind, record, **values):
    """One change from the record as it is now; that somebody was quicker is an answer."""
    version = type(record).objects.values_list("version", flat=True).get(pk=record.pk)
    try:
        change_record(kind, record.pk, values, version=version, actor=SYSTEM, at=AT)
    except (StaleVersion, RuleViolation):
        return


def test_g16_records_that_change_their_customer_both_ways_at_once():
    two = [make(CUSTOMER, name=f"甲公司 {n}") for n in range(2)]
    orders = [make(ORDER, customer=two[n % 2].pk, amount_minor=100, placed_at=AT) for n in range(6)]
    people = [make(CONTACT, customer=two[n % 2].pk, name=f"联系人 {n}") for n in range(6)]

    def move(number: int) -> None:
        for turn in range(TURNS):
            to = two[(number + turn) % 2].pk
            other = two[(number + turn + 1) % 2]
            change(ORDER, orders[number], customer=to)
            change(CONTACT, people[number], customer=to, phone=f"0512-6000{turn:02}{number:02}")
            change(CUSTOMER, other, phone=f"021-6000{turn:02}{number:02}")
            outbox.deliver_due(at=AT)

    assert answers(6, move) == [None] * 6
    assert model("customers.Order").objects.filter(customer__in=[c.pk for c in two]).count() == 6


def test_g16_batches_over_the_same_records_in_opposite_orders():
    several = [make(CUSTOMER, name=f"公司 {n}") for n in range(40)]
    ids = [c.pk for c in several]

    def change_all(number: int) -> None:
        for turn in range(4):
            found = model("customers.Customer").objects.in_bulk(ids)
            order = ids if number % 2 else ids[::-1]
            changes = [
                Change(found[pk], {"city": (found[pk].city, f"{number} {turn}")}) for pk in order
            ]
            write = write_for(CUSTOMER, CUSTOMER.all_fields(), actor=SYSTEM, at=AT)
            try:
                change_many(write, changes)
            except (StaleVersion, RowsRefused):
                continue

    assert answers(4, change_all) == [None] * 4
    cities = set(model("customers.Customer").objects.values_list("city", flat=True))
    assert len(cities) == 1
    assert cities != {""}


def test_g16_who_had_to_give_way_is_tried_again():
    rows = model("customers.Customer").objects
    pair = [make(CUSTOMER, name=f"公司 {n}").pk for n in range(2)]
    met, tries = threading.Barrier(2), Counter()

    @atomic_retried
    def write(number: int) -> str:
        tries[number] += 1
        for pk in pair if number else pair[::-1]:
            rows.filter(pk=pk).update(headcount=F("headcount") + 1)
            with suppress(threading.BrokenBarrierError):
                met.wait(2)
        return "done"

    rows.update(headcount=0)
    assert answers(2, write) == ["done"] * 2
    assert list(rows.values_list("headcount", flat=True)) == [2, 2]
    if connection.vendor == "postgresql":
        assert sorted(tries.values()) == [1, 2]
