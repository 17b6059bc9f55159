"""Rules of people by table and by search for counterexamples."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.kernel.actor import Level, Reach
from guanxi.kernel.errors import RuleViolation
from guanxi.people import rules

pytestmark = pytest.mark.once
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
COMMON = {"password", "qwerty", "iloveyou", "abc123456"}
NAMES = ["zhangwei", "数睿科技", "shuruikeji", "Acme"]


def codes(password: str, policy: rules.PasswordPolicy) -> list[str]:
    try:
        rules.check_password(password, policy, common=COMMON, names=NAMES)
    except RuleViolation as error:
        return [broken.code for broken in error.violations]
    return []


@pytest.mark.parametrize(
    ("password", "policy", "expected"),
    [
        ("Wren-harbour-42", rules.STANDARD, []),
        ("wren harbour lamp", rules.STANDARD, []),
        ("短密码也要八位", rules.STANDARD, ["password_too_short"]),
        ("seven77", rules.STANDARD, ["password_too_short"]),
        ("abc123456", rules.STANDARD, ["password_common"]),
        ("ABC123456", rules.STANDARD, ["password_common"]),
        ("ａｂｃ１２３４５６", rules.STANDARD, ["password_common"]),
        ("Password2026", rules.STANDARD, ["password_common"]),
        ("!!qwerty99", rules.STANDARD, ["password_common"]),
        ("my-zhangwei-88", rules.STANDARD, ["password_contains_name"]),
        ("my-Zhang.Wei-88", rules.STANDARD, ["password_contains_name"]),
        ("ShuRuiKeJi-8#kp", rules.STRICT, ["password_contains_name"]),
        ("数睿科技abcd-9", rules.STANDARD, ["password_contains_name"]),
        ("aaaaaaaaaa", rules.STANDARD, ["password_too_simple"]),
        ("23456789", rules.STANDARD, ["password_too_simple"]),
        ("hgfedcba", rules.STANDARD, ["password_too_simple"]),
        ("Kp4-lamp9", rules.STRICT, ["password_too_short"]),
        ("harbourlamps", rules.STRICT, ["password_too_few_classes"]),
        ("harbourlamp42", rules.STRICT, ["password_too_few_classes"]),
        ("Harbourlamp42", rules.STRICT, []),
        ("x" * 1025, rules.STANDARD, ["password_too_long"]),
    ],
)
def test_a_password_is_judged_by_its_profile(password, policy, expected):
    assert codes(password, policy) == expected


def test_every_fault_of_a_password_is_named_at_once():
    assert codes("acme1", rules.STRICT) == [
        "password_too_short",
        "password_contains_name",
        "password_too_few_classes",
    ]


@given(st.text(max_size=1100))
def test_judging_a_password_never_breaks(password):
    codes(password, rules.STRICT)


@given(st.text(min_size=1, max_size=40))
def test_a_password_made_of_a_name_is_refused_however_it_is_written(text):
    letters = "".join(c for c in text if c.isalnum())
    if len(letters) >= 3:
        assert rules.contains_name(f"--{text.upper()}--", [text.upper()])


def test_a_password_grows_stale_only_in_the_strict_profile():
    old = NOON - timedelta(days=90)
    assert rules.is_password_stale(old, rules.STRICT, NOON)
    assert rules.is_password_stale(None, rules.STRICT, NOON)
    assert not rules.is_password_stale(old + timedelta(seconds=1), rules.STRICT, NOON)
    assert not rules.is_password_stale(None, rules.STANDARD, NOON)


@pytest.mark.parametrize("name", ["li", "李娜", "li.na-2", "na_li@acme.cn", "x" * 80])
def test_ordinary_user_names_pass(name):
    rules.check_username(name)


@pytest.mark.parametrize(
    "name", ["", "a", "li na", "li\nna", "li/na", "<li>", "x" * 81, "li\u202ena", "li'--"]
)
def test_odd_user_names_are_refused(name):
    with pytest.raises(RuleViolation) as refused:
        rules.check_username(name)
    assert refused.value.field == "username"


def test_a_department_does_not_move_below_itself():
    rules.check_move("/1/2/", "/1/3/")
    for parent in ("/1/2/", "/1/2/9/"):
        with pytest.raises(RuleViolation) as refused:
            rules.check_move("/1/2/", parent)
        assert refused.value.code == "department_cycle"


def test_departments_nest_twelve_deep():
    rules.check_move("", "/" + "7/" * 11)
    with pytest.raises(RuleViolation) as refused:
        rules.check_move("", "/" + "7/" * 12)
    assert refused.value.code == "department_too_deep"


def test_merging_roles_takes_the_farthest_reach_and_the_clearest_level():
    grants = rules.merge_grants([("a.view", 1), ("a.view", 3), ("b.view", 2)])
    assert grants == {"a.view": Reach.BRANCH, "b.view": Reach.TEAM}
    levels = rules.merge_levels([("contact", 1), ("contact", 2), ("finance", 0)])
    assert levels == {"contact": Level.CLEAR, "finance": Level.HIDDEN}


GRANTS = {
    "customers.view": Reach.ALL,
    "customers.change": Reach.OWN,
    "customers.export": Reach.OWN,
    "orders.view": Reach.ALL,
    "people.users.view": Reach.ALL,
    "people.roles.change": Reach.ALL,
}


@pytest.mark.parametrize(
    ("scopes", "left"),
    [
        ({"*": "read"}, {"customers.view", "orders.view", "people.users.view"}),
        ({"*": "write"}, set(GRANTS) - {"people.roles.change"}),
        ({"customers": "read"}, {"customers.view"}),
        ({"customers": "write"}, {"customers.view", "customers.change", "customers.export"}),
        ({"users": "read"}, {"people.users.view"}),
        ({"*": "read", "orders": "write"}, {"customers.view", "orders.view", "people.users.view"}),
        ({"roles": "write"}, set()),
        ({}, set()),
        ({"*": "everything"}, set()),
    ],
)
def test_a_token_narrows_grants(scopes, left):
    narrowed = rules.narrow_grants(GRANTS, scopes, {"people.roles.change"})
    assert set(narrowed) == left
    assert all(GRANTS[permission] == reach for permission, reach in narrowed.items())


@given(
    st.dictionaries(
        st.sampled_from(["*", "customers", "orders", "users", "x"]), st.text(max_size=6), max_size=5
    ),
)
def test_a_token_never_widens_grants(scopes):
    assert rules.narrow_grants(GRANTS, scopes, ()).items() <= GRANTS.items()


@pytest.mark.parametrize("scopes", [None, [], {}, "read", {"*": "admin"}, {"nothing": "read"}])
def test_odd_scopes_are_refused(scopes):
    with pytest.raises(RuleViolation) as refused:
        rules.check_scopes(scopes, {"customers"})
    assert refused.value.field == "scopes"


@pytest.mark.parametrize("days", [0, -1, 367])
def test_no_token_lasts_for_ever(days):
    with pytest.raises(RuleViolation) as refused:
        rules.check_token_days(days)
    assert refused.value.code == "token_lifetime"


@pytest.mark.parametrize(
    ("signed_in", "seen", "expected"),
    [
        (timedelta(minutes=1), timedelta(minutes=1), None),
        (timedelta(hours=11), timedelta(minutes=29, seconds=59), None),
        (timedelta(hours=2), timedelta(minutes=30), "idle"),
        (timedelta(hours=12), timedelta(0), "expired"),
    ],
)
def test_a_session_lasts_half_an_hour_unused_and_twelve_hours_at_most(signed_in, seen, expected):
    end = rules.session_end(
        NOON - signed_in,
        NOON - seen,
        NOON,
        idle=timedelta(minutes=30),
        absolute=timedelta(hours=12),
    )
    assert end == expected


@given(st.lists(st.integers(), unique=True, max_size=20), st.integers(1, 10))
def test_the_oldest_surplus_sessions_end(opened, limit):
    surplus = rules.surplus_sessions(opened, limit)
    assert opened == surplus + opened[len(surplus) :]
    assert len(opened) - len(surplus) == min(len(opened), limit)


@pytest.mark.parametrize(
    ("grants", "code"),
    [
        ({"no.such": 1}, "unknown_permission"),
        ({"a.view": 9}, "unknown_reach"),
        ({"a.view": "far"}, "unknown_reach"),
        ({"a.view": True}, "unknown_reach"),
        ({"a.view": None}, "unknown_reach"),
        ([["a.view", 1]], "not_pairs"),
        ("a.view", "not_pairs"),
    ],
)
def test_odd_grants_are_refused(grants, code):
    with pytest.raises(RuleViolation) as refused:
        rules.check_grants(grants, {"a.view"})
    assert refused.value.code == code


def test_grants_are_read_as_numbers_and_as_words():
    known = {"a.view", "b.view"}
    read = rules.check_grants({"a.view": 3, "b.view": "all"}, known)
    assert read == {"a.view": Reach.BRANCH, "b.view": Reach.ALL}
    assert rules.check_levels({"contact": "masked"}, {"contact"}) == {"contact": Level.MASKED}


@pytest.mark.parametrize("code", ["", "Sales", "1st", "a b", "é", "a" * 41])
def test_odd_role_codes_are_refused(code):
    with pytest.raises(RuleViolation) as refused:
        rules.check_role_code(code)
    assert refused.value.code == "role_code_characters"


def test_zones_that_mean_no_place_are_neither_offered_nor_taken():
    offered = rules.offered_time_zones()
    assert {"Asia/Shanghai", "Europe/Berlin", "UTC"} <= set(offered)
    assert not {"Factory", "localtime", "Etc/GMT+3", "PRC"} & set(offered)
    for name in offered:
        rules.check_time_zone(name)
    for name in ("Factory", "localtime", "Mars/Base"):
        with pytest.raises(RuleViolation):
            rules.check_time_zone(name)
