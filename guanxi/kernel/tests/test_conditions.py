"""The condition language itself: nothing means nothing, limits hold, bad parts are named."""

from datetime import UTC, date, datetime

import pytest
from django.db.models import Q
from hypothesis import given
from hypothesis import strategies as st

from guanxi.kernel.actor import Actor, Channel
from guanxi.kernel.conditions import (
    MAX_DEPTH,
    MAX_LEAVES,
    NOTHING,
    Context,
    compile_condition,
    day_range,
    leaves,
)
from guanxi.kernel.errors import BadRequest

AT = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)
ACTOR = Actor(user_id=1, label="A", channel=Channel.WEB)
LEAF = {"field": "size", "op": "is", "value": 1}


class Size:
    """A field of files, as the language needs it."""

    def condition(self, op, value, context: Context) -> Q:
        if op != "is" or not isinstance(value, int):
            raise BadRequest("bad_value", "")
        return Q(size=value)


FIELDS = {"size": Size()}


def compiled(condition) -> Q:
    """The Q of a condition over the one field."""
    return compile_condition(condition, FIELDS, actor=ACTOR, at=AT)


@pytest.mark.parametrize("empty", [None, {}, [], "", 0, False, {"all": []}, {"any": []}])
def test_an_empty_condition_matches_nothing(empty):
    assert compiled(empty) == NOTHING


@pytest.mark.parametrize("group", ["all", "any"])
def test_an_empty_group_inside_matches_nothing(group):
    assert compiled({group: [{"any": []}]}) == NOTHING
    assert compiled({"all": [LEAF, {"all": []}]}) == Q(size=1) & NOTHING


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (LEAF, Q(size=1)),
        ({"field": "size", "value": 1}, Q(size=1)),
        ({"all": [LEAF, LEAF]}, Q(size=1) & Q(size=1)),
        ({"any": [LEAF, LEAF]}, Q(size=1) | Q(size=1)),
        ({"not": LEAF}, ~Q(size=1)),
        ({"not": {"not": LEAF}}, ~~Q(size=1)),
    ],
)
def test_what_a_condition_means(condition, expected):
    assert compiled(condition) == expected


@pytest.mark.parametrize(
    "condition",
    [
        "size",
        [LEAF],
        1,
        {"not": {}},
        {"not": None},
        {"not": [LEAF]},
        {"all": LEAF},
        {"all": None},
        {"any": "x"},
        {"all": ["x"]},
        {"all": [None]},
        {"all": [[]]},
        {"all": [LEAF], "any": [LEAF]},
        {"not": LEAF, "field": "size"},
        {"field": "size", "op": "is", "value": 1, "extra": 1},
        {"field": "size", "op": ["is"], "value": 1},
        {"field": "size", "op": None, "value": 1},
        {"op": "is", "value": 1},
        {"AND": [LEAF]},
        {"_connector": "OR", "field": "size"},
        {"field": "pk", "value": 1},
        {"field": "size__gt", "value": 1},
        {"field": ["size"], "value": 1},
        {"field": {"a": 1}, "value": 1},
        {"field": None, "value": 1},
        {"field": "", "value": 1},
    ],
)
def test_what_is_no_condition_is_refused(condition):
    with pytest.raises(BadRequest) as refused:
        compiled(condition)
    assert refused.value.code in {"bad_condition", "unknown_field", "bad_value"}
    assert refused.value.text


def nested(depth: int) -> dict:
    """A leaf under so many negations."""
    condition = LEAF
    for _ in range(depth):
        condition = {"not": condition}
    return condition


def test_depth_has_a_limit():
    compiled(nested(MAX_DEPTH))
    for depth in (MAX_DEPTH + 1, 200, 900):
        with pytest.raises(BadRequest):
            compiled(nested(depth))


