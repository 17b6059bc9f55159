"""Numbers follow each other without a gap that a rollback did not make."""

import pytest
from django.db import transaction

from guanxi.kernel.models import NumberSeries
from guanxi.kernel.numbering import format_number, next_number, take_numbers

pytestmark = pytest.mark.django_db


def test_a_series_begins_at_one_and_goes_on():
    assert [next_number("x", prefix="C") for _ in range(3)] == [
        "C00000001",
        "C00000002",
        "C00000003",
    ]
    assert next_number("y", prefix="O", width=3) == "O001"


def test_many_are_taken_at_once():
    assert take_numbers("x", 5) == range(1, 6)
    assert take_numbers("x") == range(6, 7)
    assert take_numbers("x", 1000) == range(7, 1007)


def test_a_number_taken_in_a_rolled_back_write_is_given_again():
    def take_and_fail():
        take_numbers("x", 3)
        raise KeyError

    take_numbers("x")
    with pytest.raises(KeyError), transaction.atomic():
        take_and_fail()
    assert take_numbers("x") == range(2, 3)


def test_a_series_that_outgrows_its_width_stays_unique():
    NumberSeries.objects.create(pk="x", last=99)
    assert next_number("x", prefix="C", width=2) == "C100"
    assert format_number(7, prefix="", width=1) == "7"


def test_taking_costs_one_statement(django_assert_num_queries):
    take_numbers("x")
    with django_assert_num_queries(1):
        take_numbers("x", 50)
