"""What leads to few records among very many leaves out none and lets none in."""

import pytest

from guanxi.surfaces import search, width
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record
from tests.fixtures.company import AT

CUSTOMERS = get_record_type("customers.customer")
NAMES = (
    "苏州霁川科技有限公司", "蘇州遠帆物流", "ABC 科技（苏州）", "abcd-Ef 4210", "科-技",
    "a_b%有限", "４２１０ 号仓", "张",
)  # fmt: skip
PARTS = (
    "苏州", "蘇州", "科技", "科-技", "有限公司", "不存在", "霁", "abc", "BC", "bcd-e", "4210",
    "421", "４２１０", "%有限", "_b", "C 科", "张", "遠帆", "远帆",
)  # fmt: skip
ASKED = (
    {"tier": "core"}, {"tier": "core", "headcount__gte": "5"}, {"headcount__gt": "100"},
    {"headcount__lt": "3", "stage": "prospect"}, {"tier__in": "core,ordinary"}, {"tier": "vital"},
    {"where": '{"any": [{"field": "tier", "value": "core"}, {"field": "headcount", "value": 1}]}'},
    {"where": '{"all": [{"field": "tier", "value": "core"}, {"not": '
              '{"field": "headcount", "value": 3}}]}'},
    {"where": '{"all": []}'}, {"owner": "me", "headcount__lte": "4"},
)  # fmt: skip


@pytest.fixture
def actor(company):
    """A head with customers of many kinds below."""
    actor = company.actor("head")
    for number, name in enumerate(NAMES):
        values = {"name": name, "headcount": number, "tier": ("core", "ordinary")[number % 2]}
        create_record(CUSTOMERS, values, actor=actor, at=AT)
    return actor


def ids(actor, **query) -> list[int] | str:
    """The customers that a list shows, and how many it counts."""
    listing, request = Listing(CUSTOMERS, actor, at=AT), ListRequest.from_query(query)
    try:
        rows = [row.pk for row in listing.page(request).rows]
    except Exception as error:  # noqa: BLE001  a refusal is the same, too
        return repr(error)
    assert listing.count(request) == (len(rows), True)
    return rows


@pytest.mark.parametrize("op", ["contains", "not_contains", "starts_with"])
def test_a_part_of_a_name_finds_the_same_with_its_words(actor, monkeypatch, op):
    plain = {part: ids(actor, **{f"name__{op}": part}) for part in PARTS}
    monkeypatch.setattr(search, "SMALL", 0)
    assert bool(search.holding(CUSTOMERS.model, "name", "科技"))
    assert not search.holding(CUSTOMERS.model, "city", "科技")
    assert {part: ids(actor, **{f"name__{op}": part}) for part in PARTS} == plain
    assert any(plain.values())


@pytest.mark.parametrize("few", [0, 2, 1000])
def test_conditions_find_the_same_by_the_one_that_few_meet(actor, monkeypatch, few):
    plain = [ids(actor, **query) for query in ASKED]
    monkeypatch.setattr(width, "SMALL", 0)
    monkeypatch.setattr(width, "FEW", few)
    width.forget()
    assert [ids(actor, **query) for query in ASKED] == plain
    assert any(plain)
