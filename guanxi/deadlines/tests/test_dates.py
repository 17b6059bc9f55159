"""Promises that hang on dates: months on, the month after, working days ahead of a moment (J02)."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from guanxi.deadlines.rules.cases import read_calendar
from guanxi.deadlines.rules.explain import explain
from guanxi.deadlines.rules.fold import state_at
from guanxi.deadlines.rules.ledger import Entry, Kind
from guanxi.deadlines.rules.levels import Level, pending
from guanxi.deadlines.rules.policies import read_levels, target_of
from guanxi.deadlines.rules.promises import Measure, Target
from guanxi.deadlines.rules.times import SECOND, Impossible, instant_of, ticks_of
from guanxi.deadlines.tests.worlds import CALENDARS

pytestmark = pytest.mark.once
BOOK = {name: read_calendar(CALENDARS[name]) for name in ("C1", "C2", "SHOP", "NY")}
C1, NY = BOOK["C1"], BOOK["NY"]


def tick(text, calendar=C1):
    return ticks_of(datetime.fromisoformat(text).replace(tzinfo=calendar.zone))


def state(measure, amount, start, calendar=C1, *, moment="", now="", recurring=False, more=()):
    ticks = tick(moment, calendar) if moment else None
    target = Target(Measure(measure), amount, recurring, ticks)
    begun = Entry(Kind.START, tick(start, calendar), target=target, calendar=calendar)
    return state_at([begun, *more], tick(now or start, calendar))


def told(ticks, calendar=C1):
    return instant_of(ticks, calendar.zone).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("measure", "amount", "start", "due"),
    [
        ("months", 3, "2026-01-15T10:00:07", "2026-04-15 10:00:07"),
        ("months", 1, "2026-01-31T23:59:59", "2026-02-28 23:59:59"),
        ("months", 1, "2028-01-31T23:59:59", "2028-02-29 23:59:59"),
        ("months", 12, "2028-02-29T00:00:00", "2029-02-28 00:00:00"),
        ("months", 2, "2026-12-31T23:59:59", "2027-02-28 23:59:59"),
        ("next_month", 5, "2026-02-28T23:59:59", "2026-03-06 18:00:00"),
        ("next_month", 5, "2026-03-01T00:00:00", "2026-04-08 18:00:00"),  # 6 April is 清明
        ("next_month", 5, "2026-01-20T09:00:00", "2026-02-06 18:00:00"),
        ("next_month", 10, "2026-01-20T09:00:00", "2026-02-13 18:00:00"),
        ("next_month", 11, "2026-01-20T09:00:00", "2026-02-14 18:00:00"),  # a make-up Saturday
        ("next_month", 1, "2026-09-30T09:00:00", "2026-10-08 18:00:00"),
        ("next_month", 1, "2026-12-31T23:59:59", "2027-01-04 18:00:00"),
    ],
)
def test_months_end_as_people_count_them(measure, amount, start, due):
    assert told(state(measure, amount, start).due_at) == due


def test_a_month_across_a_jump_of_the_wall_clock_keeps_the_time_of_day():
    assert told(state("months", 1, "2026-02-08T02:30:00", NY).due_at, NY) == "2026-03-08 03:00:00"
    assert told(state("months", 1, "2026-02-20T10:00:00", NY).due_at, NY) == "2026-03-20 10:00:00"


def test_every_quarter_again_counts_from_the_last_word_or_the_missed_due():
    word = Entry(Kind.UPDATE, tick("2026-02-10T09:00:00"), id=1)
    found = state("months", 3, "2026-01-05T09:00:00", now="2026-09-01T00:00:00",
                  recurring=True, more=[word])  # fmt: skip
    assert [told(miss)[:10] for miss in found.misses] == ["2026-05-10", "2026-08-10"]
    assert told(found.due_at) == "2026-11-10 09:00:00"


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-03-13T10:00:00", "2026-03-11 18:00:00"),  # Friday: by Wednesday's close
        ("2026-03-16T00:00:00", "2026-03-12 18:00:00"),  # Monday: a weekend between
        ("2026-03-14T10:00:00", "2026-03-12 18:00:00"),  # Saturday
        ("2026-02-24T10:00:00", "2026-02-13 18:00:00"),  # after 春节, over the make-up Saturday
        ("2026-10-08T09:00:00", "2026-09-29 18:00:00"),
    ],
)
def test_days_ahead_are_counted_backwards_without_the_day_itself(moment, due):
    found = state("ahead", 2, "2026-01-05T09:00:00", moment=moment)
    assert told(found.due_at) == due
    parts = explain(found, found.due_at).parts
    assert sum(part.counted for part in parts) == 2


def test_what_is_arranged_too_late_is_late_at_once_and_a_new_moment_moves_it():
    found = state("ahead", 2, "2026-03-12T19:00:00", moment="2026-03-13T10:00:00")
    assert (found.outcome, told(found.breached_at)) == ("breached", "2026-03-11 18:00:00")
    later = Target(Measure.AHEAD, 2, moment=tick("2026-03-20T10:00:00"))
    moved = Entry(Kind.RETARGET, tick("2026-03-10T10:00:00"), id=1, target=later)
    found = state("ahead", 2, "2026-03-09T09:00:00", moment="2026-03-13T10:00:00",
                  now="2026-03-12T10:00:00", more=[moved])  # fmt: skip
    assert (found.outcome, told(found.due_at)) == (None, "2026-03-18 18:00:00")


def test_a_moment_is_kept_to_the_second_and_agreed_anew_without_grace():
    def agreed(moment, at):
        target = Target(Measure.MOMENT, 1, moment=tick(moment))
        return Entry(Kind.RETARGET, tick(at), id=at, target=target)

    sooner = agreed("2026-03-10T11:00:00", "2026-03-10T10:00:00")
    found = state("moment", 1, "2026-03-09T09:00:00", moment="2026-03-20T10:00:00",
                  now="2026-03-10T10:30:00", more=[sooner])  # fmt: skip
    assert told(found.due_at) == "2026-03-10 11:00:00"
    too_late = agreed("2026-03-30T11:00:00", "2026-03-10T11:00:01")
    found = state("moment", 1, "2026-03-09T09:00:00", moment="2026-03-20T10:00:00",
                  now="2026-03-12T10:00:00", more=[sooner, too_late])  # fmt: skip
    assert (found.outcome, told(found.breached_at)) == ("breached", "2026-03-10 11:00:00")


def test_levels_of_dates_speak_before_and_after_them():
    found = state("next_month", 5, "2026-02-10T09:00:00")
    levels = read_levels("-1d owner\n100% head", target_of("next_month", 5))
    firings = [told(each.at) for each in pending(found, levels, ())]
    assert firings == ["2026-03-05 18:00:00", "2026-03-06 18:00:00"]
    found = state("ahead", 2, "2026-03-02T09:00:00", moment="2026-03-13T10:00:00")
    levels = (Level("-1d", offset=-86_400), Level("100%", percent=100))
    firings = [told(each.at) for each in pending(found, levels, ())]
    assert firings == ["2026-03-10 18:00:00", "2026-03-11 18:00:00"]


@pytest.mark.parametrize(
    ("unit", "amount"), [("months", 61), ("next_month", 16), ("days_ahead", 251), ("months", 0)]
)
def test_what_lies_too_far_is_refused(unit, amount):
    with pytest.raises(Impossible):
        target_of(unit, amount)


# A second way to count: one day after the other ---------------------------------------------------
starts = st.integers(0, 900 * 24 * 4).map(
    lambda quarter: datetime.fromisoformat("2025-01-05") + timedelta(minutes=15 * quarter)
)


def is_open(calendar, day):
    return bool(calendar.plan(day).hours)


def close_of(calendar, day):
    return calendar.instant(day, calendar.plan(day).hours[-1][1])


@seed(21)
@settings(max_examples=400)
@given(starts, st.integers(1, 15), st.sampled_from(sorted(BOOK)))
def test_the_month_after_agrees_with_a_walk_through_its_days(start, number, name):
    calendar = BOOK[name]
    day = (start.date().replace(day=1) + timedelta(days=31)).replace(day=1)
    found = []
    while len(found) < number:
        found += [day] if is_open(calendar, day) else []
        day += timedelta(days=1)
    shown = state("next_month", number, start.isoformat(), calendar)
    assert shown.due_at == close_of(calendar, found[-1])
    assert explain(shown, shown.due_at).total == number


@seed(22)
@settings(max_examples=400)
@given(starts, st.integers(1, 30), st.sampled_from(sorted(BOOK)))
def test_days_ahead_agree_with_a_walk_backwards(moment, number, name):
    calendar, day, found = BOOK[name], moment.date(), []
    while len(found) < number:
        day -= timedelta(days=1)
        found += [day] if is_open(calendar, day) else []
    early = (moment - timedelta(days=120)).isoformat()
    shown = state("ahead", number, early, calendar, moment=moment.isoformat())
    assert shown.due_at == close_of(calendar, found[-1])
    assert explain(shown, shown.due_at).total == number


@seed(23)
@settings(max_examples=400)
@given(starts, st.integers(1, 24), st.sampled_from(sorted(BOOK)))
def test_months_never_shift_the_date_but_at_a_months_end(start, months, name):
    calendar = BOOK[name]
    shown = state("months", months, start.isoformat(), calendar)
    due = instant_of(shown.due_at, calendar.zone)
    begun = instant_of(tick(start.isoformat(), calendar), calendar.zone)
    assert (due.year * 12 + due.month) - (begun.year * 12 + begun.month) == months
    assert due.day == begun.day or (due.date() + timedelta(days=1)).day == 1
    assert due.day <= begun.day
    assert explain(shown, shown.due_at).total == shown.due_at - shown.started_at
    assert (shown.due_at - shown.started_at) % SECOND == 0
