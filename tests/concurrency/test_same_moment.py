"""Two, or five hundred, at the same moment: one wins, nothing is lost, nothing doubled."""

from collections import Counter
from random import Random

import pytest
from django.db import transaction

from guanxi.kernel import jobs, outbox
from guanxi.kernel.actor import system_actor
from guanxi.kernel.errors import RuleViolation, StaleVersion
from guanxi.kernel.models import Delivery, Event, Run
from guanxi.kernel.numbering import take_numbers
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import (
    archive_record,
    change_record,
    create_record,
    merge_record,
)
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
    """An archive is of what was read; an edit stays beside an archive: that takes no field away."""
    customer = a_customer()

    def act(number: int):
        if number % 2:
            return archive_record(CUSTOMER, customer.pk, version=1, actor=SYSTEM, at=AT)
        values = {"city": f"city {number}"}
        return change_record(CUSTOMER, customer.pk, values, version=1, actor=SYSTEM, at=AT)

    found = answers(8, act)
    assert all(isinstance(f, StaleVersion) for f in found if isinstance(f, Exception))
    stored = model("customers.Customer").objects.get()
    edits, archives = ([not isinstance(f, Exception) for f in found[n::2]] for n in (0, 1))
    assert sum(edits) == 1
    assert stored.city == f"city {2 * edits.index(True)}"
    assert sum(archives) == (stored.archived_at is not None)
    assert stored.version == 2 + sum(archives)
    told = Event.objects.order_by("pk").values_list("kind", flat=True)
    changed = ["record.archived"] * sum(archives) + ["record.changed"]
    assert list(told) == ["record.created", *changed]


def test_g01_of_two_editors_of_different_fields_nobody_loses():
    """Eight read one version and each set a field of their own: all are kept, in some order."""
    names = ["industry", "city", "focus", "needs", "products", "notes", "province", "district"]
    customer = a_customer()

    def edit(number: int):
        values = {names[number]: f"editor {number}"}
        return change_record(CUSTOMER, customer.pk, values, version=1, actor=SYSTEM, at=AT)

    assert [f for f in answers(8, edit) if isinstance(f, Exception)] == []
    stored = model("customers.Customer").objects.get()
    assert [getattr(stored, name) for name in names] == [f"editor {n}" for n in range(8)]
    told = Event.objects.filter(kind="record.changed").order_by("pk")
    assert (
        [event.data["version"] for event in told]
        == list(range(2, 10))
        == [*range(2, stored.version + 1)]
    )


def test_g01_whatever_is_acknowledged_is_overwritten_only_by_who_has_seen_it():
    """Eight edit on, reading now and then: every acknowledged value is in the chain of events."""
    names = ["industry", "city", "focus", "needs"]
    customer, rows = a_customer(), model("customers.Customer").objects

    def edit(number: int) -> list:
        chance, acknowledged = Random(number), []
        seen = rows.values("version", *names).get(pk=customer.pk)
        for turn in range(12):
            if chance.random() < 0.4:
                seen = rows.values("version", *names).get(pk=customer.pk)
            mine = dict.fromkeys(chance.sample(names, chance.randint(1, 2)), f"{number}.{turn}")
            sent = {**{n: seen[n] for n in names}, **mine}  # a form sends every field
            try:
                merged = merge_record(
                    CUSTOMER, customer.pk, sent, version=seen["version"], actor=SYSTEM, at=AT
                )
            except StaleVersion:
                seen = rows.values("version", *names).get(pk=customer.pk)
                continue
            acknowledged.append((merged.instance.version, mine, seen))
            seen = {"version": merged.instance.version} | {
                n: getattr(merged.instance, n) for n in names
            }
        return acknowledged

    found = answers(8, edit)
    assert [f for f in found if isinstance(f, Exception)] == []
    written = {version: (mine, seen) for each in found for version, mine, seen in each}
    held = dict.fromkeys(names, "")
    told = Event.objects.filter(kind="record.changed").order_by("pk")
    for event in told:
        mine, seen = written.pop(event.data["version"])
        changes = event.data["changes"]
        assert {n: new for n, (_old, new) in changes.items()} == mine
        for name, (old, _new) in changes.items():
            assert old == held[name] == seen[name], "a value was overwritten unseen"
        held |= mine
    assert written == {}
    assert held == rows.values(*names).get(pk=customer.pk)


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
