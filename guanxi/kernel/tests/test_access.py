"""Rights fail closed, and list, single check and explanation say the same."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Q
from hypothesis import given
from hypothesis import strategies as st

from guanxi.kernel import access
from guanxi.kernel.access import (
    ALL,
    NONE,
    Reaches,
    explain_access,
    get_visible,
    masked,
    require,
    require_recent,
    shown,
    visible,
)
from guanxi.kernel.actor import ANONYMOUS, Actor, Channel, Level, Reach, system_actor
from guanxi.kernel.errors import Denied, NotFound, Unconfirmed
from guanxi.kernel.models import Heartbeat, NumberSeries, StoredFile

AT = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)
VIEW = "tests.view"


def ANY(_actor):  # noqa: N802  a rule that lets everything through
    return ALL


def actor(**values) -> Actor:
    """Somebody with these rights."""
    return Actor(user_id=values.pop("user_id", 1), label="A", channel=Channel.WEB, **values)


def stored(name: str, owner: int) -> StoredFile:
    """A row with an owner."""
    return StoredFile.objects.create(name=name, size=0, created_by_id=owner, created_at=AT)


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    """A right, a group and a scope that only these tests know."""
    monkeypatch.setitem(access._permissions, VIEW, access.Permission(VIEW, "See"))
    monkeypatch.setitem(access._groups, "secret", access.FieldGroup("secret", "Secret", mask))
    reaches = Reaches(
        own=lambda a: Q(created_by_id=a.user_id or 0),
        team=lambda a: Q(created_by_id__in=sorted(a.team_ids | {a.user_id or 0})),
        branch=lambda a: Q(created_by_id__lte=5),
    )
    monkeypatch.setitem(access._reaches, StoredFile, reaches)


def mask(value) -> str:
    """The mask of the tests' own group."""
    return f"{str(value)[0]}**"


# Fails closed -------------------------------------------------------------------------------------
@pytest.mark.django_db
class TestFailsClosed:
    def test_an_undeclared_permission_is_a_mistake_of_ours_not_a_yes(self):
        everything = actor(grants={"tests.unheard_of": Reach.ALL})
        for who in (everything, system_actor()):
            with pytest.raises(LookupError):
                visible(who, "tests.unheard_of", StoredFile.objects.all())
            with pytest.raises(LookupError):
                require(who, "tests.unheard_of")
            with pytest.raises(LookupError):
                require(who, "tests.unheard_of", stored("a", 1))

    @pytest.mark.parametrize("reach", [Reach.OWN, Reach.TEAM, Reach.BRANCH])
    def test_an_undeclared_scope_shows_nothing_below_all(self, reach):
        NumberSeries.objects.create(pk="x")
        who = actor(grants={VIEW: reach})
        assert not visible(who, VIEW, NumberSeries.objects.all()).exists()
        steps = explain_access(who, VIEW, NumberSeries.objects.get())
        assert steps[-1] == {"step": "allowed", "ok": False, "detail": ""}
        assert [s["ok"] for s in steps if s["step"].startswith("within_")] == [False] * 3 + [True]

    def test_an_undeclared_scope_is_open_to_the_widest_reach(self):
        NumberSeries.objects.create(pk="x")
        assert visible(actor(grants={VIEW: Reach.ALL}), VIEW, NumberSeries.objects.all()).exists()

    @pytest.mark.parametrize("who", [ANONYMOUS, actor(), actor(grants={"other": Reach.ALL})])
    def test_who_was_granted_nothing_sees_nothing(self, who):
        row = stored("a", 1)
        assert not visible(who, VIEW, StoredFile.objects.all()).exists()
        with pytest.raises(Denied):
            require(who, VIEW)
        with pytest.raises(Denied):
            require(who, VIEW, row)
        with pytest.raises(NotFound):
            get_visible(who, VIEW, StoredFile.objects.all(), pk=row.pk)

    def test_a_scope_of_nothing_is_not_a_scope_of_everything(self, monkeypatch):
        nothing = Reaches(own=lambda _: NONE, team=lambda _: NONE, branch=lambda _: NONE)
        monkeypatch.setitem(access._reaches, StoredFile, nothing)
        stored("a", 1)
        for reach in (Reach.OWN, Reach.TEAM, Reach.BRANCH):
            who = actor(grants={VIEW: reach})
            assert not visible(who, VIEW, StoredFile.objects.all()).exists()

    def test_a_narrowing_holds_even_for_the_widest_reach(self, monkeypatch):
        only_a = Reaches(
            own=lambda _: ALL, team=lambda _: ALL, branch=lambda _: ALL,
            everywhere=lambda _: Q(name="a"),
        )  # fmt: skip
        monkeypatch.setitem(access._reaches, StoredFile, only_a)
        stored("a", 1), stored("b", 1)
        who = actor(grants={VIEW: Reach.ALL})
        assert [f.name for f in visible(who, VIEW, StoredFile.objects.all())] == ["a"]


