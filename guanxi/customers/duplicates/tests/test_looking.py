"""Likely duplicates while a name is typed, of one's own scope only (CUS-12, B05)."""

import pytest

from guanxi.customers.duplicates.services.looking import find_duplicates
from guanxi.customers.tests import factories
from guanxi.customers.tests.factories import AT
from guanxi.kernel import identifiers

pytestmark = pytest.mark.django_db
CODE = identifiers.complete_credit_code("91310115MA1K3XYQ2")


def names(company, name: str, code: str = "", reader: str = "sales") -> list[str]:
    typed = {"name": name, "credit_code": code}
    return [found["label"] for found in find_duplicates(company.actor(reader), typed, AT)]


@pytest.fixture
def known(company):
    return factories.customer(company.actor("sales"), "上海云澜精密电子有限公司", credit_code=CODE)


@pytest.mark.parametrize(
    "typed",
    ["上海云澜精密电子有限公司", "云澜精密电子", "云澜精密", "上海市云澜精密电子股份有限公司"],
)
def test_another_form_of_the_name_is_found(company, known, typed):
    assert names(company, typed) == [known.name]


@pytest.mark.parametrize("typed", ["", "  ", "云", "海澜", "有限公司"])
def test_too_little_or_something_else_finds_nothing(company, known, typed):
    assert names(company, typed) == []


def test_the_credit_code_is_enough_and_a_wrong_one_is_no_error(company, known):
    assert names(company, "", CODE.lower()) == [known.name]
    assert names(company, "", "123") == []


def test_of_other_peoples_customers_nothing_is_told(company, known):
    assert names(company, known.name, CODE, reader="stranger") == []
    client = factories.signed_in(company.users["stranger"])
    answer = client.post("/customers/duplicates/", {"name": known.name, "credit_code": CODE})
    nothing = client.post("/customers/duplicates/", {"name": "zzz"})
    assert (answer.status_code, nothing.status_code) == (200, 200)
    assert answer.content == nothing.content


def test_the_banner_names_why_and_leads_there(company, known):
    found = find_duplicates(company.actor("sales"), {"name": "", "credit_code": CODE}, AT)
    assert found[0]["url"] == f"/customers/{known.pk}/"
    assert found[0]["why"].startswith("信用代码相同")
    client = factories.signed_in(company.users["sales"])
    banner = client.post("/customers/duplicates/", {"name": "云澜精密"}).content.decode()
    assert known.name in banner


def test_the_form_of_a_new_customer_asks_for_it(company):
    client = factories.signed_in(company.users["sales"])
    page = client.get("/customers/new/").content.decode()
    assert 'data-check="/customers/duplicates/"' in page
