"""Lists over the API: every row once in both directions, filters, views, columns, counts."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.surfaces.records import record_types
from tests.fixtures.company import AT, model, stamps

#: Sorts that have ties and gaps: an instant, a day, an amount, a number, a name, a custom field.
SORTS = (
    "next_contact_at",
    "last_order_on",
    "total_minor",
    "headcount",
    "name",
    "updated_at",
    "id",
    "x_grade",
    "x_since",
)
few = st.integers(0, 3)


def customer(number, values):
    """A customer whose sorted columns come from a few values, some missing."""
    instant = datetime(2026, 1, 1, 8, 0, 0, 123456, UTC)
    at, day, amount, heads, grade = values
    custom = {} if grade is None else {"grade": grade, "since": f"2026-01-0{grade + 1}"}
    return model("customers.Customer")(
        number=f"K{number:06}",
        name=f"甲{heads or 0}",
        name_sort=f"jia{heads or 0}",
        next_contact_at=None if at is None else instant + timedelta(days=at),
        last_order_on=None if day is None else date(2026, 2, 1) + timedelta(days=day),
        total_minor=amount * 100,
        headcount=heads,
        custom=custom,
        **stamps(AT + timedelta(seconds=amount)),
    )


def walk(caller, url, way):
    """The ids of every page, following one link."""
    pages = []
    while url:
        answer = caller.get(url)
        assert answer.status_code == 200, answer.content
        pages.append([row["id"] for row in answer.json()["results"]])
        url = answer.json()[way]
        assert len(pages) < 60
    return pages


def last_mark(caller, url):
    """The address of the page behind the last one, then back by `previous`."""
    while caller.get(url).json()["next"]:
        url = caller.get(url).json()["next"]
    return url


@pytest.mark.slow
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    rows=st.lists(
        st.tuples(st.none() | few, st.none() | few, few, st.none() | few, st.none() | few),
        min_size=1,
        max_size=14,
    ),
    sort=st.sampled_from(SORTS),
    is_descending=st.booleans(),
    size=st.integers(1, 5),
)
def test_a_walk_meets_every_row_once_in_both_directions(walker, rows, sort, is_descending, size):
    caller, customers = walker
    customers.all().delete()
    customers.bulk_create(customer(n, values) for n, values in enumerate(rows))
    sign = "-" if is_descending else ""
    first = f"customers/?sort={sign}{sort}&size={size}&columns=name&count=none"
    whole = [
        row["id"] for row in caller.get(f"customers/?sort={sign}{sort}&size=200").json()["results"]
    ]
    assert sorted(whole) == sorted(customers.values_list("pk", flat=True))
    forth = walk(caller, first, "next")
    assert [pk for page in forth for pk in page] == whole
    back = walk(caller, last_mark(caller, first), "previous")
    assert [pk for page in reversed(back) for pk in page] == whole


@pytest.fixture
def walker(callers):
    """A reader of everything, an empty table of customers, two custom fields."""
    fields = model("surfaces.CustomField").objects
    for slug, kind in (("grade", "integer"), ("since", "date")):
        fields.create(record_key="customers.customer", slug=slug, name=slug, kind=kind, **stamps())
    for label in ("Attachment", "Interaction", "Payment", "Order", "Contact"):
        model(f"customers.{label}").objects.all().delete()
    return callers("administrator"), model("customers.Customer").objects


def test_pages_keep_what_was_asked(callers):
    caller = callers("administrator")
    link = caller.get("customers/?size=3&tier=ordinary&sort=-name&columns=name,tier").json()["next"]
    assert urlsplit(link).scheme == "http"
    asked = parse_qs(urlsplit(link).query)
    mark = asked.pop("after")
    assert asked == {
        "size": ["3"],
        "tier": ["ordinary"],
        "sort": ["-name"],
        "columns": ["name,tier"],
    }
    second = caller.get(link).json()
    assert "before=" in second["previous"]
    assert mark != parse_qs(urlsplit(second["next"]).query)["after"]


def test_the_last_page_has_no_next_and_the_first_no_previous(callers):
    caller = callers("administrator")
    only = caller.get("customers/?size=200").json()
    assert (only["next"], only["previous"]) == (None, None)
    nothing = caller.get("customers/?name=nobody").json()
    assert (nothing["results"], nothing["next"], nothing["previous"]) == ([], None, None)


@pytest.mark.parametrize("plural", [t.plural for t in record_types()])
def test_every_type_pages_by_each_of_its_sorts(callers, plural):
    caller = callers("administrator")
    record_type = next(t for t in record_types() if t.plural == plural)
    sorts = [f.name for f in record_type.fields if f.sortable] + ["id"]
    for sort in sorts:
        for sign in ("", "-"):
            first = f"{plural}/?sort={sign}{sort}&size=2&count=none"
            pages = walk(caller, first, "next")
            found = [pk for page in pages for pk in page]
            assert len(found) == len(set(found)), sort


def test_counts_stop_at_a_thousand_unless_asked(callers, django_assert_num_queries):
    customers = model("customers.Customer").objects
    customers.bulk_create(customer(n, (0, 0, 0, 0, None)) for n in range(1100))
    caller = callers("administrator")
    told = {
        count: (found["count"], found["count_is_exact"])
        for count in ("capped", "exact", "none")
        if (found := caller.get(f"customers/?count={count}&size=1").json())
    }
    assert told == {
        "capped": (1000, False),
        "exact": (customers.count(), True),
        "none": (None, False),
    }
    assert caller.get("customers/?tier=core").json()["count_is_exact"]


def test_filters_conditions_and_views_mean_the_same(callers):
    caller, company = callers("administrator"), callers.company
    core = [company.belongings[name].customer.pk for name in ("sales", "head")]
    model("customers.Customer").objects.filter(pk__in=core).update(tier="core")
    view = caller.post(
        "views/",
        {
            "type": "customers",
            "name": "核心",
            "condition": {"field": "tier", "op": "is", "value": "core"},
            "columns": ["name", "tier"],
            "sort": "name",
        },
    ).json()
    asked = (
        {"tier": "core"},
        {"tier__in": "core"},
        {"where": '{"field": "tier", "op": "is", "value": "core"}'},
        {"where": '{"not": {"field": "tier", "op": "is_not", "value": "core"}}'},
        {"view": view["id"]},
        {"where": f'{{"field": "segment", "op": "is", "value": "{view["id"]}"}}'},
    )
    for query in asked:
        found = caller.get("customers/", **query).json()
        assert {row["id"] for row in found["results"]} == set(core), query
    row = caller.get("customers/", view=view["id"]).json()["results"][0]
    assert row.keys() == {"id", "version", "archived_at", "name", "tier", "_masked"}
    both = caller.get("customers/", view=view["id"], owner=str(company.users["head"].pk)).json()
    assert [r["id"] for r in both["results"]] == [core[1]]


def test_search_finds_what_was_just_written(callers):
    caller = callers("administrator")
    made = caller.post("customers/", {"name": "云岭机械有限公司", "phone": "13800138000"}).json()
    for query in ("云岭", "岭", "ylj", "0138000", "云岭机械有限公司"):
        found = caller.get("customers/", q=query).json()["results"]
        assert [row["id"] for row in found] == [made["id"]], query
        everywhere = caller.get("search/", q=query).json()["results"]
        assert [(h["type"], h["id"]) for h in everywhere] == [("customers", made["id"])]
        assert caller.get(everywhere[0]["url"]).status_code == 200
    for query in ({"q": ""}, {"q": " "}, {"q": "x" * 201}, {"q": "x", "y": "1"}, {}):
        assert caller.get("search/", **query).status_code == 400, query
    assert caller.get("search/", q="云岭", type="orders").json()["results"] == []


def test_custom_fields_are_fields_like_any_other(callers):
    caller = callers("administrator")
    made = caller.post(
        "custom-fields/",
        {
            "record_key": "customers.customer",
            "slug": "contract_no",
            "name": "合同编号",
            "kind": "text",
        },
    )
    assert made.status_code == 201, made.content
    written = caller.post("customers/", {"name": "云岭", "x_contract_no": "HT-1"}).json()
    assert written["x_contract_no"] == "HT-1"
    path = f"customers/{written['id']}/"
    assert caller.patch(path, {"x_contract_no": "HT-2"}, 1).json()["x_contract_no"] == "HT-2"
    found = caller.get(
        "customers/?x_contract_no=HT-2&columns=name,x_contract_no&sort=-x_contract_no"
    ).json()["results"]
    assert [row["x_contract_no"] for row in found] == ["HT-2"]
    changes = caller.get(f"{path}history/").json()["results"][0]["changes"]
    assert [(c["field"], c["old"], c["new"]) for c in changes] == [
        ("x_contract_no", "HT-1", "HT-2")
    ]
    schema = caller.get("schema/").json()["components"]["schemas"]
    assert schema["Customer"]["properties"]["x_contract_no"]["title"] == "合同编号"
    assert "x_contract_no" in schema["CustomerNew"]["properties"]
    assert caller.patch(path, {"x_contract_no": 1}, 2).status_code == 400
    assert caller.patch(path, {"x_other": "1"}, 2).json()["code"] == "unknown_field"
