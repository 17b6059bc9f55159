"""Changing users: versions, no self-promotion, no takeover of accounts."""

import pytest

from guanxi.kernel.errors import Denied, RuleViolation, StaleVersion
from guanxi.people import services
from guanxi.people.models import User
from guanxi.people.tests import factories

pytestmark = pytest.mark.django_db


def change(user, actor, **values):
    fresh = User.objects.get(pk=user.pk)
    return services.change_user(
        user.pk, values, version=fresh.version, actor=actor, at=factories.now()
    )


def test_a_user_is_changed_under_its_version():
    person = factories.user()
    it = factories.actor(factories.user("", "it"))
    changed = change(person, it, title="客户经理", name="王伟")
    assert (changed.title, changed.name) == ("客户经理", "王伟")
    assert User.objects.get(pk=person.pk).name_sort.startswith("wang2")
    with pytest.raises(StaleVersion):
        services.change_user(person.pk, {"title": "x"}, version=1, actor=it, at=factories.now())


def test_a_colleague_without_the_right_changes_nothing():
    person = factories.user()
    with pytest.raises(Denied):
        change(person, factories.actor(factories.user("", "sales")), title="x")


@pytest.mark.parametrize("field", ["department", "teams"])
def test_nobody_moves_themselves_where_they_see_more(field):
    root = factories.department("总部")
    team = factories.team("一组", root)
    person = factories.user("", "it")
    value = root.pk if field == "department" else [team.pk]
    with pytest.raises(RuleViolation) as refused:
        change(person, factories.actor(person), **{field: value})
    assert (refused.value.code, refused.value.field) == ("not_yourself", field)


@pytest.mark.parametrize("values", [{"email": "mine@example.cn"}, {"username": "another-name"}])
def test_who_cannot_give_roles_takes_over_no_account(values):
    person = factories.user("", "sales")
    with pytest.raises(RuleViolation) as refused:
        change(person, factories.actor(factories.user("", "it")), **values)
    assert refused.value.code == "account_keys"
    change(person, factories.actor(factories.user("", "administrator")), **values)


@pytest.mark.parametrize(
    "values", [{"roles": [1]}, {"is_active": False}, {"access_stamp": 1}, {"password": "x"}]
)
def test_roles_state_and_password_are_no_fields_of_a_form(values):
    person = factories.user()
    with pytest.raises(RuleViolation):
        change(person, factories.actor(factories.user("", "administrator")), **values)


def test_nobody_joins_an_archived_department():
    old = factories.department("旧部门")
    services.create_department("x", actor=factories.SYSTEM, at=factories.now())
    type(old).objects.filter(pk=old.pk).update(archived_at=factories.now())
    person = factories.user()
    with pytest.raises(RuleViolation) as refused:
        change(person, factories.SYSTEM, department=old.pk)
    assert refused.value.code == "archived_department"
