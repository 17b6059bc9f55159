"""One list for every face: each row exactly once, counted and summed like it is shown."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.db import transaction
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from guanxi.kernel.actor import Actor, Channel, Level, Reach, system_actor
from guanxi.kernel.errors import BadRequest, NotFound
from guanxi.surfaces.listing import COUNT_CAP, Listing, ListRequest
from guanxi.surfaces.models import CustomField, FieldKind
from guanxi.surfaces.records import get_record_type, record_types

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)
KEY = "customers.customer"
SYSTEM = system_actor()


def customers(*rows: dict) -> list:
    """Stored customers, without the services' work."""
    model = apps.get_model("customers.Customer")
    first = model.objects.count() + 1
    return model.objects.bulk_create(
        model(number=f"N{n}", **{"name": f"n{n}", "created_at": AT, "updated_at": AT, **row})
        for n, row in enumerate(rows, start=first)
    )


def listing(actor: Actor = SYSTEM, key: str = KEY) -> Listing:
    """A list as somebody reads it."""
    return Listing(get_record_type(key), actor, at=AT)


# Keyset paging ------------------------------------------------------------------------------------
#: Sort field → the column behind it and what the small numbers of the property stand for.
SORTS = {
    "headcount": ("headcount", lambda n: n * 7),
    "next_contact_at": ("next_contact_at", lambda n: AT + timedelta(microseconds=n)),
    "last_order_on": ("last_order_on", lambda n: date(2026, 2, 27) + timedelta(days=n)),
    "total_minor": ("total_minor", lambda n: n - 2),
    "name": ("name_sort", lambda n: ["a", "a b", "zoë", "👨‍👩‍👧", "\n"][n]),
    "tier": ("tier", lambda n: ["core", "ordinary", "potential", "core", "core"][n]),
    "created_at": ("created_at", lambda n: AT + timedelta(days=n)),
    "x_text": ("text", lambda n: ["", "1.50", "B", "true", "👨‍👩‍👧"][n] or None),
    "x_integer": ("integer", lambda n: n * 5),
    "x_decimal": ("decimal", lambda n: n / 4),
    "x_date": ("date", lambda n: f"2026-03-{10 + n}"),
    "x_choice": ("choice", lambda n: "abcde"[n]),
}
NEVER_EMPTY = {"total_minor", "name", "tier", "created_at"}


@pytest.fixture
def custom_kinds():
    """A custom field of every kind."""
    choices = [{"value": c, "label": c} for c in "abcde"]
    for kind in FieldKind:
        CustomField.objects.create(
            record_key=KEY, slug=kind, name=kind.label, kind=kind, choices=choices,
            created_at=AT, updated_at=AT,
        )  # fmt: skip


def row_of(sort: str, value: int | None) -> dict:
    """A row with a value to sort by, or without one."""
    column, typed = SORTS[sort]
    if value is None and sort in NEVER_EMPTY:
        value = 0
    wanted = None if value is None else typed(value)
    if sort.startswith("x_"):
        return {} if wanted is None else {"custom": {column: wanted}}
    return {column: wanted}


def walk(sort: str, size: int, insert=None) -> list[int]:
    """The ids of every page from the first to the last; `insert` happens between the pages."""
    found, after = [], ""
    while len(found) < 60:
        page = listing().page(ListRequest(sort=sort, size=size, after=after, columns=("name",)))
        assert len(page.rows) <= size
        assert bool(page.prev_cursor) == bool(after)
        found += [row.pk for row in page.rows]
        if not page.next_cursor:
            return found
        after = page.next_cursor
        if insert and len(found) < 12:
            insert()
    raise AssertionError(f"the list never ends: {found}")


def walk_back(sort: str, size: int) -> list[int]:
    """The same from the last page to the first."""
    last = listing().page(ListRequest(sort=sort, size=200, columns=("name",)))
    found, before = [], ""
    if last.rows:
        end = listing().page(ListRequest(sort=opposite(sort), size=1, columns=("name",)))
        found = [end.rows[0].pk] if not is_split(sort) else [last.rows[-1].pk]
        before = mark_of(sort, found[0])
    while before:
        page = listing().page(ListRequest(sort=sort, size=size, before=before, columns=("name",)))
        found = [row.pk for row in page.rows] + found
        before = page.prev_cursor
    return found


