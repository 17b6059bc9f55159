"""Who acts with which rights: merged, cached by the stamp, narrowed by tokens."""

import pytest

from guanxi.kernel.actor import ANONYMOUS, Channel, Level, Reach
from guanxi.people import queries, services
from guanxi.people.models import ApiToken, Role, User
from guanxi.people.tests import factories

pytestmark = pytest.mark.django_db


def test_rights_of_several_roles_are_merged():
    person = factories.user("", "sales", "quality")
    actor = factories.actor(person)
    assert actor.grants["customers.view"] is Reach.ALL
    assert actor.grants["customers.change"] is Reach.OWN
    assert actor.level("contact") is Level.CLEAR
    assert actor.level("finance") is Level.HIDDEN
    assert (actor.user_id, actor.label) == (person.pk, person.name)


def test_a_branch_is_the_department_and_everything_below():
    root = factories.department("总部")
    east = factories.department("华东", root)
    west = factories.department("西部", root)
    shanghai = factories.department("上海", east)
    head = factories.user("", "head", department=east.pk)
    assert factories.actor(head).branch_ids == {east.pk, shanghai.pk}
    assert west.pk not in factories.actor(head).branch_ids
    nobody = factories.user("", "head")
    assert factories.actor(nobody).branch_ids == frozenset()
    assert factories.actor(nobody).department_id is None


def test_teams_of_the_actor_leave_out_archived_ones():
    sales = factories.department("销售部")
    person = factories.user("", "sales", department=sales.pk)
    kept = factories.team("一组", sales, [person])
    factories.team("二组", sales)
    assert factories.actor(person).team_ids == {kept.pk}


def test_a_second_request_costs_no_query(django_assert_num_queries):
    person = factories.user("", "sales")
    user = User.objects.get(pk=person.pk)
    queries.build_actor(user, channel=Channel.WEB)
    with django_assert_num_queries(0):
        actor = queries.build_actor(user, channel=Channel.API, ip="203.0.113.9", request_id="r1")
    assert (actor.channel, actor.ip, actor.request_id) == (Channel.API, "203.0.113.9", "r1")


def test_the_first_request_costs_a_fixed_number_of_queries(django_assert_max_num_queries):
    root = factories.department("总部")
    person = factories.user("", "sales", "quality", "head", department=root.pk)
    user = User.objects.get(pk=person.pk)
    with django_assert_max_num_queries(7):
        queries.build_actor(user, channel=Channel.WEB)
    with django_assert_max_num_queries(0):
        queries.build_actor(user, channel=Channel.WEB)


@pytest.mark.parametrize("field", ["is_active", "archived_at"])
def test_a_closed_account_is_nobody(field):
    person = factories.user("", "administrator")
    User.objects.filter(pk=person.pk).update(
        **{field: False if field == "is_active" else factories.now()}
    )
    assert factories.actor(person) == ANONYMOUS


def test_a_first_password_opens_nothing_until_it_is_changed():
    person = factories.user("", "administrator")
    User.objects.filter(pk=person.pk).update(must_change_password=True)
    assert factories.actor(person).grants == {}


def test_an_archived_role_gives_nothing():
    person = factories.user("", "hr")
    assert factories.actor(person).can("people.users.view")
    Role.objects.filter(code="hr").update(archived_at=factories.now())
    User.objects.filter(pk=person.pk).update(access_stamp=person.access_stamp + 7)
    assert not factories.actor(person).can("people.users.view")


def test_a_token_narrows_and_never_gives_roles():
    person = factories.user("", "administrator")
    token = ApiToken(pk=5, user=person, scopes={"*": "write"})
    actor = factories.actor(person, token=token)
    assert actor.token_id == 5
    assert actor.can("customers.change")
    assert not actor.can("people.users.assign_roles")
    assert not actor.can("people.roles.change")
    token.scopes = {"*": "read"}
    actor = factories.actor(person, token=token)
    assert actor.can("customers.view")
    assert {p for p in actor.grants if not p.endswith(".view")} == set()


def test_jobs_act_for_a_user_by_id():
    person = factories.user("", "sales")
    assert queries.get_actor(person.pk, channel=Channel.JOB).can("customers.view")
    assert queries.get_actor(10**9, channel=Channel.JOB) == ANONYMOUS


def test_every_change_of_rights_changes_the_stamp():
    root = factories.department("总部")
    person = factories.user("", "sales", department=root.pk)
    other = factories.user("", "sales")

    def stamp(of):
        return User.objects.values_list("access_stamp", flat=True).get(pk=of.pk)

    untouched = stamp(other)
    seen = {stamp(person)}

    def changed():
        now = stamp(person)
        assert now not in seen
        seen.add(now)

    at = factories.now()
    role = Role.objects.get(code="quality")
    services.assign_roles(person.pk, [role.pk], actor=factories.SYSTEM, at=at)
    changed()
    role.refresh_from_db()
    services.change_role_grants(
        role.pk,
        grants={"customers.view": "all"},
        levels={},
        version=role.version,
        actor=factories.SYSTEM,
        at=at,
    )
    changed()
    factories.team("一组", root, [person])
    changed()
    below = factories.department("下级", root)
    changed()
    services.move_department(below.pk, None, version=below.version, actor=factories.SYSTEM, at=at)
    changed()
    services.deactivate_user(person.pk, actor=factories.SYSTEM, at=at)
    changed()
    assert stamp(other) == untouched
