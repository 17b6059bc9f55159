"""When recurring work comes round: month ends, leap years, no day left out or counted twice."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.commitments.packs import first_round
from guanxi.commitments.periods import UNITS, add_months, period_of

STARTS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("starts", "every", "unit", "day", "first", "last"),
    [
        ("2026-01-01", 1, "quarter", "2026-11-22", "2026-10-01", "2026-12-31"),
        ("2026-01-01", 2, "quarter", "2026-11-22", "2026-07-01", "2026-12-31"),
        ("2026-01-31", 1, "month", "2026-02-27", "2026-01-31", "2026-02-27"),
        ("2026-01-31", 1, "month", "2026-02-28", "2026-02-28", "2026-03-30"),
        ("2026-01-31", 1, "month", "2026-03-31", "2026-03-31", "2026-04-29"),
        ("2024-01-31", 1, "month", "2024-02-29", "2024-02-29", "2024-03-30"),
        ("2026-11-02", 2, "week", "2026-11-22", "2026-11-16", "2026-11-29"),
        ("2026-11-02", 10, "day", "2026-11-22", "2026-11-22", "2026-12-01"),
    ],
)
def test_the_round_of_a_day(starts, every, unit, day, first, last):
    found = period_of(date.fromisoformat(starts), every, unit, date.fromisoformat(day))
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)
    assert found.key == first


def test_there_is_no_round_before_the_first():
    assert period_of(date(2026, 1, 1), 1, "month", date(2025, 12, 31)) is None


@given(STARTS, st.integers(1, 40), st.sampled_from(UNITS), st.integers(0, 9000))
def test_rounds_follow_each_other_without_gap_or_overlap(starts, every, unit, days):
    day = starts + timedelta(days)
    here = period_of(starts, every, unit, day)
    assert here.first <= day <= here.last
    after = period_of(starts, every, unit, here.last + timedelta(1))
    assert after.first == here.last + timedelta(1)
    assert (
        period_of(starts, every, unit, here.first)
        == here
        == period_of(starts, every, unit, here.last)
    )


@given(STARTS, st.integers(1, 12), st.sampled_from(UNITS), st.integers(0, 400))
def test_work_is_due_within_its_round(starts, every, unit, days):
    here = period_of(starts, every, unit, starts)
    assert here.first <= here.due_on(days) <= here.last
    assert here.due_on(0) == here.last


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2023-12-31", 2, "2024-02-29"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-01", 1, "2027-01-01"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last(day, months, found):
    assert add_months(date.fromisoformat(day), months).isoformat() == found


@pytest.mark.parametrize(
    ("at", "starts_on"),
    [
        (datetime(2026, 11, 22, 2, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 3, 31, 15, 59, tzinfo=UTC), date(2026, 4, 1)),
        (datetime(2026, 3, 31, 16, 0, tzinfo=UTC), date(2026, 7, 1)),  # April here already
    ],
)
def test_what_a_pack_switches_on_begins_with_the_next_quarter(at, starts_on):
    """Time to look at whom it is about (CUS-7); what is off begins as people say."""
    assert first_round({"is_on": True}, at) == {"starts_on": starts_on}
    assert first_round({"is_on": False}, at) == {}
