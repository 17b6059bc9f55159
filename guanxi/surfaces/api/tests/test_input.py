"""Bodies and addresses that nobody should send: each gets a clear refusal (D01–D03, K07, K13)."""

import json

import pytest

from guanxi.surfaces.api.tests.shapes import CHANGES, existing, new_values
from guanxi.surfaces.records import get_record_type_by_plural, record_types
from tests.fixtures.company import model

LISTS = [t.plural for t in record_types() if t.plural not in {"imports", "exports"}]


@pytest.fixture
def caller(callers):
    """The administrator's program."""
    found = callers("administrator")
    found.company = callers.company
    return found


def deep(opening, closing, levels):
    """A text nested so many levels."""
    return (opening * levels + closing * levels).encode()


UNREADABLE = {
    "cut short": (b'{"name": "x"', "bad_json", None),
    "single quotes": (b"{'name': 'x'}", "bad_json", None),
    "two values": (b'{"name": "x"} {}', "bad_json", None),
    "not UTF-8": (b'{"name": "\xff\xfe"}', "bad_encoding", None),
    "a list": (b"[]", "not_an_object", None),
    "a number": (b"1", "not_an_object", None),
    "nothing but null": (b"null", "not_an_object", None),
    "a name twice": (b'{"name": "x", "name": "y"}', "duplicate_name", "name"),
    "a name twice inside": (b'{"name": {"a": 1, "a": 2}}', "duplicate_name", "a"),
    "NaN": (b'{"headcount": NaN}', "too_large", "headcount"),
    "infinity": (b'{"headcount": -Infinity}', "too_large", "headcount"),
    "1e400": (b'{"headcount": 1e400}', "too_large", "headcount"),
    "five thousand digits": (b'{"headcount": ' + b"9" * 5000 + b"}", "too_large", "headcount"),
    "NUL": (b'{"name": "a\\u0000b"}', "control_character", "name"),
    "NUL in a list": (b'{"tags": [1, "\\u0000"]}', "control_character", "tags[1]"),
    "half a character": (b'{"name": "\\ud800"}', "control_character", "name"),
    "NUL in a name": (b'{"na\\u0000me": 1}', "control_character", None),
    "lists 10 000 deep": (deep("[", "]", 10_000), "too_deep", None),
    "objects 10 000 deep": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too_deep", None),
    "lists 30 deep": (b'{"tags": ' + deep("[", "]", 30) + b"}", "too_deep", None),
    "100 000 ids": (
        json.dumps({"tags": list(range(100_000))}).encode(),
        "too_many_items",
        "tags",
    ),
    "600 ids": (json.dumps({"tags": list(range(600))}).encode(), "not_a_list", "tags"),
    "1 001 names": (
        json.dumps({f"f{n}": 1 for n in range(1001)}).encode(),
        "too_many_names",
        None,
    ),
}


def test_an_unreadable_body_is_refused_by_name(caller):
    customer = existing(caller.company, "customers")
    before = model("customers.Customer").objects.count()
    for what, (body, code, field) in UNREADABLE.items():
        for method, path in (("POST", "customers/"), ("PATCH", f"customers/{customer}/")):
            answer = caller.send(method, path, body, version=1)
            assert answer.status_code == 400, f"{what}: {answer.content}"
            told = answer.json()
            assert told["code"] == code, what
            assert told["detail"], what
            assert field is None or field in {e["field"] for e in told["errors"]}, what
    assert model("customers.Customer").objects.count() == before


@pytest.mark.parametrize("megabytes", [2.1, 5])
def test_a_body_over_two_megabytes_is_not_read(caller, megabytes):
    body = b'{"name": "' + b"x" * int(megabytes * 1024 * 1024) + b'"}'
    answer = caller.send("POST", "customers/", body)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_twenty_thousand_characters_are_kept_and_one_more_is_too_many(caller):
    path, text = f"customers/{existing(caller.company, 'customers')}/", "云" * 20_000
    kept = caller.patch(path, {"needs": text}, 1)
    assert kept.status_code == 200
    assert kept.json()["needs"] == text
    refused = caller.patch(path, {"needs": text + "a"}, 2)
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["field"], error["code"]) == (400, "needs", "too_long")


