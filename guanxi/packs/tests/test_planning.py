"""Three ways at every leaf: as the pack wrote it last, as it is here, as the pack wants it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.packs.planning import Known, State, leaves, nested, plan

pytestmark = pytest.mark.once


def decide(was, here, wanted, **more):
    known = Known(here=here, is_here=True, written=was, **more)
    return plan("things", "one", wanted, known, "a.yaml:1")


@pytest.mark.parametrize(
    ("was", "here", "wanted", "state", "becomes"),
    [
        ({"a": 1}, {"a": 1}, {"a": 1}, State.SAME, {"a": 1}),
        ({"a": 1}, {"a": 1}, {"a": 2}, State.CHANGED, {"a": 2}),
        ({"a": 1}, {"a": 9}, {"a": 2}, State.KEPT, {"a": 9}),
        ({"a": 1}, {"a": 9}, {"a": 1}, State.KEPT, {"a": 9}),
        ({"a": 1}, {"a": 2}, {"a": 2}, State.SAME, {"a": 2}),
        ({"a": 1}, {"a": 1}, {"a": 1, "b": 2}, State.CHANGED, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": 1}, {"a": 1, "b": 2}, State.KEPT, {"a": 1}),
        ({"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1}, State.CHANGED, {"a": 1}),
        ({"a": 1}, {"a": 1, "b": 2}, {"a": 1}, State.KEPT, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": 9}, {"a": 1, "b": 2}, State.CHANGED, {"a": 9, "b": 2}),
        (None, {"a": 9}, {"a": 1, "b": 2}, State.KEPT, {"a": 9}),
    ],
)
def test_what_was_edited_here_stays(was, here, wanted, state, becomes):
    step = decide(was, here, wanted)
    assert (step.state, step.values) == (state, becomes)


def test_taking_the_packs_gives_up_every_edit():
    step = decide({"a": 1}, {"a": 9, "c": 3}, {"a": 2, "b": 2}, is_taken=True)
    assert (step.state, step.values, step.kept) == (State.CHANGED, {"a": 2, "b": 2}, ())


def test_additions_leave_what_is_here_and_forget_nothing():
    step = decide({"a": 1, "c": 3}, {"a": 1, "c": 3}, {"a": 2, "b": 2}, is_additions_only=True)
    assert step.values == {"a": 1, "b": 2, "c": 3}
    later = decide(step.remembered, step.values, {"a": 2, "b": 2})
    assert (later.state, later.values, later.kept) == (State.CHANGED, {"a": 2, "b": 2}, ())


def test_what_is_gone_or_archived_here_is_not_made_again():
    gone = plan("s", "n", {"a": 1}, Known(None, is_here=False, written={"a": 1}), "")
    archived = plan("s", "n", {"a": 1}, Known(None, is_here=True, written={"a": 1}), "")
    assert [gone.state, archived.state] == [State.REMOVED, State.ARCHIVED]
    assert not gone.writes
    assert not archived.writes


KEYS, SMALL = st.sampled_from("abc"), st.integers(0, 2)
VALUES = st.builds(
    lambda plain, rights: {**plain, "rights": rights},
    st.dictionaries(KEYS, st.one_of(SMALL, st.dictionaries(KEYS, SMALL))),
    st.dictionaries(KEYS, SMALL),
)
MERGED = frozenset({"rights"})


@given(st.one_of(st.none(), VALUES), VALUES, VALUES)
def test_applying_twice_changes_nothing_more_and_no_edit_is_lost(was, here, wanted):
    first = decide(was, here, wanted, merged=MERGED)
    again = decide(first.remembered, first.values, wanted, merged=MERGED)
    assert again.changes == ()
    assert leaves(again.values, MERGED) == leaves(first.values, MERGED)
    base, after = leaves(was or {}, MERGED), leaves(first.values, MERGED)
    for path, value in leaves(here, MERGED).items():
        if was is None or base.get(path) != value:
            assert after[path] == value


@given(VALUES)
def test_leaves_are_the_values_but_for_what_is_empty(values):
    assert leaves(nested(leaves(values, MERGED)), MERGED) == leaves(values, MERGED)


def test_a_condition_is_taken_whole():
    step = decide({"when": {"all": [1]}}, {"when": {"any": [2]}}, {"when": {"all": [3]}})
    assert (step.state, step.values) == (State.KEPT, {"when": {"any": [2]}})
