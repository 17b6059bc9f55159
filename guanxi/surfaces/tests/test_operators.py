"""Every operator of every type, declared and custom, with and without a value, on both engines."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.apps import apps

from guanxi.kernel.errors import BadRequest
from guanxi.surfaces import operators
from guanxi.surfaces.fields import TYPES
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.models import CustomField, FieldKind
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record, parse_values

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)  # Wednesday, half past ten in Shanghai
KEY = "customers.customer"
CHOICES = [{"value": v, "label": v.upper()} for v in ("core", "potential", "ordinary", "cor")]

#: Four customers: a, b and c with values, d with none. Per type: declared field, values, cases
#: (operator, value, who is found). `x_…` is the custom twin with the same values and cases.
TEXT_CASES = [
    ("is", "Alpha", "a"),
    ("is", "alpha", ""),
    ("is_not", "Alpha", "bcd"),
    ("contains", "LPH", "a"),
    ("contains", "50%", "b"),
    ("contains", "_", "c"),
    ("contains", "尔", "c"),
    ("contains", "'; DROP TABLE customers_customer; --", ""),
    ("not_contains", "a", "cd"),
    ("starts_with", "al", "a"),
    ("starts_with", "尔", ""),
    ("in", ["Alpha", "阿尔法_x"], "ac"),
    ("in", "Alpha,nobody", "a"),
    ("empty", None, "d"),
    ("not_empty", None, "abc"),
]
NUMBER_CASES = [
    ("is", 10, "b"),
    ("is", "10", "b"),
    ("is_not", 10, "acd"),
    ("lt", 10, "a"),
    ("lte", 10, "ab"),
    ("gt", 10, "c"),
    ("gte", "10", "bc"),
    ("between", [1, 200], "bc"),
    ("between", "0,10", "ab"),
    ("between", [200, 1], ""),
    ("empty", None, "d"),
    ("not_empty", None, "abc"),
]
TIME_CASES = [
    ("is", "2026-03-11", "b"),
    ("is", "today", "b"),
    ("is", "yesterday", "a"),
    ("lt", "2026-03-11", "a"),
    ("lte", "2026-03-11", "ab"),
    ("gt", "2026-03-11", "c"),
    ("gte", "2026-03-11", "bc"),
    ("lt", "today", "a"),
    ("gt", "today", "c"),
    ("gte", "this_month", "abc"),
    ("gt", "this_month", ""),
    ("lt", "this_week", ""),
    ("between", ["2026-03-11", "2026-03-12"], "bc"),
    ("between", "2026-03-10,2026-03-10", "a"),
    ("between", ["yesterday", "today"], "ab"),
    ("within", "this_week", "abc"),
    ("within", "last_2_days", "ab"),
    ("within", "next_1_days", "b"),
    ("within", "last_month", ""),
    ("empty", None, "d"),
    ("not_empty", None, "abc"),
]
CHOICE_CASES = [
    ("is", "core", "a"),
    ("is", "CORE", "a"),
    ("is_not", "core", "bcd"),
    ("in", ["core", "ordinary"], "ac"),
    ("in", "core,ordinary", "ac"),
    ("not_in", ["core", "ordinary"], "bd"),
    ("empty", None, "d"),
    ("not_empty", None, "abc"),
]
MULTICHOICE_CASES = [
    ("has", "core", "ab"),
    ("has", "cor", ""),
    ("has_not", "core", "cd"),
    ("in", ["potential", "ordinary"], "bc"),
    ("not_in", ["potential", "ordinary"], "ad"),
    ("empty", None, "d"),
    ("not_empty", None, "abc"),
]
BOOLEAN_CASES = [("is", True, "a"), ("is", "true", "a"), ("is", "否", "bcd"), ("is", False, "bcd")]
PHONE_CASES = [
    ("is", "138 0013 8001", "a"),
    ("is", "+8613800138001", "a"),
    ("is_not", "13800138001", "bcd"),
    ("contains", "0013800", "abc"),
    ("starts_with", "+86138", "abc"),
    ("in", ["13800138001", "+8613800138003"], "ac"),
    ("empty", None, "d"),
]
EMAIL_CASES = [
    ("is", "a@x.example", "a"),
    ("contains", "@X.", "abc"),
    ("not_contains", "a@", "bcd"),
    ("in", ["a@x.example", "c@x.example"], "ac"),
    ("empty", None, "d"),
]
URL_CASES = [("is", "https://x.example/a", "a"), ("contains", "example/b", "b"), ("empty", "", "d")]
TEXTS = ["Alpha", "beta 50%", "阿尔法_x"]
DAYS = [date(2026, 3, 10), date(2026, 3, 11), date(2026, 3, 12)]
INSTANTS = [  # the last moment of the 10th, the first of the 11th and of the 12th, in Shanghai
    datetime(2026, 3, 10, 15, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 3, 10, 16, tzinfo=UTC),
    datetime(2026, 3, 11, 16, tzinfo=UTC),
]
PHONES = [f"+861380013800{n}" for n in (1, 2, 3)]
EMAILS = [f"{n}@x.example" for n in "abc"]
URLS = [f"https://x.example/{n}" for n in "abc"]
TIERS = ["core", "potential", "ordinary"]
TABLE = {
    "text": ("industry", TEXTS, TEXT_CASES),
    "longtext": ("needs", TEXTS, TEXT_CASES),
    "integer": ("headcount", [0, 10, 200], NUMBER_CASES),
    "money": ("revenue_minor", [0, 10, 200], NUMBER_CASES),
    "decimal": (None, [0, 10, 200], NUMBER_CASES),
    "date": ("founded_on", DAYS, TIME_CASES),
    "datetime": ("next_contact_at", INSTANTS, TIME_CASES),
    "choice": (None, TIERS, CHOICE_CASES),
    "multichoice": (None, [["core"], ["core", "potential"], ["ordinary"]], MULTICHOICE_CASES),
    "boolean": ("is_do_not_disturb", [True, False, False], BOOLEAN_CASES),
    "phone": ("phone", PHONES, PHONE_CASES),
    "email": ("email", EMAILS, EMAIL_CASES),
    "url": (None, URLS, URL_CASES),
    "code": ("external_id", TEXTS, TEXT_CASES),
}


@pytest.fixture
def admin(company):
    """Somebody who sees everything in clear."""
    return company.actor("administrator")


@pytest.fixture
def four(company, admin):
    """The four customers by letter, with every custom field there is."""
    for kind in FieldKind:
        choices = CHOICES if kind in {"choice", "multichoice"} else []
        CustomField.objects.create(
            record_key=KEY, slug=kind, name=kind.label, kind=kind, choices=choices,
            created_at=AT, updated_at=AT,
        )  # fmt: skip
    kind = get_record_type(KEY)
    made = {}
    for place, letter in enumerate("abcd"):
        raw = {"name": letter, "short_name": f"letter {letter}"}
        for type_, (field, values, _cases) in TABLE.items():
            names = [field, f"x_{type_}"] if type_ in FieldKind.values else [field]
            if letter != "d":
                raw |= {name: values[place] for name in names if name}
        values = parse_values(kind, raw, actor=admin)
        made[letter] = create_record(kind, values, actor=admin, at=AT)
    return made


def found(listing: Listing, four, condition) -> str:
    """The letters of the customers that a condition finds, asked as a list and one by one."""
    wanted = {"all": [{"field": "short_name", "op": "starts_with", "value": "letter"}, condition]}
    rows = [row for page in listing.iterate(ListRequest(condition=wanted)) for row in page]
    listed = "".join(sorted(row.values["name"] for row in rows))
    one_by_one = "".join(x for x, row in four.items() if listing.matches(condition, row.pk))
    assert listed == one_by_one
    return listed


@pytest.mark.parametrize("type_", sorted(TABLE))
def test_every_operator_finds_what_it_says(type_, four, admin):
    declared, _values, cases = TABLE[type_]
    custom = f"x_{type_}" if type_ in FieldKind.values else None
    listing = Listing(get_record_type(KEY), admin, at=AT)
    answers, expected = {}, {}
    for name in filter(None, (declared, custom)):
        for op, value, who in cases:
            leaf = {"field": name, "op": op, "value": value}
            key = f"{name} {op} {value!r}"
            answers[key], expected[key] = found(listing, four, leaf), who
            answers[f"not {key}"] = found(listing, four, {"not": leaf})
            expected[f"not {key}"] = "".join(x for x in "abcd" if x not in who)
    assert {k: v for k, v in answers.items() if v != expected[k]} == {}


def test_every_type_that_can_be_filtered_has_its_cases():
    ops = {t: {op for op, _v, _w in cases} for t, (_f, _v, cases) in TABLE.items()}
    assert set(ops) == TYPES - {"ref", "refs", "json", "condition"}
    for type_, tried in ops.items():
        assert tried <= set(operators.for_type(type_))
    for family in ("text", "integer", "date", "choice", "multichoice", "boolean"):
        missing = set(operators.for_type(family)) - ops[family]
        assert missing == set(), (family, missing)


def test_every_operator_has_a_word():
    used = {op for type_ in TYPES for op in operators.for_type(type_)}
    assert used == set(operators.LABELS)


# References ---------------------------------------------------------------------------------------
@pytest.fixture
def placed(company, four):
    """a is mine in East, b somebody's in Shanghai, c a stranger's, d nobody's; a and b tagged."""
    Tag = apps.get_model("customers.Tag")  # noqa: N806
    tags = {n: Tag.objects.create(name=n, created_at=AT, updated_at=AT) for n in ("one", "two")}
    where = {"a": ("administrator", "east"), "b": ("below", "shanghai"), "c": ("stranger", "south")}
    model = apps.get_model("customers.Customer")
    for letter, row in four.items():
        user, department = where.get(letter, (None, None))
        model.objects.filter(pk=row.pk).update(
            owner=company.users.get(user),
            department=company.departments.get(department),
            team=company.teams["east one"] if letter == "a" else None,
        )
    four["a"].tags.set([tags["one"]])
    four["b"].tags.set(tags.values())
    return tags


