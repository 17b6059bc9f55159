"""What must hold for every clock, and the speed that a sweep of many needs."""

import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, seed, settings
from hypothesis import strategies as st

from guanxi.deadlines.rules.cases import read_calendar, read_case
from guanxi.deadlines.rules.explain import PartKind, explain
from guanxi.deadlines.rules.fold import Phase, state_at
from guanxi.deadlines.rules.ledger import Entry, Kind
from guanxi.deadlines.rules.levels import Level, pending
from guanxi.deadlines.rules.promises import Measure, Target, advance
from guanxi.deadlines.rules.times import SECOND, instant_of, ticks_of
from guanxi.deadlines.tests.worlds import BOOK, CALENDARS, NEVER, cases

pytestmark = pytest.mark.once
EVERY = [kind for kind in Kind if kind is not Kind.START]
C1 = read_calendar(CALENDARS["C1"])
FAR = 10**18


def read(world):
    return read_case(world[1], BOOK)


def due_of(entries, now):
    state = state_at(entries, now)
    due = state.due or state.if_resumed
    return due.ticks if due else FAR


@seed(11)
@settings(max_examples=600)
@given(cases(kinds=EVERY, recurring=st.booleans()), st.randoms(use_true_random=False))
def test_any_order_and_replay_of_the_same_events_give_one_state(world, chance):
    entries, now = read(world)
    again = [*entries, *chance.sample(entries, len(entries) // 2)]
    chance.shuffle(again)
    assert state_at(again, now) == state_at(entries, now)


@seed(12)
@settings(max_examples=600)
@given(cases(kinds=["pause", "resume", "reopen", "stop"]), st.integers(0, 300), st.integers(1, 90))
def test_more_pause_is_never_earlier(world, after, length):
    entries, now = read(world)
    since = entries[0].at + after * 900 * SECOND
    until = since + length * 900 * SECOND
    assume(until <= now)
    more = [
        Entry(Kind.PAUSE, since, id=1000, reason="more"),
        Entry(Kind.RESUME, until, id=1001, reason="more"),
    ]
    assume(all(entry.kind not in {Kind.STOP, Kind.REOPEN} for entry in entries))
    assert due_of([*entries, *more], now) >= due_of(entries, now)


@seed(13)
@settings(max_examples=600)
@given(cases(kinds=["pause", "resume", "transfer", "calendar_changed"], recurring=NEVER))
def test_a_larger_target_is_never_earlier(world):
    entries, now = read(world)
    target = entries[0].target
    larger = replace(entries[0], target=replace(target, amount=target.amount + 1))
    assert due_of([larger, *entries[1:]], now) >= due_of(entries, now)


@seed(14)
@settings(max_examples=600)
@given(cases(kinds=["pause", "resume", "retarget", "transfer", "stop", "reopen"]))
def test_the_explanation_adds_up_to_the_target(world):
    entries, now = read(world)
    state = state_at(entries, now)
    found = explain(state, now)
    assert all(part.start < part.end for part in found.parts)
    target = found.reach.target
    if target.measure is not Measure.BUSINESS_DAYS:
        assert all(a.end == b.start for a, b in zip(found.parts, found.parts[1:], strict=False))
    if found.is_complete:
        unit = 1 if target.measure is Measure.BUSINESS_DAYS else SECOND
        assert found.total == target.amount * unit
    if state.phase is Phase.RUNNING:
        assert found.is_complete


def clock(measure, amount, start, *more):
    begun = ticks_of(datetime.fromisoformat(start))
    target = Target(Measure(measure), amount)
    return [Entry(Kind.START, begun, target=target, calendar=C1), *more]


def tick(text):
    return ticks_of(datetime.fromisoformat(text))


def told(ticks):
    return instant_of(ticks, C1.zone).strftime("%d %H:%M")


def test_an_explanation_names_holidays_and_make_up_days():
    entries = clock("business", 2 * 3600, "2026-02-14T17:30:00+08:00")
    parts = explain(state_at(entries, entries[0].at), entries[0].at).parts
    assert (parts[0].kind, parts[0].name) == (PartKind.MAKE_UP, "春节调休")
    assert {part.name for part in parts if part.kind is PartKind.HOLIDAY} == {"春节"}
    days = clock("business_days", 3, "2026-02-12T10:00:00+08:00")
    parts = explain(state_at(days, days[0].at), days[0].at).parts
    assert [(told(part.start)[:2], part.kind) for part in parts if part.counted] == [
        ("13", PartKind.OPEN),
        ("14", PartKind.MAKE_UP),
        ("24", PartKind.OPEN),
    ]


@pytest.mark.parametrize(
    ("measure", "amount", "level", "expected"),
    [
        ("business", 18_000, {"percent": 80}, "13 15:00"),
        ("business", 18_000, {"percent": 100}, "13 16:00"),
        ("business", 18_000, {"percent": 200}, "16 12:00"),
        ("business", 18_000, {"offset": 10_800}, "16 10:00"),
        ("business", 18_000, {"offset": -90_000}, "13 11:00"),
        ("calendar", 86_400, {"offset": -3600}, "14 10:00"),
        ("business_days", 3, {"offset": -1}, "17 18:00"),
        ("business_days", 3, {"percent": 50}, "17 13:30"),
        ("business_days", 3, {"offset": 2}, "20 18:00"),
    ],
)
def test_a_level_sits_in_the_clocks_own_measure(measure, amount, level, expected):
    entries = clock(measure, amount, "2026-03-13T11:00:00+08:00")
    state = state_at(entries, entries[0].at)
    assert told(pending(state, [Level("one", **level)], ())[0].at) == expected


def test_each_level_is_pending_once_for_each_promise_and_never_while_paused():
    levels = [Level("warn", percent=50), Level("due", percent=100)]
    entries = clock("business", 7200, "2026-03-13T10:00:00+08:00")
    state = state_at(entries, tick("2026-03-13T11:30:00+08:00"))
    assert [firing.key for firing in pending(state, levels, {("warn", 0)})] == [("due", 0)]
    target = Target(Measure.BUSINESS, 10_800)
    entries.append(Entry(Kind.RETARGET, tick("2026-03-13T11:30:00+08:00"), target=target))
    state = state_at(entries, tick("2026-03-13T11:30:00+08:00"))
    assert [f.key for f in pending(state, levels, {("warn", 0)})] == [("warn", 1), ("due", 1)]
    entries.append(Entry(Kind.PAUSE, tick("2026-03-13T11:31:00+08:00")))
    state = state_at(entries, tick("2026-03-13T15:00:00+08:00"))
    assert not pending(state, levels, ())


@pytest.mark.slow
def test_advance_on_business_time_is_quick():
    chance = random.Random(1)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    calls = [
        (first + timedelta(seconds=chance.randrange(86_400 * 300)), chance.randrange(60, 200_000))
        for _ in range(50_000)
    ]
    advance(C1, Measure.BUSINESS, first, 60)
    begun = time.process_time()
    for start, amount in calls:
        advance(C1, Measure.BUSINESS, start, amount)
    assert len(calls) / (time.process_time() - begun) >= 100_000