def opposite(sort: str) -> str:
    """The other direction."""
    return sort[1:] if sort.startswith("-") else f"-{sort}"


def is_split(sort: str) -> bool:
    """Whether rows without a value come last in both directions."""
    return sort.removeprefix("-") not in NEVER_EMPTY


def mark_of(sort: str, pk: int) -> str:
    """The page mark of a row: that of a page which ends with it."""
    for size in range(1, 60):
        page = listing().page(ListRequest(sort=sort, size=size, columns=("name",)))
        if page.rows[-1].pk == pk:
            order = listing()._order(ListRequest(sort=sort))
            row = listing().base().filter(pk=pk).values("pk", *order.columns).get()
            return order.cursor(row)
    raise AssertionError(pk)


def in_order(rows: list, sort: str, values: list[int | None]) -> list[int]:
    """The ids in the order that the values ask for: the empty last, then the id."""
    name = sort.removeprefix("-")
    sign = -1 if sort.startswith("-") else 1
    typed = [SORTS[name][1](v or 0) if v is not None or name in NEVER_EMPTY else None
             for v in values]  # fmt: skip
    filled = [(t, row.pk) for t, row in zip(typed, rows, strict=True) if t is not None]
    empty = sorted(
        (row.pk for t, row in zip(typed, rows, strict=True) if t is None), reverse=sign < 0
    )
    return [pk for _t, pk in sorted(filled, reverse=sign < 0)] + empty


PAGING = given(
    sort=st.sampled_from(sorted(SORTS)),
    is_descending=st.booleans(),
    values=st.lists(st.none() | st.integers(0, 4), max_size=11),
    size=st.integers(1, 4),
    late=st.none() | st.integers(0, 4),
)


@settings(max_examples=40, phases=[Phase.explicit, Phase.generate])
@PAGING
@example(sort="name", is_descending=False, values=[3, 4, 3, 4, 0], size=1, late=None)
@example(sort="x_text", is_descending=True, values=[4, 4, None, 0, None], size=2, late=None)
@pytest.mark.slow
def test_every_row_comes_exactly_once_in_order(
    custom_kinds, sort, is_descending, values, size, late
):
    wanted = f"-{sort}" if is_descending else sort
    with transaction.atomic():
        rows = customers(*(row_of(sort, v) for v in values))
        there_from_the_start = {row.pk for row in rows}
        expected = in_order(rows, wanted, values)
        assert walk(wanted, size) == expected
        assert walk_back(wanted, size) == expected
        inserted = walk(wanted, size, insert=lambda: customers(row_of(sort, late)))
        assert [pk for pk in inserted if pk in there_from_the_start] == expected
        assert len(inserted) == len(set(inserted))
        transaction.set_rollback(True)


def test_every_sortable_kind_of_custom_field_is_walked_above(custom_kinds):
    sortable = {n for n, f in listing().every_field.items() if f.is_custom and f.sortable}
    like_text = {"x_phone", "x_email", "x_url", "x_datetime"}
    assert sortable - like_text == {n for n in SORTS if n.startswith("x_")}


def test_a_list_without_a_sort_is_sorted_all_the_same():
    rows = customers(*({"updated_at": AT + timedelta(days=n % 2)} for n in range(9)))
    found = walk("", 2)
    assert sorted(found) == sorted(row.pk for row in rows)
    assert walk("-id", 4) == sorted(found, reverse=True)


def test_every_list_gives_pages_and_reads_its_rows(company):
    """A page of one row has a mark for the next: also where ids are no numbers."""
    admin = company.actor("administrator")
    for kind in record_types():
        reader = Listing(kind, admin, at=AT)
        seen, after = [], ""
        for _ in range(60):
            page = reader.page(ListRequest(size=1, after=after))
            seen += [row.pk for row in page.rows]
            if not page.next_cursor:
                break
            after = page.next_cursor
        assert len(seen) == len(set(seen)) == reader.count(ListRequest())[0], kind.key
        for pk in seen[:2]:
            assert set(reader.read(pk).values) == set(reader.fields)


def forged(value, pk=1) -> str:
    """A page mark that no list gave out."""
    return urlsafe_b64encode(json.dumps([value, pk]).encode()).decode().rstrip("=")


