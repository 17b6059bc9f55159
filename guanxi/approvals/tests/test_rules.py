"""Transitions and who may decide, by table and by many cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.approvals import rules
from guanxi.approvals.choices import Act, Mode, RequestState, SeatState
from guanxi.approvals.rules import Circle, Place
from guanxi.kernel.errors import RuleViolation

pytestmark = pytest.mark.once
DECIDING = {Act.APPROVE, Act.REJECT, Act.RETURN, Act.TRANSFER, Act.ADD_SIGNER}


@pytest.mark.parametrize("state", list(RequestState))
@pytest.mark.parametrize("act", list(Act))
def test_what_may_be_done_in_which_state(state, act):
    may = {
        RequestState.OPEN: DECIDING | {Act.WITHDRAW},
        RequestState.RETURNED: {Act.RESUBMIT, Act.WITHDRAW},
    }.get(state, set())
    if act in may:
        rules.check_act(state, act)
    else:
        with pytest.raises(RuleViolation):
            rules.check_act(state, act)


YES, ASKED, VOID = SeatState.APPROVED, SeatState.ASKED, SeatState.VOID


@pytest.mark.parametrize(
    ("places", "is_passed"),
    [
        ([(Mode.ANY, YES), (Mode.ANY, ASKED)], True),
        ([(Mode.ALL, YES), (Mode.ALL, ASKED)], False),
        ([(Mode.ALL, YES), (Mode.ALL, YES)], True),
        ([(Mode.ANY, ASKED), (Mode.ANY, ASKED)], False),
        ([(Mode.ANY, YES), (Mode.ANY, ASKED, True)], False),
        ([(Mode.ANY, ASKED), (Mode.ANY, YES, True)], False),
        ([(Mode.ANY, YES), (Mode.ANY, YES, True)], True),
        ([(Mode.ALL, YES), (Mode.ALL, VOID)], True),
    ],
)
def test_which_signatures_pass_a_step(places, is_passed):
    found = [Place(1, *place) for place in places]
    assert rules.is_passed(found, 1) is is_passed


def test_who_may_not_decide_is_told_why():
    circle = Circle(frozenset({1}), frozenset({2}), frozenset({3}))
    for people, code in (({1, 9}, "own_request"), ({9, 2}, "concerned"), ({3}, "signed_twice")):
        with pytest.raises(RuleViolation) as found:
            rules.refuse_decider(people, circle)
        assert found.value.code == code
    rules.refuse_decider({4, 5}, circle)


people = st.sets(st.integers(1, 8), max_size=4)
places_of = st.builds(
    Place,
    position=st.integers(1, 4),
    mode=st.sampled_from(Mode),
    state=st.sampled_from(SeatState),
    is_added=st.booleans(),
    decided_by=st.none() | st.integers(1, 8),
    stood_for=st.none() | st.integers(1, 8),
)
many = st.lists(places_of, max_size=12)


@given(people, people, people, people)
def test_nobody_of_the_circle_ever_decides_alone_or_for_somebody(asking, concerned, signed, who):
    circle = Circle(frozenset(asking), frozenset(concerned), frozenset(signed))
    try:
        rules.refuse_decider(who, circle)
    except RuleViolation:
        assert who & circle.everyone
    else:
        assert not who & circle.everyone


@given(many, st.integers(1, 4))
def test_a_missing_signature_never_passes_and_one_more_never_hinders(places, position):
    here = [p for p in places if p.position == position and p.state != SeatState.VOID]
    is_passed = rules.is_passed(places, position)
    if is_passed:
        assert all(p.state == YES for p in here if p.mode == Mode.ALL or p.is_added)
        assert not here or any(p.state == YES for p in here)
    signed = [Place(p.position, p.mode, YES, p.is_added) for p in places]
    assert rules.is_passed(signed, position)


@given(many, st.integers(1, 4), st.booleans())
def test_who_signed_is_told_with_whom_they_stood_for(places, position, is_different):
    found = rules.signed(places, position, is_different=is_different)
    for place in places:
        counts = place.state in {SeatState.APPROVED, SeatState.REJECTED, SeatState.RETURNED}
        if counts and (is_different or place.position == position):
            assert {place.decided_by, place.stood_for} - {None} <= found
    assert rules.signed(places, position, is_different=False) <= rules.signed(
        places, position, is_different=True
    )


@given(many, st.integers(0, 5))
def test_the_next_step_is_the_nearest_that_counts(places, position):
    live = {p.position for p in places if p.state != SeatState.VOID}
    following = rules.next_position(places, position)
    if following is None:
        assert not {n for n in live if n > position}
    else:
        assert following in live
        assert not {n for n in live if position < n < following}


parts = st.dictionaries(st.sampled_from("abcd"), st.sampled_from("xyz"))


@given(parts, parts)
def test_what_changed_is_what_differs(before, after):
    found = rules.changed_names(before, after)
    assert (found == []) is (before == after)
    assert rules.changed_names(after, before) == found
