"""Amounts as people write them, as they are stored, and what no amount can be."""

from decimal import Decimal, InvalidOperation

import pytest

from guanxi.surfaces.amounts import counted, in_major, in_minor, minor_digits


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [("12.34", "CNY", 1234), ("1.2万", "CNY", 1_200_000), ("3亿", "JPY", 300_000_000),
     ("500", "JPY", 500), ("1.234", "KWD", 1234), ("-8", "USD", -800)],
)  # fmt: skip
def test_an_amount_becomes_minor_units_of_its_currency(written, currency, minor):
    assert in_minor(counted(written), currency) == minor
    assert in_major(minor, currency) == counted(written)


@pytest.mark.parametrize(
    "written", ["", "万", "x", "1e9999999", "1e999999万", "NaN", "sNaN", "1e99"]
)
def test_what_is_no_amount_is_one_kind_of_error(written):
    with pytest.raises(InvalidOperation):
        in_minor(counted(written), "CNY")


def test_a_currency_that_nobody_has_told_of_has_two_digits():
    assert minor_digits("ZZZ") == 2
    assert in_major(5, "ZZZ") == Decimal("0.05")