ODD_VALUES = {
    "a list": ["x"],
    "an object": {"x": 1},
    "an object that looks like a reference": {"id": "1 OR 1=1"},
    "yes": True,
    "a fraction": 1.5,
    "a huge number": 10**17,
    "a negative number": -1,
    "SQL": "'; DROP TABLE customers_customer; --",
    "a control character": "a\x07b",
    "a long text": "x" * 20_001,
    "a day that is none": "2026-02-30",
    "the year 1": "0001-01-01T00:00:00+00:00",
    "the last year": "9999-12-31T23:59:59+14:00",
    "a template": "{{7*7}}${7*7}",
    "a list of lists": [[[1]]],
    "a list of objects": [{"id": 1, "x": 2}],
}


@pytest.mark.slow
@pytest.mark.parametrize("plural", sorted(CHANGES.keys() - {"roles"}))
def test_odd_values_are_refused_by_the_field_that_holds_them(caller, plural):
    record_type = get_record_type_by_plural(plural)
    writable = [f for f in record_type.fields if not f.readonly]
    answer = (
        caller.post(f"{plural}/", new_values(caller.company, plural))
        if plural in {"tags", "custom-fields"}
        else caller.get(f"{plural}/{existing(caller.company, plural)}/")
    )
    path = f"{plural}/{answer.json()['id']}/"
    for what, value in ODD_VALUES.items():
        body = {f.name: value for f in writable}
        refused = caller.patch(path, body, 1)
        assert refused.status_code == 400, f"{what}: {refused.content}"
        told = refused.json()["errors"]
        assert {e["field"] for e in told} <= set(body), what
        assert all(e["message"] and e["code"] for e in told), what
    for field in writable:
        for what in ("an object", "SQL", "a huge number"):
            single = caller.patch(path, {field.name: ODD_VALUES[what]}, 999)
            assert single.status_code in {400, 409}, f"{what} in {field.name}: {single.content}"
    assert caller.get(path).json() == answer.json()


ODD_NAMES = [
    *("owner__password", "owner__password__startswith", "name__regex", "name__iregex", "pk", "id"),
    *("id__in", "custom", "custom__x", "_connector", "_negated", "name__contains__x", "__all__"),
    *(
        "x_nothing",
        "where__x",
        "archived_at",
        "version",
        "created_by_id",
        "'; --",
        "名",
        "a" * 5000,
    ),
]


def test_odd_names_of_fields_are_refused(caller):
    path = f"customers/{existing(caller.company, 'customers')}/"
    for name in ODD_NAMES:
        refused = caller.patch(path, {name: 1}, 1)
        assert refused.status_code == 400, name
        assert refused.json()["code"] == "unknown_field"
        listed = caller.get("customers/", **{name: "1"})
        assert listed.status_code == 400, name
        for query in ({"sort": name}, {"columns": name}):
            if name != "id" or "columns" in query:
                assert caller.get("customers/", **query).status_code == 400, (name, query)


