"""Which step of a ticket is possible (pure)."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from guanxi.kernel.errors import RuleViolation
from guanxi.tickets import rules

AT = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)
NAMES = {"greet": "问候", "confirm": "确认需求", "handle": "处理", "follow_up": "跟进"}


@pytest.mark.parametrize("state", ["new", "open", "waiting"])
def test_a_reply_takes_a_live_ticket_up(state):
    assert rules.after_reply(state, "open") == "open"
    assert rules.after_reply(state, "waiting") == "waiting"


@pytest.mark.parametrize(("state", "code"), [("solved", "not_live"), ("closed", "not_live"),
                                             ("merged", "merged")])  # fmt: skip
def test_what_is_settled_is_not_answered(state, code):
    with pytest.raises(RuleViolation, match=code):
        rules.after_reply(state, "open")


@pytest.mark.parametrize(
    ("state", "after"), [("new", "new"), ("waiting", "open"), ("solved", "open")]
)
def test_the_customer_ends_the_waiting(state, after):
    assert rules.after_hearing(state) == after


def test_solved_is_what_went_through_the_process():
    with pytest.raises(RuleViolation) as refused:
        rules.check_solving("open", ["greet"], NAMES)
    assert refused.value.params == {"steps": "确认需求、处理"}
    rules.check_solving("open", ["greet", "confirm", "handle"], NAMES)


def test_it_is_opened_again_within_seven_days_to_the_second():
    rules.check_reopening("solved", AT - timedelta(days=7), AT)
    with pytest.raises(RuleViolation, match="too_late_to_reopen"):
        rules.check_reopening("closed", AT - timedelta(days=7, seconds=1), AT)
    with pytest.raises(RuleViolation, match="live_already"):
        rules.check_reopening("open", None, AT)


@pytest.mark.parametrize(
    ("source", "target", "code"),
    [
        ((1, "open", 5), (1, "open", 5), "same_ticket"),
        ((1, "merged", 5), (2, "open", 5), "merged"),
        ((1, "open", 5), (2, "solved", 5), "not_live"),
        ((1, "open", 5), (2, "open", 6), "other_customer"),
    ],
)
def test_what_cannot_be_merged(source, target, code):
    names = ("pk", "state", "customer_id")
    pair = [SimpleNamespace(**dict(zip(names, each, strict=True))) for each in (source, target)]
    with pytest.raises(RuleViolation, match=code):
        rules.check_merging(*pair)


def test_an_emergency_is_declared_not_chosen():
    with pytest.raises(RuleViolation, match="stays_emergency"):
        rules.check_kind({"kind": "emergency"}, {"kind": "enquiry"})
    with pytest.raises(RuleViolation, match="stays_emergency"):
        rules.check_kind({"kind": "enquiry"}, {"kind": "emergency"})
    rules.check_kind({"kind": "emergency"}, {})


def test_a_forbidden_phrase_is_found_through_spaces():
    wordings = [("不归我管", "我帮您联系"), ("No Way", "")]
    assert rules.forbidden("这 不归\n我管，您找别人", wordings) == wordings[0]
    assert rules.forbidden("there is NO WAY", wordings) == wordings[1]
    assert rules.forbidden("马上核实", wordings) is None
