"""What must hold of to-dos and promises, whatever is done to them in whatever order."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.commitments import rules
from guanxi.kernel.errors import RuleViolation

AT = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "told", "state"),
    [
        ("todo", "", "closed"),
        ("todo", "by phone", "closed"),
        ("promise", "", "untold"),
        ("promise", "by phone", "closed"),
    ],
)
def test_a_promise_is_closed_only_when_the_customer_was_told(kind, told, state):
    settled = rules.complete(kind, "open", told, AT)
    assert (settled.state, settled.done_at) == (state, AT)
    assert settled.told_at == (AT if told else None)


STEPS = st.lists(
    st.tuples(st.sampled_from(["complete", "tell", "drop", "reopen"]), st.sampled_from(["", "x"])),
    max_size=12,
)


def stepped(kind, now, step, told):
    """What a step leaves; a refused one leaves everything as it was."""
    try:
        return {
            "complete": lambda: rules.complete(kind, now.state, told, AT),
            "tell": lambda: rules.tell(now.state, now.done_at, told, AT),
            "drop": lambda: rules.drop(kind, now.state, told, AT),
            "reopen": lambda: rules.reopen(now.state),
        }[step]()
    except RuleViolation:
        return now


@given(kind=st.sampled_from(["todo", "promise"]), steps=STEPS)
def test_no_order_of_steps_closes_a_promise_of_which_the_customer_heard_nothing(kind, steps):
    fresh = now = rules.Settled("open", None, None, "")
    for step, told in steps:
        now = stepped(kind, now, step, told)
        if kind == "promise" and now.state in {"closed", "dropped"}:
            assert now.told_at == AT
            assert now.told_note
        assert now.state != "open" or now == fresh


@pytest.mark.parametrize("name", ["title", "customer", "owner", "due_at"])
@pytest.mark.parametrize("state", ["closed", "dropped"])
def test_what_is_settled_is_fixed(name, state):
    current = {"kind": "promise", "customer": 1, "title": "a", "owner": 2, "due_at": AT}
    other = {"customer": 3, "title": "b", "owner": 4, "due_at": AT.replace(day=12)}
    rules.check_terms({name: current[name]}, {**current, "state": state})
    rules.check_terms({name: other[name]}, {**current, "state": "untold"})
    with pytest.raises(RuleViolation) as refused:
        rules.check_terms({name: other[name]}, {**current, "state": state})
    assert refused.value.field == name


def test_a_promise_is_to_somebody_and_stays_one():
    with pytest.raises(RuleViolation, match="to_whom"):
        rules.check_terms({"kind": "promise"}, {})
    current = {"kind": "promise", "customer": 1, "state": "open"}
    with pytest.raises(RuleViolation, match="to_whom"):
        rules.check_terms({"customer": None}, current)
    with pytest.raises(RuleViolation, match="stays_a_promise"):
        rules.check_terms({"kind": "todo"}, current)
    rules.check_terms({"kind": "promise"}, {**current, "kind": "todo"})
