"""The one table of the process, against the handbook written down by hand."""

import pytest

from guanxi.complaints import rules
from guanxi.kernel.errors import RuleViolation

OPEN = (
    *("registered", "acknowledged", "investigating", "determined", "legal_review", "proposed"),
    *("approved", "executing", "executed", "visited"),
)
EVERYTHING = frozenset(
    {"handler", "apart", "second", "finding", "legal", "remedy", "carried_out", "told_plan",
     "told", "answered", "ruling", "undecided"}
)  # fmt: skip
#: Step, the states in which it may be taken, where it leads ("" stays), what it asks for.
HANDBOOK = {
    "acknowledge": (["registered"], "acknowledged", set()),
    "assign": ([*OPEN, "external"], "", set()),
    "investigate": (["acknowledged"], "investigating", {"handler"}),
    "note_finding": (["investigating"], "", {"apart"}),
    "add_evidence": ([*OPEN, "external"], "", set()),
    "extend": (["registered", "acknowledged", "investigating"], "", {"second"}),
    "determine": (["investigating", "determined"], "determined", {"apart", "finding"}),
    "submit": (["determined"], "legal_review", {"apart"}),
    "legal_agrees": (["legal_review"], "", set()),
    "legal_refuses": (["legal_review"], "investigating", set()),
    "legal_is_withdrawn": (["legal_review"], "determined", set()),
    "add_remedy": (["legal_review"], "", {"legal"}),
    "drop_remedy": (["legal_review"], "", {"legal"}),
    "propose": (["legal_review"], "proposed", {"apart", "legal", "remedy"}),
    "solution_agreed": (["proposed"], "approved", set()),
    "solution_refused": (["proposed"], "legal_review", set()),
    "solution_withdrawn": (["proposed"], "legal_review", set()),
    "begin": (["approved"], "executing", {"told_plan"}),
    "carry_out": (["executing"], "", set()),
    "finish": (["executing"], "executed", {"carried_out"}),
    "tell": ([*OPEN, "external"], "", set()),
    "hear": ([*OPEN, "external"], "", set()),
    "wait": (OPEN, "", set()),
    "attempt": (["executed", "visited"], "visited", {"told"}),
    "visit": (["executed", "visited"], "visited", {"told"}),
    "close": (["visited"], "closed", {"told", "answered", "second", "apart"}),
    "reopen": (["visited", "closed", "withdrawn"], "investigating", set()),
    "withdraw": (OPEN[:7], "withdrawn", {"undecided"}),
    "refer": ([*OPEN, "closed"], "external", {"undecided"}),
    "note_ruling": (["external"], "", set()),
    "take_back": (["external"], "investigating", {"ruling"}),
    "invite": (["visited", "closed"], "", set()),
}


def test_every_state_and_every_step_is_as_the_handbook_says():
    assert set(rules.STEPS) == set(HANDBOOK)
    for name, (starts, end, _needs) in HANDBOOK.items():
        for state in rules.STATES:
            if state in starts:
                assert rules.check_step(name, state, EVERYTHING) == (end or state), (name, state)
                continue
            with pytest.raises(RuleViolation, match="not_now"):
                rules.check_step(name, state, EVERYTHING)


def test_every_step_asks_for_each_of_its_needs():
    for name, (starts, _end, needs) in HANDBOOK.items():
        assert set(rules.STEPS[name].needs) == needs, name
        for need in needs:
            with pytest.raises(RuleViolation, match=f"^{need}$"):
                rules.check_step(name, next(iter(starts)), EVERYTHING - {need})


def test_no_way_leads_around_a_step():
    """Whichever steps people take, a state is reached through all that stand before it."""
    forward = {rules.WAY[n]: set(rules.WAY[:n]) for n in range(len(rules.WAY))}
    for step in rules.STEPS.values():
        if step.end not in forward:
            continue
        for start in step.start & forward.keys():
            lacking = forward[step.end] - forward[start] - {start}
            assert not lacking, (step.name, start, lacking)


def present(**values):
    given = {
        "handler": 1, "concerned": frozenset({9}), "has_finding": True, "is_reviewed": True,
        "remedies": 2, "carried_out": 2, "is_told_plan": True, "is_told": True, "attempts": 0,
        "outcome": "accepted", "visitors": frozenset({1}), "has_ruling": False,
        "is_undecided": True,
    }  # fmt: skip
    return rules.Present(**{**given, **values})


@pytest.mark.parametrize(
    ("values", "fact", "holds"),
    [
        ({}, "answered", True),
        ({"outcome": "rejected"}, "answered", False),
        ({"outcome": "rejected", "attempts": 3}, "answered", False),
        ({"outcome": "", "attempts": 2}, "answered", False),
        ({"outcome": "", "attempts": 3}, "answered", True),
        ({"carried_out": 1}, "carried_out", False),
        ({"remedies": 0, "carried_out": 0}, "carried_out", False),
        ({"handler": None}, "handler", False),
    ],
)
def test_what_holds(values, fact, holds):
    assert (fact in rules.facts_of(present(**values), {2})) is holds


def test_people_are_kept_apart_also_when_they_stand_for_somebody():
    facts = rules.facts_of
    assert {"apart", "second"} <= facts(present(), {2})
    assert "second" not in facts(present(), {1})
    assert "second" not in facts(present(), {2, 1})
    assert "apart" not in facts(present(), {2, 9})
    assert "second" not in facts(present(handler=3), {1})  # whoever made the visit


@pytest.mark.parametrize(
    ("shares", "party", "code"),
    [
        ((100, 0, 0), "", None),
        ((50, 20, 30), "承运商", None),
        ((50, 20, 30), "", "third_party"),
        ((50, 20, 20), "承运商", "shares"),
        ((150, -50, 0), "", "shares"),
    ],
)
def test_responsibility_is_whole(shares, party, code):
    if code is None:
        rules.check_shares(*shares, party)
        return
    with pytest.raises(RuleViolation, match=code):
        rules.check_shares(*shares, party)


@pytest.mark.parametrize(
    ("values", "current", "code"),
    [
        ({"origin": "self", "complainant_name": "李"}, {}, None),
        ({"customer": 1}, {}, None),
        ({}, {}, "who"),
        ({"origin": "anonymous"}, {}, None),
        ({"origin": "anonymous", "complainant_name": "李"}, {}, "anonymous"),
        ({"origin": "proxy", "complainant_name": "李"}, {}, "represents"),
        ({"origin": "proxy", "represents": "王"}, {}, None),
        ({"claim": "refund"}, {"state": "determined", "claim": "apology", "customer": 1},
         "determined"),
        ({"severity": "serious"}, {"state": "determined", "customer": 1}, None),
    ],
)  # fmt: skip
def test_what_is_taken_in(values, current, code):
    if code is None:
        rules.check_intake(values, current)
        return
    with pytest.raises(RuleViolation, match=code):
        rules.check_intake(values, current)


@pytest.mark.parametrize("state", rules.STATES)
def test_only_what_is_ended_is_archived(state):
    if state in {"closed", "withdrawn"}:
        rules.check_archiving(state, has_ruling=False)
        return
    with pytest.raises(RuleViolation, match="not_ended"):
        rules.check_archiving(state, has_ruling=False)


def test_an_outside_decision_can_be_archived():
    rules.check_archiving("external", has_ruling=True)
