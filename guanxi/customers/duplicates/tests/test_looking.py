"""Likely duplicates while a name is typed, and little of those of colleagues (CUS-12, B05)."""

import pytest

from guanxi.customers.duplicates.services import looking
from guanxi.customers.duplicates.services.looking import find_duplicates
from guanxi.customers.models import Customer
from guanxi.customers.pools.tests import factories as pools
from guanxi.customers.tests import factories
from guanxi.customers.tests.factories import AT
from guanxi.kernel import identifiers
from guanxi.kernel.errors import TooMany
from guanxi.kernel.models import AccessEntry

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


def look_up(company, typed: dict[str, str], reader: str = "stranger", at=AT):
    return looking.look_up(typed, actor=company.actor(reader), at=at)


def test_of_a_colleagues_customer_no_more_is_told_than_may_be(company, known):
    factories.contact(known, phone="+8613800138000")
    alike = look_up(company, {"name": known.name, "credit_code": CODE})
    assert alike.own == []
    (told,) = alike.strange
    assert (told.masked_name, told.department) == ("上海***", "east")
    assert str(told.standing) == "有同事负责"
    secrets = [known.name, known.number, CODE, "Person sales", "13800138000", "云澜"]
    assert not [each for each in secrets if each in repr(told)]
    assert told.handle != look_up(company, {"name": known.name}, "below").strange[0].handle


def test_whether_it_is_protected_is_told(company, known):
    Customer.objects.filter(pk=known.pk).update(protected_until=factories.minutes(60))
    (told,) = look_up(company, {"name": known.name}).strange
    assert str(told.standing) == "有同事负责，受保护"
    (told,) = look_up(company, {"name": known.name}, at=factories.minutes(61)).strange
    assert str(told.standing) == "有同事负责"


def test_the_page_and_the_api_tell_a_stranger_the_same_little(company, known):
    client = factories.signed_in(company.users["stranger"])
    page = client.post("/customers/duplicates/", {"name": "云澜精密电子"}).content.decode()
    answer = client.get("/api/v1/customers/duplicates/", {"name": "云澜精密电子"}).json()
    assert set(answer["of_colleagues"][0]) == {"masked_name", "department", "standing", "handle"}
    assert answer["results"] == []
    for told in (page, str(answer)):
        assert "上海***" in told
        assert known.number not in told
        assert f"customers/{known.pk}" not in told
        assert "上海云澜" not in told


def test_every_such_answer_is_on_record(company, known):
    look_up(company, {"name": known.name})
    entry = AccessEntry.objects.get(action="look_alike")
    assert (entry.customer_id, entry.actor_user_id) == (known.pk, company.users["stranger"].pk)


def test_after_so_many_nothing_is_looked_up_for_a_while(company, known, settings):
    settings.DUPLICATE_HITS_PER_TEN_MINUTES = 3
    for _number in range(3):
        look_up(company, {"name": known.name})
    for name in (known.name, "没有的名字"):
        with pytest.raises(TooMany):
            look_up(company, {"name": name})
    assert look_up(company, {"name": known.name}, at=factories.minutes(11)).strange
    assert names(company, known.name) == [known.name]
    client = factories.signed_in(company.users["stranger"])
    for _number in range(3):
        client.get("/api/v1/customers/duplicates/", {"name": known.name})
    assert client.get("/api/v1/customers/duplicates/", {"name": "无关"}).status_code == 429


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


def test_one_that_lies_in_a_pool_leads_to_the_claim(company, known):
    pool = pools.opened(company)
    pools.put(known, pool)
    found = find_duplicates(company.actor("sales"), {"name": known.name}, AT)
    assert found[0]["claim"] == f"/customers/{known.pk}/claim/"
    assert "华东公海" in found[0]["why"]
    client = factories.signed_in(company.users["sales"])
    banner = client.post("/customers/duplicates/", {"name": known.name}).content.decode()
    assert found[0]["claim"] in banner
    stranger = find_duplicates(company.actor("quality"), {"name": known.name}, AT)
    assert not any(line.get("claim") for line in stranger)