def test_references_are_found_by_id_by_list_by_tree_and_by_oneself(company, four, placed, admin):
    listing = Listing(get_record_type(KEY), admin, at=AT)
    user, stranger = company.users["administrator"].pk, company.users["stranger"].pk
    place = {name: row.pk for name, row in company.departments.items()}
    one, two = placed["one"].pk, placed["two"].pk
    cases = [
        ("owner", "is", user, "a"),
        ("owner", "is", str(user), "a"),
        ("owner", "is", "me", "a"),
        ("owner", "is_not", "me", "bcd"),
        ("owner", "in", [user, stranger], "ac"),
        ("owner", "in", f"me,{stranger}", "ac"),
        ("owner", "in", ["me"], "a"),
        ("owner", "not_in", [user, stranger], "bd"),
        ("owner", "empty", None, "d"),
        ("owner", "not_empty", None, "abc"),
        ("owner", "is", 999_999_999, ""),
        ("department", "is", place["east"], "a"),
        ("department", "is", "my_department", "a"),
        ("department", "is", "my_branch", "ab"),
        ("department", "is_not", "my_branch", "cd"),
        ("department", "in", ["my_department", place["south"]], "ac"),
        ("department", "under", place["east"], "ab"),
        ("department", "under", place["hq"], "abc"),
        ("department", "under", place["south"], "c"),
        ("team", "is", "my_team", "a"),
        ("team", "is_not", "my_team", "bcd"),
        ("tags", "has", one, "ab"),
        ("tags", "has", two, "b"),
        ("tags", "has_not", two, "acd"),
        ("tags", "in", [one, two], "ab"),
        ("tags", "in", f"{two}", "b"),
        ("tags", "not_in", [one, two], "cd"),
        ("tags", "empty", None, "cd"),
        ("tags", "not_empty", None, "ab"),
    ]
    answers = {
        (field, op, str(value)): found(listing, four, {"field": field, "op": op, "value": value})
        for field, op, value, _who in cases
    }
    assert answers == {(field, op, str(value)): who for field, op, value, who in cases}