ODD_QUERIES = [
    "archived=1",
    *(
        "size=0",
        "size=201",
        "size=-1",
        "size=1e3",
        "size=99999999999999999999",
        "size=%D9%A1",
    ),
    *(
        "after=x",
        "after=bnVsbA",
        "after=WzEsMl0",
        "before=W251bGwsInAiXQ",
        "after=%00",
        "after=e30",
    ),
    *("view=1", "view=0f8fad5b-d9cb-469f-a165-70867728950e", "view=%00"),
    *("where={", "where=1", "where=NaN", "where=%22x%22", "where={%22field%22:1}"),
    'where={"field":"name","op":"regex","value":"a"}',
    'where={"field":"name","op":"is","value":{"a":1}}',
    'where={"field":"name","op":"contains","value":"a\\u0000"}',
    'where={"field":"name","op":"contains","value":"\\ud800"}',
    'where={"field":"owner","op":"in","value":[' + "1," * 600 + "1]}",
    'where={"field":"segment","op":"is","value":"x"}',
    "where=" + '{"not":' * 50 + "{}" + "}" * 50,
    "where=" + "[" * 3000,
    'where={"all":[' + ",".join(['{"field":"name","value":"a"}'] * 60) + "]}",
    *("count=maybe", "sort=--name", "sort=name,tier", "sort=?", "q=" + "x" * 201, "q=%00"),
    *("tier=a&tier=b", "name=%00", "x%00y=1", "%FF=1", "owner=me2", "owner__under=x", "owner=1.5"),
    *("created_at__gte=yesterdayish", "created_at__between=1", "headcount__lt=x", "tags__has=x"),
    *("next_contact_at__within=last_0_days_", "next_contact_at__within=last_99999_days"),
]


def test_odd_addresses_are_refused(caller):
    for query in ODD_QUERIES:
        answer = caller.send("GET", f"customers/?{query}")
        names_a_view = "view=" in query or '"segment"' in query
        assert answer.status_code == 400 or (names_a_view and answer.status_code == 404), query
        assert answer.json()["detail"], query


@pytest.mark.slow
@pytest.mark.parametrize("plural", LISTS)
def test_quotes_and_wildcards_find_nothing_and_break_nothing(caller, plural):
    record_type = get_record_type_by_plural(plural)
    filters = [
        f"{field.name}__{op}"
        for field in record_type.fields
        if field.filterable
        for op in ("contains", "is", "in", "gte", "has", "within", "under", "between")
        if op in field.operators
    ]
    for value in ("%' OR 1=1 --", "\\", "😀\u202e"):
        for name in ("q", *filters):
            answer = caller.get(f"{plural}/", count="none", **{name: value})
            assert answer.status_code in {200, 400}, (name, value)
            assert answer.json().get("results", []) == [], (name, value)


def test_ids_that_no_database_holds_are_missing_records(caller):
    for pk in (
        "0",
        "-1",
        "9" * 18,
        "9" * 19,
        "9" * 5000,
        "1.5",
        "abc",
        "%00",
        "1%20OR%201=1",
        "１",
    ):
        answer = caller.send("GET", f"customers/{pk}/")
        assert answer.status_code == 404, pk
    for pk in ("1", "0f8fad5b", "0f8fad5b-d9cb-469f-a165-70867728950e", "g" * 36):
        assert caller.send("GET", f"attachments/{pk}/").status_code == 404


def test_an_odd_condition_is_refused_before_it_is_kept(caller):
    for condition in (
        {"field": "owner__password", "op": "starts_with", "value": "a"},
        {"field": "name", "op": "regex", "value": "a"},
        {"all": [{"field": "name"}], "any": []},
        {"x": 1},
        {"all": {"field": "name", "value": "x"}},
    ):
        body = {"type": "customers", "name": "x", "condition": condition}
        assert caller.post("views/", body).status_code == 400, condition
    for part, value in (
        ("sort", "owner__password"),
        ("columns", ["owner__password"]),
        ("columns", {"a": 1}),
        ("columns", [1]),
        ("frozen", "owner__password"),
        ("frozen", ["name"]),
        ("visibility", "all"),
        ("is_segment", "yes"),
        ("name", ""),
        ("name", "x" * 61),
        ("type", "users'"),
        ("owner_id", 1),
    ):
        body = {"type": "customers", "name": "x", part: value}
        assert caller.post("views/", body).status_code == 400, (part, value)
    assert model("surfaces.SavedView").objects.count() == 0


@pytest.mark.parametrize("key", ["", "x" * 101, "a\tb", "钥匙"])
def test_an_odd_key_is_refused(caller, key):
    headers = {"Idempotency-Key": key.encode().decode("latin-1")}
    answer = caller.send("POST", "customers/", {"name": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_key")