@pytest.mark.parametrize(
    "declare",
    [
        lambda: access.declare_permission(VIEW, "See"),
        lambda: access.declare_group("secret", "Secret", mask=mask),
        lambda: access.declare_scope(StoredFile, own=ANY, team=ANY, branch=ANY),
    ],
)
def test_declaring_twice_is_refused(declare):
    with pytest.raises(ValueError, match="declared twice"):
        declare()


# The same answer everywhere -----------------------------------------------------------------------
@pytest.mark.django_db
@given(
    reach=st.none() | st.sampled_from(list(Reach)),
    user_id=st.none() | st.integers(1, 8),
    teams=st.frozensets(st.integers(1, 8), max_size=3),
    is_to_many=st.booleans(),
)
@pytest.mark.slow
def test_list_check_and_explanation_agree(reach, user_id, teams, is_to_many):
    declared = access._reaches[StoredFile]
    access._reaches[StoredFile] = Reaches(
        declared.own, declared.team, declared.branch, is_to_many=is_to_many
    )
    if not StoredFile.objects.exists():
        for owner in range(1, 9):
            stored(f"of {owner}", owner)
    who = actor(user_id=user_id, grants={VIEW: reach} if reach else {}, team_ids=teams)
    listed = set(visible(who, VIEW, StoredFile.objects.all()).values_list("pk", flat=True))
    for row in StoredFile.objects.all():
        assert is_required(who, row) == (row.pk in listed)
        assert explain_access(who, VIEW, row)[-1]["ok"] == (row.pk in listed)
        assert is_found(who, row) == (row.pk in listed)


def is_required(who: Actor, row: StoredFile) -> bool:
    """What the single check answers."""
    try:
        require(who, VIEW, row)
    except Denied:
        return False
    return True


def is_found(who: Actor, row: StoredFile) -> bool:
    """What fetching answers."""
    try:
        return get_visible(who, VIEW, StoredFile.objects.all(), pk=row.pk) == row
    except NotFound:
        return False


@pytest.mark.django_db
@pytest.mark.parametrize("pk", ["abc", "", None, 10**30, -1, "0" * 5000, [1], {"a": 1}, 1.5, "\0"])
@pytest.mark.parametrize("rows", [StoredFile.objects, Heartbeat.objects, NumberSeries.objects])
def test_an_id_that_is_none_is_a_record_that_is_missing(pk, rows):
    with pytest.raises(NotFound):
        get_visible(actor(grants={VIEW: Reach.ALL}), VIEW, rows.all(), pk=pk)


# Explained ----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_an_explanation_says_which_step_failed():
    row = stored("a", 7)
    steps = {s["step"]: s["ok"] for s in explain_access(actor(), VIEW, row)}
    assert steps["declared"]
    assert not steps["granted"]
    assert not steps["allowed"]
    steps = {s["step"]: s["ok"] for s in explain_access(actor(grants={VIEW: Reach.OWN}), VIEW, row)}
    assert steps["granted"]
    assert not steps["within_own"]
    assert steps["within_all"]
    assert not steps["allowed"]


@pytest.mark.django_db
def test_an_explanation_of_an_undeclared_permission_ends_with_no():
    who = actor(grants={"tests.unheard_of": Reach.ALL})
    steps = explain_access(who, "tests.unheard_of", stored("a", 1))
    assert steps[0]["ok"] is False
    assert steps[-1] == {"step": "allowed", "ok": False, "detail": ""}


# Fields -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("level", "seen"),
    [(Level.CLEAR, "value"), (Level.MASKED, "v**"), (Level.HIDDEN, None), (None, None)],
)
def test_a_value_is_shown_by_level(level, seen):
    who = actor(levels={} if level is None else {"secret": level})
    assert shown(who, "secret", "value") == seen


def test_a_field_of_no_group_is_clear_and_the_system_sees_all():
    assert shown(actor(), None, "value") == "value"
    assert shown(system_actor(), "secret", "value") == "value"


@pytest.mark.parametrize("empty", [None, "", [], ()])
def test_nothing_is_masked_as_nothing(empty):
    assert masked("secret", empty) == ""


def test_zero_is_a_value_and_masked():
    assert masked("secret", 0) == "0**"


# Asked again --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("age", "passes"),
    [(None, False), (timedelta(0), True), (timedelta(minutes=15), True),
     (timedelta(minutes=15, microseconds=1), False)],
)  # fmt: skip
def test_a_delicate_act_needs_a_fresh_password(age, passes):
    who = actor(authenticated_at=None if age is None else AT - age)
    if passes:
        require_recent(who, AT)
        return
    with pytest.raises(Unconfirmed):
        require_recent(who, AT)


def test_a_program_cannot_give_a_password_and_the_system_need_not():
    require_recent(system_actor(), AT)
    with pytest.raises(Unconfirmed):
        require_recent(actor(token_id=5), AT)
