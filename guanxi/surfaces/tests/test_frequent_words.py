"""Very frequent words are looked up row by row, and find the same records."""

import pytest
from django.db import connection

from guanxi.surfaces import frequency, search, width
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record
from tests.fixtures.company import AT

CUSTOMERS = get_record_type("customers.customer")
QUERIES = (
    "苏州", "苏", "科技", "霁川科技", "kj", "szjc", "0512", "13800138000", "8000", "00", "C0",
    "苏州 科技", "abc", "a", "没有", "１３８", "有限%", "_",
)  # fmt: skip
NAMES = (
    "苏州霁川科技有限公司",
    "苏州远帆物流有限公司",
    "ABC 科技（苏州）",
    "上海 0512 贸易",
    "a_b%有限",
)


@pytest.fixture
def found(company):
    actor = company.actor("sales")
    for number, name in enumerate(NAMES):
        values = {"name": name, "phone": f"+861380013800{number}"}
        customer = create_record(CUSTOMERS, values, actor=actor, at=AT)
        values = {"customer": customer.pk, "name": f"苏{number}", "phone": f"+861390051200{number}"}
        create_record(get_record_type("customers.contact"), values, actor=actor, at=AT)
    return company


def ids(actor, key: str, query: str) -> list[int]:
    listing = Listing(get_record_type(key), actor, at=AT)
    return [row.pk for row in listing.page(ListRequest(q=query, sort="id", size=200)).rows]


@pytest.mark.parametrize("key", ["customers.customer", "customers.contact"])
@pytest.mark.parametrize("name", ["sales", "head"])
def test_both_ways_find_the_same(found, monkeypatch, key, name):
    actor = found.actor(name)
    rare = {query: ids(actor, key, query) for query in QUERIES}
    monkeypatch.setattr(frequency, "FREQUENT", 0)
    assert {query: ids(actor, key, query) for query in QUERIES} == rare
    assert any(rare.values())


@pytest.mark.parametrize("query", QUERIES)
def test_both_ways_count_the_same(found, monkeypatch, query):
    listing = Listing(CUSTOMERS, found.actor("head"), at=AT)
    request = ListRequest(q=query)
    rare = [listing.count(request, exact=exact) for exact in (True, False)]
    monkeypatch.setattr(frequency, "COUNTED", 0)
    assert [listing.count(request, exact=exact) for exact in (True, False)] == rare


def test_a_word_that_many_documents_have_is_frequent(found):
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE surfaces_searchdoc")
    frequency.forget()
    width.forget()  # Another test's size of the table may be remembered.
    mark = search.mark_of("customers.customer", "")
    assert is_frequent(mark + "有限")
    assert not is_frequent(mark + "贸易")
    assert not is_frequent(mark + "没有")
    frequency.forget()


def is_frequent(*words: str) -> bool:
    ways = [words]
    return frequency.is_frequent(ways, search._full_text(ways), least=3)


@pytest.mark.parametrize("name", ["sales", "head", "administrator"])
def test_the_palette_finds_the_same_both_ways(found, monkeypatch, name):
    actor = found.actor(name)
    types = [get_record_type(f"customers.{key}") for key in ("customer", "contact", "order")]
    rare = {query: search.search_everywhere(query, types, actor) for query in QUERIES}
    monkeypatch.setattr(frequency, "FREQUENT", 0)
    assert {query: search.search_everywhere(query, types, actor) for query in QUERIES} == rare
    assert any(rare.values())


@pytest.mark.parametrize("key", ["customers.customer", "customers.contact", "customers.order"])
@pytest.mark.parametrize("name", ["sales", "head", "senior_agent"])
def test_a_wide_scope_is_the_same_scope(found, monkeypatch, key, name):
    kind, actor = get_record_type(key), found.actor(name)
    listing = Listing(kind, actor, at=AT)
    sorts = ["id", *(f.name for f in listing.fields.values() if f.sortable and f.is_clear(actor))]
    narrow = {sort: pages(listing, sort) for sort in sorts}
    monkeypatch.setattr(width, "SMALL", 0)
    monkeypatch.setattr(width, "isqrt", lambda _rows: 1)
    width.forget()
    assert {sort: pages(listing, sort) for sort in sorts} == narrow
    assert any(narrow.values())
    width.forget()


def pages(listing, sort: str) -> list[list[int]]:
    """The ids of every page of two, forwards."""
    found, after = [], ""
    while True:
        page = listing.page(ListRequest(sort=sort, size=2, after=after))
        found.append([row.pk for row in page.rows])
        after = page.next_cursor
        if not after:
            return found
