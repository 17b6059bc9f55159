"""Refusals say what, where and why in words."""

from guanxi.kernel.errors import (
    BadRequest,
    Denied,
    Difference,
    RuleViolation,
    RuleViolations,
    StaleVersion,
    TooMany,
)


def test_a_message_is_filled_in_or_left_as_it_is():
    assert RuleViolation("x", "at most %(n)s", n=3).text == "at most 3"
    assert RuleViolation("x", "100% sure").text == "100% sure"
    assert BadRequest("x", "no %(field)s", field="%s%(x)s").text == "no %s%(x)s"


def test_one_and_many_violations_are_read_alike():
    one = RuleViolation("a", "A", "name")
    many = RuleViolations([one, RuleViolation("b", "B %(n)s", "tier", n=1)])
    assert one.violations == [one]
    assert [(v.code, v.field, v.text) for v in many.violations] == [
        ("a", "name", "A"), ("b", "tier", "B 1"),
    ]  # fmt: skip
    assert (many.code, many.field) == ("a", "name")


def test_refusals_carry_what_surfaces_need():
    difference = Difference("name", "Name", base="a", mine="b", theirs="c")
    assert StaleVersion(4, [difference]).differences[0].theirs == "c"
    assert Denied("customers.view").permission == "customers.view"
    assert TooMany(30).retry_after == 30