def test_the_number_of_leaves_has_a_limit_wherever_they_hang():
    compiled({"any": [LEAF] * MAX_LEAVES})
    with pytest.raises(BadRequest):
        compiled({"any": [LEAF] * (MAX_LEAVES + 1)})
    half = {"all": [LEAF] * (MAX_LEAVES // 2 + 1)}
    with pytest.raises(BadRequest):
        compiled({"any": [half, {"not": half}]})


def test_a_long_name_is_not_echoed_whole():
    with pytest.raises(BadRequest) as refused:
        compiled({"field": "x" * 10_000})
    assert len(refused.value.text) < 300


CONDITIONS = st.recursive(
    st.builds(lambda n: {"field": "size", "value": n}, st.integers(0, 3)),
    lambda inner: (
        st.builds(lambda items: {"all": items}, st.lists(inner, max_size=3))
        | st.builds(lambda items: {"any": items}, st.lists(inner, max_size=3))
        | st.builds(lambda item: {"not": item}, inner)
    ),
    max_leaves=8,
)


def holds(condition, size: int) -> bool:
    """What a condition means for one size, said a second time."""
    if "field" in condition:
        return size == condition["value"]
    if "not" in condition:
        return not holds(condition["not"], size)
    items = condition.get("all", condition.get("any"))
    answers = [holds(item, size) for item in items]
    return bool(items) and (all(answers) if "all" in condition else any(answers))


@pytest.mark.django_db
@given(condition=CONDITIONS)
def test_the_database_understands_a_condition_as_it_is_written(condition):
    from guanxi.kernel.models import StoredFile

    if not StoredFile.objects.exists():
        for size in range(5):
            StoredFile.objects.create(name="x", size=size, created_at=AT)
    try:
        found = set(StoredFile.objects.filter(compiled(condition)).values_list("size", flat=True))
    except BadRequest:
        return
    assert found == {size for size in range(5) if holds(condition, size)}


def test_leaves_are_listed_in_reading_order():
    first, second, third = ({"field": name} for name in "abc")
    condition = {"all": [first, {"any": [{"not": second}, third]}]}
    assert leaves(condition) == [first, second, third]
    for odd in (None, [], "x", {}, {"all": "x"}, {"any": None}):
        assert leaves(odd) == []


# Days ---------------------------------------------------------------------------------------------
WEDNESDAY = date(2026, 3, 11)


@pytest.mark.parametrize(
    ("token", "today", "first", "last"),
    [
        ("today", WEDNESDAY, "2026-03-11", "2026-03-11"),
        ("yesterday", date(2026, 3, 1), "2026-02-28", "2026-02-28"),
        ("yesterday", date(2028, 3, 1), "2028-02-29", "2028-02-29"),
        ("tomorrow", date(2026, 12, 31), "2027-01-01", "2027-01-01"),
        ("this_week", WEDNESDAY, "2026-03-09", "2026-03-15"),
        ("this_week", date(2026, 3, 9), "2026-03-09", "2026-03-15"),
        ("this_week", date(2026, 3, 15), "2026-03-09", "2026-03-15"),
        ("last_week", date(2026, 1, 1), "2025-12-22", "2025-12-28"),
        ("next_week", date(2025, 12, 31), "2026-01-05", "2026-01-11"),
        ("this_month", date(2028, 2, 29), "2028-02-01", "2028-02-29"),
        ("this_month", date(2026, 12, 31), "2026-12-01", "2026-12-31"),
        ("last_month", date(2026, 3, 31), "2026-02-01", "2026-02-28"),
        ("last_month", date(2026, 1, 1), "2025-12-01", "2025-12-31"),
        ("this_year", date(2026, 1, 1), "2026-01-01", "2026-12-31"),
        ("last_year", date(2028, 2, 29), "2027-01-01", "2027-12-31"),
        ("last_1_days", WEDNESDAY, "2026-03-11", "2026-03-11"),
        ("last_30_days", WEDNESDAY, "2026-02-10", "2026-03-11"),
        ("next_7_days", WEDNESDAY, "2026-03-11", "2026-03-17"),
        ("last_9999_days", WEDNESDAY, "1998-10-26", "2026-03-11"),
    ],
)
def test_a_relative_date_is_a_range_of_days(token, today, first, last):
    assert day_range(token, today) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "token",
    ["", "soon", "last_days", "last_0_days", "last_10000_days", "last_-1_days", "last_1.5_days",
     "last_²_days", "last_٣_days", "prev_3_days", "last_3_weeks", "last_3_days_", "TODAY",
     "2026-03-11", "last__days", "_3_days"],
)  # fmt: skip
def test_what_is_no_relative_date_is_none(token):
    assert day_range(token, WEDNESDAY) is None


@given(today=st.dates(date(1850, 1, 1), date(2190, 12, 31)))
def test_neighbouring_ranges_meet(today):
    for before, after in (("last_week", "this_week"), ("this_week", "next_week"),
                          ("last_month", "this_month"), ("last_year", "this_year"),
                          ("yesterday", "today"), ("today", "tomorrow")):  # fmt: skip
        assert (day_range(after, today)[0] - day_range(before, today)[1]).days == 1
    for token in ("this_week", "this_month", "this_year", "last_5_days", "next_5_days"):
        first, last = day_range(token, today)
        assert first <= today <= last


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Asia/Shanghai", "2026-03-10T15:59:59Z", "2026-03-10"),
        ("Asia/Shanghai", "2026-03-10T16:00:00Z", "2026-03-11"),
        ("Asia/Kathmandu", "2026-03-10T18:14:59Z", "2026-03-10"),
        ("Asia/Kathmandu", "2026-03-10T18:15:00Z", "2026-03-11"),
        ("Pacific/Kiritimati", "2026-03-10T10:00:00Z", "2026-03-11"),
        ("Pacific/Niue", "2026-03-11T10:59:59Z", "2026-03-10"),
    ],
)
def test_today_is_the_readers_day(zone, at, day):
    reader = Actor(user_id=1, label="A", channel=Channel.WEB, time_zone=zone)
    assert Context(reader, datetime.fromisoformat(at)).today == date.fromisoformat(day)
