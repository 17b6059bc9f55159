"""Ten thousand and more random cases, answered alike by the rules and by a clock that walks."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from guanxi.deadlines.rules.cases import answer_case
from guanxi.deadlines.tests.oracle import STEP, STEPS
from guanxi.deadlines.tests.worlds import BOOK, cases, oracle_of

pytestmark = pytest.mark.once
LATE = STEP * (STEPS - 1)


def agree(world):
    origin, case = world
    expected = oracle_of(origin).answer(case)
    found = answer_case(case, 1, BOOK)
    if expected is None:
        end = datetime.fromisoformat(f"{origin}T00:00:00+00:00") + timedelta(seconds=LATE)
        assert datetime.fromisoformat(found["due_at"]) >= end
        return
    assert {name: found[name] for name in expected} == expected


@seed(1)
@settings(max_examples=2_000)
@given(cases(kinds=[]))
def test_dues_without_events(world):
    agree(world)


@seed(2)
@settings(max_examples=2_500)
@given(cases(kinds=["pause", "resume"], most=8))
def test_pauses(world):
    agree(world)


@seed(3)
@settings(max_examples=2_500)
@given(
    cases(kinds=["stop", "reopen", "delivery_failed", "pause", "resume", "excuse"], most=8),
)
def test_ends_that_were_none(world):
    agree(world)


@seed(4)
@settings(max_examples=1_500)
@given(cases(kinds=["update", "pause", "resume", "retarget", "stop"], recurring=st.just(True)))
def test_recurring_updates(world):
    agree(world)


@seed(5)
@settings(max_examples=2_500)
@given(
    cases(
        kinds=["retarget", "transfer", "calendar_changed", "pause", "resume", "stop"],
        recurring=st.sampled_from([False, False, True]),
    )
)
def test_changed_promises(world):
    agree(world)
