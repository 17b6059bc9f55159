"""Many rows go in whichever way is quickest, and are the same afterwards."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from guanxi.kernel.db import rows
from guanxi.kernel.models import AccessEntry, Event, NumberSeries

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
STRANGE = "引号\" ' 反斜杠\\ 换行\n制表\t \\N \\. 🌊"


def entry(number: int) -> AccessEntry:
    return AccessEntry(
        action="view", subject_type="x", subject_id=str(number), actor_label=STRANGE,
        channel="web", at=AT, fields=[STRANGE, number, None], customer_id=number or None,
        ip="2001:db8::1",
    )  # fmt: skip


@pytest.mark.parametrize("count", [1, 3, rows.MANY - 1, rows.MANY, rows.MANY + 70])
def test_rows_come_back_as_they_were_whatever_their_number(count):
    made = [entry(number) for number in range(count)]
    rows.insert_rows(made)
    assert len({each.pk for each in made}) == count
    assert not any(each._state.adding for each in made)
    for each in AccessEntry.objects.order_by("pk"):
        number = int(each.subject_id)
        assert each.pk == made[number].pk
        assert (each.actor_label, each.at, each.ip) == (STRANGE, AT, "2001:db8::1")
        assert each.fields == [STRANGE, number, None]
        assert each.customer_id == (number or None)
    assert AccessEntry.objects.count() == count


def test_numbers_that_were_taken_are_nobody_elses():
    taken = rows.take_ids(Event, 70)
    assert len(set(taken)) == 70
    made = [
        Event(kind="x", subject_type="x", subject_id="1", actor_label="", channel="web", at=AT)
        for _ in range(rows.MANY)
    ]
    for each, pk in zip(made, taken, strict=False):
        each.pk = pk
    rows.insert_rows(made)
    after = rows.take_ids(Event, 1)
    assert after[0] > made[-1].pk
    single = Event.objects.create(
        kind="x", subject_type="x", subject_id="1", actor_label="", channel="web", at=AT
    )
    assert single.pk not in {each.pk for each in made}


def test_rows_may_be_made_while_they_are_sent():
    made = ((f"series {number}", number) for number in range(200))
    rows.insert_values(NumberSeries, ("name", "last"), made)
    assert NumberSeries.objects.filter(name="series 199", last=199).exists()
    assert NumberSeries.objects.count() == 200


def test_nothing_to_insert_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        rows.insert_values(NumberSeries, ("name", "last"), iter(()))
        rows.insert_rows([])


@pytest.mark.parametrize("count", [10, 100])
def test_one_row_that_cannot_be_leaves_none_and_is_an_integrity_error(count):
    twice = [(f"series {number % (count - 1)}", 1) for number in range(count)]
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert_values(NumberSeries, ("name", "last"), twice)
    assert not NumberSeries.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_numbers_come_from_the_rows_themselves():
    assert not connection.in_atomic_block
    made = [entry(number) for number in range(rows.MANY + 5)]
    rows.insert_rows(made)
    assert {each.pk for each in made} == set(AccessEntry.objects.values_list("pk", flat=True))