MARKS = [
    "x", "%00", "é", "=" * 10, "AAAA", forged(1)[:-3], "A" * 100_000,
    *(forged(v) for v in (True, 1.5, "x", "", "\0", [1], {"a": 1}, 10**30, -(10**30), "2026", "1e9",
                          "9999-99-99", "0001-01-01T00:00:00+23:59", float("inf"), "\ud800")),
    *(forged(None, pk) for pk in (None, True, 1.5, "x", "\0", [1], {}, 10**30, -1)),
    urlsafe_b64encode(b"\xff\xfe").decode(), urlsafe_b64encode(b"[" * 5000).decode(),
]  # fmt: skip


@pytest.mark.parametrize("direction", ["after", "before"])
def test_a_forged_page_mark_is_refused_or_just_another_place(custom_kinds, direction):
    customers(*({"headcount": n} for n in range(3)))
    failures = []
    for sort in ("headcount", "last_order_on", "created_at", "name", "x_text", "x_decimal", "id"):
        for mark in MARKS:
            try:
                listing().page(ListRequest(sort=sort, columns=("name",), **{direction: mark}))
            except BadRequest:
                continue
            except Exception as error:  # noqa: BLE001  the point of the test
                failures.append((sort, mark[:30], repr(error)[:90]))
    assert failures == []


# Asking -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "size", ["0", "201", "-1", "1.5", "x", "²", "00000199999", "1e2", " 5", "9" * 5000]
)
def test_a_page_has_between_1_and_200_rows(size):
    with pytest.raises(BadRequest) as refused:
        ListRequest.from_query({"size": size})
    assert refused.value.code == "bad_size"


@pytest.mark.parametrize(("size", "rows"), [("", 50), ("1", 1), ("200", 200)])
def test_a_size_within_bounds_is_taken(size, rows):
    assert ListRequest.from_query({"size": size}).size == rows


@pytest.mark.parametrize(
    "where", ["{", "[" * 30_000, "x" * 20_001, "[" * 900 + "]" * 900, '{"all":[' * 2000]
)
def test_a_condition_that_is_no_json_is_refused(where):
    with pytest.raises(BadRequest):
        listing().rows(ListRequest.from_query({"where": where}))


@pytest.mark.parametrize(
    "query",
    [
        {"nothing": "1"}, {"name__nothing": "1"}, {"name__": "1"}, {"__": "1"}, {"sort": "nothing"},
        {"sort": "phone"}, {"sort": "--name"}, {"sort": "name,tier"}, {"sort": "?"},
        {"sort": "owner__password"}, {"columns": "nothing"}, {"columns": "name,owner__password"},
        {"owner__password__startswith": "a"}, {"_connector": "OR"}, {"pk": "1"}, {"id__in": "1"},
        {"q": "a\0"}, {"q": "x" * 201}, {"name\0": "1"},
    ],
)  # fmt: skip
def test_what_the_list_does_not_know_is_a_bad_request(query):
    customers({})
    with pytest.raises(BadRequest):
        listing().page(ListRequest.from_query(query))


@pytest.mark.parametrize("view", ["x", "\0", "00000000-0000-0000-0000-000000000000", "1" * 40])
def test_a_view_that_is_not_there_is_not_found(view):
    with pytest.raises(NotFound):
        listing().page(ListRequest.from_query({"view": view}))


def test_filters_views_search_and_condition_narrow_together():
    customers(
        {"name": "甲", "tier": "core", "headcount": 5},
        {"name": "乙", "tier": "core", "headcount": 50},
        {"name": "丙", "tier": "ordinary", "headcount": 50},
    )
    query = {"tier": "core", "headcount__gte": "10"}
    where = json.dumps({"field": "name", "op": "is_not", "value": "丙"})
    for asked in (query, {"headcount__gte": "10", "where": where}):
        page = listing().page(ListRequest.from_query(asked))
        assert [row.values["name"] for row in page.rows] == ["乙"]
    assert listing().page(ListRequest.from_query({"where": "{}"})).rows == []


def test_archived_rows_are_in_the_archive_only():
    customers({"name": "here"}, {"name": "gone", "archived_at": AT})
    for archived, expected in (("", ["here"]), ("0", ["here"]), ("1", ["gone"])):
        page = listing().page(ListRequest.from_query({"archived": archived}))
        assert [row.values["name"] for row in page.rows] == expected


