"""What must be true of customers and their records: pure functions on typed values."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from guanxi.customers.messages import (
    BAD_CURRENCY,
    BAD_INFLUENCE,
    BAD_KIND,
    BAD_YEAR,
    NEGATIVE,
    NOT_OF_CUSTOMER,
    OF_A_POOL,
    OTHER_CUSTOMER,
    OWN_SUPERIOR,
)
from guanxi.kernel import identifiers, text
from guanxi.kernel.errors import RuleViolation

Values = dict[str, Any]
Current = Mapping[str, Any]
_CURRENCY = re.compile(r"[A-Z]{3}")


def check_customer(values: Values, current: Current) -> Values:
    """Credit code with its check digit, no negative sizes, blank identifiers as nothing."""
    checked = dict(values)
    if checked.get("owner"):
        check_not_in_pool(current.get("pool"))
    for name in ("external_id", "credit_code"):
        if name in checked:
            checked[name] = checked[name] or None
    if checked.get("credit_code"):
        checked["credit_code"] = _credit_code(checked["credit_code"])
    for name in ("headcount", "revenue_minor"):
        _check_not_negative(name, checked.get(name))
    return checked


def check_not_in_pool(pool_id: int | None) -> None:
    """A customer in a pool gets its owner by being claimed or assigned."""
    if pool_id is not None:
        raise RuleViolation("of_a_pool", OF_A_POOL, "owner")


def derive_customer(values: Values) -> Values:
    """The sort key that follows from the name."""
    if "name" not in values:
        return {}
    return {"name_sort": text.pinyin_sort_key(values["name"])[:200]}


def check_contact(values: Values, current: Current) -> Values:
    """Influence between 1 and 5."""
    del current
    influence = values.get("influence")
    if influence is not None and not 1 <= influence <= 5:
        raise RuleViolation("bad_influence", BAD_INFLUENCE, "influence")
    return dict(values)


def check_superior(
    contact_id: int | None, customer_id: int, superiors: list[tuple[int, int]]
) -> None:
    """The chain of superiors stays in one company and never comes back to its start.

    `superiors` lists (contact id, customer id) from the direct superior upwards.
    """
    for superior_id, superior_customer_id in superiors:
        if superior_customer_id != customer_id:
            raise RuleViolation("other_customer", OTHER_CUSTOMER, "reports_to")
        if superior_id == contact_id:
            raise RuleViolation("own_superior", OWN_SUPERIOR, "reports_to")


def check_belongs(customer_id: int, other_customer_id: int, field: str) -> None:
    """What a record refers to belongs to the same customer."""
    if customer_id != other_customer_id:
        raise RuleViolation("other_customer", NOT_OF_CUSTOMER, field)


def check_money(values: Values, current: Current) -> Values:
    """A currency is three capital letters."""
    del current
    checked = dict(values)
    if checked.get("currency"):
        checked["currency"] = checked["currency"].upper()
        if not _CURRENCY.fullmatch(checked["currency"]):
            raise RuleViolation("bad_currency", BAD_CURRENCY, "currency")
    return checked


def check_filing(kind: str, year: int, kinds: Collection[str]) -> None:
    """A file is filed under a known kind and a year that a paper can bear."""
    if kind not in kinds:
        raise RuleViolation("bad_kind", BAD_KIND, "kind")
    if not 1900 <= year <= 2200:
        raise RuleViolation("bad_year", BAD_YEAR, "year")


def derive_order(values: Values) -> Values:
    """A negative amount is a return."""
    if values.get("amount_minor") is None:
        return {}
    return {"kind": "return" if values["amount_minor"] < 0 else "sale"}


def _credit_code(written: str) -> str:
    try:
        return identifiers.check_credit_code(written)
    except identifiers.IdentifierError as error:
        raise error.as_violation("credit_code") from error


def _check_not_negative(name: str, value: int | None) -> None:
    if value is not None and value < 0:
        raise RuleViolation("negative", NEGATIVE, name)


def moves(**pairs: tuple[int | None, int | None]) -> dict[str, tuple[int | None, int | None]]:
    """The pairs of old and new that differ: what an event tells of fields that move together."""
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
