"""A file's new rows are held against the customers in scope, by more than their names (CUS-12)."""

from dataclasses import replace

import pytest

from guanxi.customers.duplicates.queries import list_alike_names
from guanxi.customers.pools.tests import factories as pools
from guanxi.customers.tests import factories
from guanxi.kernel import identifiers
from guanxi.kernel.actor import Level

pytestmark = pytest.mark.django_db
CODE = identifiers.complete_credit_code("91310115MA1K3XYQ2")
STORED = "上海云澜精密电子有限公司"
PHONE = "+862154881200"


@pytest.fixture
def known(company):
    return factories.customer(company.actor("sales"), STORED, credit_code=CODE, phone=PHONE)


def told(actor, **row) -> str:
    return list_alike_names(actor, [{"name": "另一家", "kind": "company"} | row])[0]


@pytest.mark.parametrize(
    "row",
    [
        {"name": "云澜精密电子（上海）有限公司"},
        {"credit_code": CODE},
        {"name": "上海云岚精密电子有限公司", "phone": PHONE},
    ],
)
def test_by_name_code_or_number(company, known, row):
    assert told(company.actor("sales"), **row) == known.name


def test_a_number_alone_is_not_enough(company, known):
    assert told(company.actor("sales"), phone=PHONE) == ""


def test_nothing_is_told_beyond_reach_or_of_numbers_that_are_masked(company, known):
    row = {"name": "上海云岚精密电子有限公司", "phone": PHONE}
    assert told(company.actor("stranger"), name=STORED) == ""
    sales = company.actor("sales")
    masked = replace(sales, levels={**sales.levels, "contact": Level.MASKED})
    assert told(masked, **row) == ""
    pools.put(known, pools.opened(company))
    sales = company.actor("sales")
    assert told(sales, **row) == ""
    assert told(sales, name=STORED) == STORED


def test_a_number_that_everybody_has_brings_nobody_together(company, known, monkeypatch):
    monkeypatch.setattr("guanxi.customers.duplicates.queries.FREQUENT", 1)
    factories.customer(company.actor("sales"), "无关贸易有限公司", phone=PHONE)
    row = {"name": "上海云岚精密电子有限公司", "phone": PHONE}
    assert told(company.actor("sales"), **row) == ""