def test_oneself_is_nobody_for_who_is_nobody(company, four, placed, admin):
    nobody = replace(
        admin, user_id=None, department_id=None, team_ids=frozenset(), branch_ids=frozenset()
    )
    listing = Listing(get_record_type(KEY), nobody, at=AT)
    for field, token in (("owner", "me"), ("department", "my_department"),
                         ("department", "my_branch"), ("team", "my_team")):  # fmt: skip
        assert found(listing, four, {"field": field, "op": "is", "value": token}) == ""


def test_a_token_means_itself_only_at_the_field_it_belongs_to(four, admin):
    listing = Listing(get_record_type(KEY), admin, at=AT)
    for field, token in (("department", "me"), ("owner", "my_branch"), ("team", "me")):
        with pytest.raises(BadRequest):
            listing.compile({"field": field, "op": "is", "value": token})


def test_a_custom_field_of_all_kinds_of_choice_marks(four, admin):
    """Choices with quotes, percent signs and back slashes are themselves, not patterns."""
    odd = ['a"b', "100%", "a_b", "back\\slash", "中文", "a"]
    CustomField.objects.filter(slug="multichoice").update(
        choices=[{"value": v, "label": v} for v in odd]
    )
    kind = get_record_type(KEY)
    for value in odd:
        values = parse_values(kind, {"name": value, "x_multichoice": [value]}, actor=admin)
        create_record(kind, values, actor=admin, at=AT)
    listing = Listing(kind, admin, at=AT)
    for value in odd:
        leaf = {"field": "x_multichoice", "op": "has", "value": value}
        rows = next(listing.iterate(ListRequest(condition=leaf, columns=("name",))), [])
        assert [row.values["name"] for row in rows] == [value]


