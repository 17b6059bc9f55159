"""Which days a page of the calendar shows (J02)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.commitments.spans import FIRST, LAST, VIEWS, span_of

DAYS = st.dates(date.min, date.max)


@pytest.mark.parametrize(
    ("view", "day", "first", "last", "before", "after"),
    [
        ("month", "2026-11-22", "2026-10-26", "2026-12-06", "2026-10-01", "2026-12-01"),
        ("month", "2026-02-28", "2026-01-26", "2026-03-01", "2026-01-01", "2026-03-01"),
        ("month", "2024-02-29", "2024-01-29", "2024-03-03", "2024-01-01", "2024-03-01"),
        ("month", "2026-12-31", "2026-11-30", "2027-01-03", "2026-11-01", "2027-01-01"),
        ("week", "2027-01-01", "2026-12-28", "2027-01-03", "2026-12-25", "2027-01-08"),
        ("day", "2024-02-29", "2024-02-29", "2024-02-29", "2024-02-28", "2024-03-01"),
        ("agenda", "2026-11-22", "2026-11-22", "2026-12-21", "2026-10-23", "2026-12-22"),
    ],
)
def test_a_page_of_the_calendar(view, day, first, last, before, after):
    span = span_of(view, date.fromisoformat(day))
    edges = (span.days[0], span.days[-1], span.before, span.after)
    assert tuple(each.isoformat() for each in edges) == (first, last, before, after)


@given(st.sampled_from(VIEWS), DAYS)
def test_a_page_holds_its_day_and_its_neighbours_hold_the_days_beside(view, day):
    span = span_of(view, day)
    clamped = min(max(day, FIRST), LAST)
    assert clamped in span.days
    assert all(b - a == timedelta(1) for a, b in zip(span.days, span.days[1:], strict=False))
    if span.before > FIRST and span.after < LAST:
        reached = {*span_of(view, span.before).days, *span.days, *span_of(view, span.after).days}
        edges = (span.days[0] - timedelta(1), span.days[-1] + timedelta(1))
        assert set(edges) <= reached
