"""The checker of the crash rounds finds what is lost, doubled, old or nobody's."""

import pytest

from tests.crash import checker
from tests.crash.load import History, Made

pytestmark = pytest.mark.once


@pytest.fixture
def histories():
    one = Made(1, "k0 a", 3, "new", 2, {"n1": 50, "n2": 70})
    return [History(customers=[one, Made(2, "k0 b", 1)])]


def rows(**changes):
    first = {"id": 1, "name": "k0 a", "version": 3, "focus": "new",
             "order_count": 2, "total_minor": 120} | changes  # fmt: skip
    return [first, {"id": 2, "name": "k0 b", "version": 1, "focus": ""}]


def test_what_is_right_is_right(histories):
    orders = [{"number": "n1"}, {"number": "n2"}]
    assert checker._check_customers(histories, rows()) == []
    assert checker._check_orders(histories, orders, rows()) == []


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (rows()[1:], "customer k0 a is lost"),
        ([*rows(), {"id": 9, "name": "k0 b", "version": 1}], "k0 b is there 2 times"),
        (rows(focus="old"), "says 'old' v3"),
        (rows(version=2), "says 'new' v2"),
        ([*rows(), {"id": 9, "name": "who?"}], "nobody made who?"),
    ],
)
def test_a_wrong_customer_is_found(histories, found, words):
    (told,) = checker._check_customers(histories, found)
    assert words in told


@pytest.mark.parametrize(
    ("numbers", "total", "words"),
    [
        (["n1"], 120, "order n2 is there 0 times"),
        (["n1", "n2", "n2"], 120, "order n2 is there 2 times"),
        (["n1", "n2", "n3"], 120, "nobody placed order n3"),
        (["n1", "n2"], 190, "counts (2, 190), not (2, 120)"),
    ],
)
def test_a_wrong_order_or_sum_is_found(histories, numbers, total, words):
    orders = [{"number": number} for number in numbers]
    (told,) = checker._check_orders(histories, orders, rows(total_minor=total))
    assert words in told


def test_a_version_that_counted_a_change_twice_is_found(histories):
    histories[0].customers[0].version = 4
    assert "after 2 changes" in str(checker._check_customers(histories, rows(version=4)))


def test_a_change_of_many_that_came_twice_or_not_at_all_is_found(histories, monkeypatch):
    one, other = histories[0].customers
    one.changes_at_once = 1
    trail = [{"subject_id": "1"}]
    monkeypatch.setattr(checker, "everything", lambda caller, path: iter(trail))
    made = {1: one, 2: other}
    assert checker._check_changes_at_once(None, made) == []
    trail.append({"subject_id": "1"})
    assert "changed 2 times among others, not 1" in str(checker._check_changes_at_once(None, made))
    trail.clear()
    assert "changed 0 times" in str(checker._check_changes_at_once(None, made))
