"""Search finds what is in scope and in clear, newest first, and nothing else (A06, B01)."""

from datetime import timedelta

import pytest
from django.db import connection

from guanxi.surfaces import search
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.models import SearchDoc
from guanxi.surfaces.records import get_record_type, record_types
from guanxi.surfaces.search import mark_of, search_everywhere
from guanxi.surfaces.services import change_record, create_record
from guanxi.surfaces.services.many import create_many, write_for
from tests.fixtures.company import AT, model

CUSTOMER, CONTACT, ORDER = (
    get_record_type(f"customers.{name}") for name in ("customer", "contact", "order")
)
TYPES = (CUSTOMER, CONTACT, ORDER)


@pytest.fixture
def indexed(company):
    """The company with its search words; three customers have Chinese names."""
    names = {"sales": "苏州霁川智能装备有限公司", "colleague": "无锡苏川电子有限公司"}
    for name, chinese in names.items():
        customer = company.belongings[name].customer
        customer.name = chinese
        customer.save(update_fields=["name"])
    for kind in TYPES:
        search.index_records(kind, kind.model._base_manager.order_by("pk"), at=AT)
    return company


def found(query: str, actor, key: str = "customers.customer") -> set[int]:
    return {
        hit.object_id for hit in search_everywhere(query, TYPES, actor) if hit.record_key == key
    }


def listed(query: str, actor, kind=CUSTOMER) -> set[int]:
    listing = Listing(kind, actor, at=AT)
    return {row.pk for row in listing.page(ListRequest(q=query)).rows}


def pk(company, name: str) -> int:
    return company.belongings[name].customer.pk


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("苏", {"sales", "colleague"}),
        ("苏州", {"sales"}),
        ("苏川", {"colleague"}),
        ("有限公司", {"sales", "colleague"}),
        ("szjc", {"sales"}),
        ("霁川 装备", {"sales"}),
        ("苏州 电子", set()),
        ("K00000001", None),
        ("🙂", set()),
        ("", set()),
        ('"', set()),
        ("苏州' OR 1=1 --", set()),
    ],
)
def test_palette_and_list_find_the_same(indexed, query, names):
    actor = indexed.actor("administrator")
    by_palette = found(query, actor)
    if names is not None:
        assert by_palette == {pk(indexed, name) for name in names}
    if query:
        assert listed(query, actor) == by_palette


def test_only_what_is_in_scope_is_found(indexed):
    assert found("苏", indexed.actor("sales")) == {pk(indexed, "sales")}
    assert found("苏", indexed.actor("colleague")) == {pk(indexed, "colleague")}
    assert found("苏", indexed.actor("stranger")) == set()
    assert found("苏", indexed.actor("hr")) == set()
    head = found("苏", indexed.actor("head"))
    assert {pk(indexed, "sales"), pk(indexed, "colleague")} <= head


def test_a_masked_phone_is_found_by_nobody_who_cannot_read_it(indexed):
    customer = indexed.belongings["sales"].customer
    contact = indexed.belongings["sales"].contact
    sales, senior = indexed.actor("sales"), indexed.actor("senior_agent")
    for piece in (contact.phone[3:], contact.phone[-8:], contact.phone[3:7]):
        assert contact.pk in found(piece, sales, CONTACT.key)
        assert customer.pk in listed(piece, sales)
        assert contact.pk not in found(piece, senior, CONTACT.key)
        assert customer.pk not in listed(piece, senior)


def test_a_change_of_rights_counts_at_the_next_search(indexed):
    assert found("苏", indexed.actor("sales")) == {pk(indexed, "sales")}
    model("customers.Customer").objects.filter(pk=pk(indexed, "colleague")).update(
        owner=indexed.users["sales"]
    )
    both = {pk(indexed, "sales"), pk(indexed, "colleague")}
    assert found("苏", indexed.actor("sales")) == both
    user = indexed.users["sales"]
    user.roles.clear()
    user.access_stamp += 1
    user.save(update_fields=["access_stamp"])
    assert found("苏", indexed.actor("sales")) == set()


def test_the_newest_come_first_and_no_more_than_asked_for(indexed):
    administrator = indexed.actor("administrator")
    owner = indexed.users["sales"]
    made = [
        CUSTOMER.model._base_manager.create(
            name=f"苏州重名{n}有限公司",
            number=f"Z{n:08}",
            owner=owner,
            created_at=AT,
            updated_at=AT,
        )
        for n in range(9)
    ]
    for age, customer in enumerate(made):
        search.index_record(CUSTOMER, customer, at=AT + timedelta(hours=age + 1))
    hits = search_everywhere("苏州", [CUSTOMER], administrator, each=4)
    assert [hit.object_id for hit in hits] == [c.pk for c in reversed(made[-4:])]


def test_the_words_carry_the_mark_of_their_type_and_group(indexed):
    docs = [doc for doc in SearchDoc.objects.all() if doc.tokens]
    assert len(docs) > 5
    for doc in docs:
        mark = mark_of(doc.record_key, doc.group)
        assert all(word.startswith(mark) for word in doc.tokens.split())


def test_marks_are_two_letters_and_mostly_different():
    groups = [(t.key, g) for t in record_types() for g in t.search]
    marks = [mark_of(*each) for each in groups]
    assert all(len(m) == 2 and m.isalnum() and m.islower() | m.isdigit() for m in marks)
    assert len(set(marks)) >= len(marks) - 1


@pytest.mark.parametrize("query", ["苏州", "8613", "szjc"])
def test_everything_is_found_with_few_statements(indexed, query, django_assert_max_num_queries):
    """Which customers open work opens, and the search; PostgreSQL is asked first which
    far-reaching scopes need not be searched."""
    head = indexed.actor("head")
    with django_assert_max_num_queries(2 if connection.vendor == "sqlite" else 3):
        search_everywhere(query, record_types(), head)


def test_a_record_that_says_nothing_in_a_group_has_no_words_there_until_it_does(company):
    actor = company.actor("sales")
    made = create_record(CUSTOMER, {"name": "无号码的客户"}, actor=actor, at=AT)
    words = SearchDoc.objects.filter(record_key=CUSTOMER.key, object_id=made.pk)
    assert list(words.values_list("group", flat=True)) == [""]
    values = {"phone": "+8613812345678"}
    change_record(CUSTOMER, made.pk, values, version=made.version, actor=actor, at=AT)
    assert made.pk in found("5678", actor)
    assert words.count() == 2


def test_many_new_records_are_in_the_index_as_if_they_came_one_by_one(company):
    actor = company.actor("head")
    write = write_for(CUSTOMER, CUSTOMER.all_fields(), actor=actor, at=AT)
    rows = [{"name": f"南通海门{n}号仓储有限公司", "kind": "company"} for n in range(120)]
    made = {each.pk for each in create_many(write, rows)}
    listing = Listing(CUSTOMER, actor, at=AT)
    assert listing.count(ListRequest(q="海门"), exact=True) == (len(made), True)
    one = create_record(CUSTOMER, {"name": "海门独行者", "kind": "company"}, actor=actor, at=AT)
    assert found("海门独", actor) == {one.pk}
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:  # Raises where the index and the rows differ.
            cursor.execute(
                "INSERT INTO surfaces_search_fts(surfaces_search_fts, rank)"
                " VALUES ('integrity-check', 1)"
            )