# Refused ------------------------------------------------------------------------------------------
ODD_VALUES = [
    None, "", " ", [], {}, [[]], [None], [""], {"a": 1}, "\0", "a\0b", "²", "x" * 100_000,
    [1] * 501, True, 1.5, -1, 10**30, float("inf"), float("nan"), "1e400", "1e999999万", "NaN",
    "9" * 5000, ["a", "b", "c"], [["me"]], {"id": 1}, "2026-02-30", "0001-01-01", "9999-12-31",
    "-1000-01-01", "last_²_days", "99:99", "2026-03-11T25:00", "\ud800", "٣", "me,me", "%", "_",
    "' OR 1=1 --", "1; DROP TABLE x", "{{7*7}}", "__class__", "this_week,", ["today", None],
]  # fmt: skip


def test_no_value_makes_a_query_fail(four, admin):
    """Whatever is asked is found, or refused as a bad request: never an error of the server."""
    listing = Listing(get_record_type(KEY), admin, at=AT)
    failures = []
    one_of_each = {(f.type, f.is_custom): f for f in listing.every_field.values()}
    for field in one_of_each.values():
        name = field.name
        for op in operators.for_type(field.type):
            for value in ODD_VALUES:
                try:
                    q = listing.compile({"field": name, "op": op, "value": value})
                    list(listing.base().filter(q).values_list("pk", flat=True)[:1])
                except BadRequest:
                    continue
                except Exception as error:  # noqa: BLE001  the point of the test
                    failures.append((name, op, repr(value)[:40], repr(error)[:80]))
    assert failures == []


def test_an_operator_of_another_type_is_refused(four, admin):
    listing = Listing(get_record_type(KEY), admin, at=AT)
    for field, op in (
        ("industry", "gt"), ("headcount", "contains"), ("tier", "contains"), ("tags", "is"),
        ("founded_on", "contains"), ("is_do_not_disturb", "in"), ("name", "exact"),
        ("name", "regex"), ("name", "__class__"), ("x_text", "has_key"), ("name", "x" * 10_000),
    ):  # fmt: skip
        with pytest.raises(BadRequest) as refused:
            listing.compile({"field": field, "op": op, "value": "1"})
        assert refused.value.code == "bad_operator"
        assert len(refused.value.text) < 300


def test_many_long_lists_are_answered_or_refused(four, admin):
    """Fifty leaves of five hundred values each stay below every limit of the database."""
    listing = Listing(get_record_type(KEY), admin, at=AT)
    for field in ("owner", "tags", "tier", "name", "phone", "x_text", "x_choice", "x_multichoice"):
        value = CHOICES[0]["value"] if "choice" in field or field == "tier" else "13800138001"
        leaf = {"field": field, "op": "in", "value": [value] * 500}
        try:
            rows = listing.base().filter(listing.compile({"any": [leaf] * 50}))
            assert rows.count() >= 0
        except BadRequest:
            continue


def test_field_names_are_names_not_paths(four, admin):
    listing = Listing(get_record_type(KEY), admin, at=AT)
    names = ["name__icontains", "owner__password", "pk", "id", "custom", "custom__text", "password"]
    for name in [*names, "_state", "__class__", "x_", "x_nothing", "x_text__contains"]:
        with pytest.raises(BadRequest) as refused:
            listing.compile({"field": name, "op": "is", "value": "1"})
        assert refused.value.code == "unknown_field"
