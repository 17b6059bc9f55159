"""What must be true of customers and their records, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.customers import rules
from guanxi.kernel import identifiers
from guanxi.kernel.errors import RuleViolation

CODE = identifiers.complete_credit_code("91310115MA1K3XYQ2")


def refused(call, *given_values) -> str:
    with pytest.raises(RuleViolation) as refusal:
        call(*given_values)
    return refusal.value.code


def test_blank_identifiers_are_none_so_that_many_may_be_blank():
    checked = rules.check_customer({"external_id": "", "credit_code": ""}, {})
    assert checked == {"external_id": None, "credit_code": None}


def test_a_credit_code_is_kept_in_its_one_form():
    assert rules.check_customer({"credit_code": CODE.lower()}, {})["credit_code"] == CODE


@pytest.mark.parametrize("name", ["headcount", "revenue_minor"])
def test_sizes_are_not_negative(name):
    assert rules.check_customer({name: 0}, {}) == {name: 0}
    assert refused(rules.check_customer, {name: -1}, {}) == "negative"


def test_a_wrong_check_digit_is_refused_at_its_field():
    wrong = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
    with pytest.raises(RuleViolation) as refusal:
        rules.check_customer({"credit_code": wrong}, {})
    assert refusal.value.field == "credit_code"


def test_the_keys_follow_from_the_name_only():
    derived = rules.derive_customer({"name": "上海云澜精密电子有限公司"})
    assert derived["name_sort"].startswith("shang")
    assert rules.derive_customer({"industry": "医药"}) == {}


@given(st.text(max_size=120))
def test_keys_fit_their_columns_whatever_the_name(name):
    derived = rules.derive_customer({"name": name})
    assert len(derived["name_sort"]) <= 200


@given(st.integers())
def test_influence_lies_between_one_and_five(influence):
    if 1 <= influence <= 5:
        assert rules.check_contact({"influence": influence}, {}) == {"influence": influence}
    else:
        assert refused(rules.check_contact, {"influence": influence}, {}) == "bad_influence"


@pytest.mark.parametrize(
    ("superiors", "code"),
    [([(2, 9)], "other_customer"), ([(2, 1), (1, 1)], "own_superior"), ([(1, 1)], "own_superior")],
)
def test_the_chain_of_superiors_stays_in_the_house_and_has_an_end(superiors, code):
    assert refused(rules.check_superior, 1, 1, superiors) == code


def test_a_straight_chain_is_fine():
    rules.check_superior(1, 1, [(2, 1), (3, 1)])
    rules.check_superior(None, 1, [])


@pytest.mark.parametrize(("amount", "kind"), [(1, "sale"), (0, "sale"), (-1, "return")])
def test_a_negative_amount_is_a_return(amount, kind):
    assert rules.derive_order({"amount_minor": amount}) == {"kind": kind}
    assert rules.derive_order({"notes": "x"}) == {}


@pytest.mark.parametrize("currency", ["yuan", "C1", "￥", "人民币"])
def test_a_currency_is_three_letters(currency):
    assert rules.check_money({"currency": "gbp"}, {})["currency"] == "GBP"
    assert refused(rules.check_money, {"currency": currency}, {}) == "bad_currency"


def test_what_is_referred_to_belongs_to_the_same_customer():
    rules.check_belongs(1, 1, "contact")
    assert refused(rules.check_belongs, 1, 2, "contact") == "other_customer"


@pytest.mark.parametrize(
    ("kind", "year", "code"),
    [("memo", 2026, "bad_kind"), ("contract", 1899, "bad_year"), ("contract", 2201, "bad_year")],
)
def test_a_file_has_a_known_kind_and_a_likely_year(kind, year, code):
    rules.check_filing("contract", 2026, ["contract"])
    assert refused(rules.check_filing, kind, year, ["contract"]) == code