# Counting -----------------------------------------------------------------------------------------
def test_a_count_is_capped_until_it_is_asked_for():
    customers(*({} for _ in range(COUNT_CAP + 5)))
    assert listing().count(ListRequest()) == (COUNT_CAP, False)
    assert listing().count(ListRequest(), exact=True) == (COUNT_CAP + 5, True)
    few = ListRequest(filters={"name": "n7"})
    assert listing().count(few) == (1, True)


def test_totals_are_the_sums_of_what_is_listed():
    core = {"tier": "core"}
    customers(core | {"total_minor": 5}, core | {"total_minor": -2}, {"total_minor": 100})
    customers(core | {"total_minor": 7, "archived_at": AT})
    assert listing().totals(ListRequest()) == {"total_minor": 103}
    assert listing().totals(ListRequest(filters={"tier": "core"})) == {"total_minor": 3}


def test_a_page_costs_the_same_whatever_its_size(company, django_assert_max_num_queries):
    admin = company.actor("administrator")
    for size in (2, 200):
        with django_assert_max_num_queries(4):
            Listing(get_record_type(KEY), admin, at=AT).page(ListRequest(size=size))


# Scope --------------------------------------------------------------------------------------------
def test_list_count_sum_and_single_check_agree_for_every_role(company):
    """The rows of the list are the rows of the count, the sums, `read` and `matches` (A06)."""
    for role in ("sales", "senior_agent", "head", "quality", "hr"):
        actor = company.actor(role)
        for key in ("customers.customer", "customers.order", "people.user"):
            reader = Listing(get_record_type(key), actor, at=AT)
            listed = {row.pk for page in reader.iterate(ListRequest()) for row in page}
            everything = set(reader.type.model.objects.values_list("pk", flat=True))
            assert reader.count(ListRequest(), exact=True) == (len(listed), True)
            for pk in sorted(everything)[::3]:
                assert is_read(reader, pk) == (pk in listed), (role, key, pk)
                any_ = {"field": "created_at", "op": "not_empty"}
                assert reader.matches(any_, pk) == (pk in listed)


def is_read(reader: Listing, pk: int) -> bool:
    """Whether one record can be opened."""
    try:
        return reader.read(pk).pk == pk
    except NotFound:
        return False


GROUPS = ("contact", "totals", "private", "technical")


@settings(max_examples=8)
@given(levels=st.fixed_dictionaries({g: st.sampled_from(list(Level)) for g in GROUPS}))
def test_what_is_not_clear_cannot_be_asked_about(levels):
    """Masked or hidden: no filter, sort, search, sum, column in clear; hidden: no column at all."""
    with transaction.atomic():
        values = {"phone": "+8613800138000", "email": "a@x.example", "total_minor": 5}
        customers(values | {"notes": "canary note", "technical_notes": "canary plan"})
        reach = {"customers.view": Reach.ALL}
        actor = Actor(user_id=1, label="A", channel=Channel.WEB, grants=reach, levels=levels)
        reader = listing(actor)
        for name, field in reader.every_field.items():
            check_field(reader, name, field, levels.get(field.group, Level.CLEAR))
        transaction.set_rollback(True)


def check_field(reader: Listing, name: str, field, level: Level) -> None:
    """What one field shows and answers at one level."""
    row = reader.page(ListRequest(columns=(name,))).rows[0]
    stored = reader.type.model.objects.get()
    assert (name in row.values) == (level is not Level.HIDDEN)
    if level is Level.CLEAR or field.type == "refs":
        return
    clear = getattr(stored, field.path)
    assert clear in (None, "", 0) or row.values.get(name) != clear
    for asked in (lambda: reader.compile({"field": name, "op": "not_empty"}),
                  lambda: reader.page(ListRequest(sort=name)),
                  lambda: reader.page(ListRequest.from_query({name: str(clear)}))):  # fmt: skip
        with pytest.raises(BadRequest) as refused:
            asked()
        assert refused.value.code in {"masked_field", "bad_sort", "bad_operator"}
    assert name not in reader.totals(ListRequest())
    assert clear in (None, "", 0) or str(clear) not in str(reader.read(row.pk).values)
