"""Giving roles: by others only, confirmed, felt at the next request (A09, E08)."""

from datetime import timedelta

import pytest

from guanxi.kernel.actor import Level
from guanxi.kernel.errors import Denied, NotFound, RuleViolation, Unconfirmed
from guanxi.kernel.models import Event
from guanxi.people import services
from guanxi.people.models import Role
from guanxi.people.tests import factories

pytestmark = pytest.mark.django_db


def assign(person, *codes, actor):
    ids = Role.objects.filter(code__in=codes).values_list("pk", flat=True)
    return services.assign_roles(person.pk, list(ids), actor=actor, at=factories.now())


def test_roles_count_from_the_next_request(client):
    person = factories.user("", "quality")
    admin = factories.actor(factories.user("", "administrator"))
    assert not factories.actor(person).can("customers.change")
    assign(person, "sales", actor=admin)
    assert factories.actor(person).can("customers.change")
    assert factories.actor(person).level("contact") is Level.CLEAR
    event = Event.objects.filter(kind="people.user.roles_assigned").latest("pk")
    assert event.data == {"given": ["sales"], "taken": ["quality"]}
    assert event.subject_id == str(person.pk)


def test_a_removed_role_is_gone_at_the_next_request(client):
    person = factories.user("", "administrator")
    factories.user("", "administrator")
    factories.sign_in(client, person)
    assert client.get("/organisation/").status_code == 200
    assign(person, actor=factories.SYSTEM)
    assert client.get("/organisation/").status_code == 403


def test_nobody_gives_roles_to_themselves():
    admin = factories.user("", "administrator")
    with pytest.raises(RuleViolation) as refused:
        assign(admin, "administrator", "auditor", actor=factories.actor(admin))
    assert refused.value.code == "not_yourself"


@pytest.mark.parametrize("code", ["sales", "head", "it", "auditor", "hr"])
def test_only_who_may_gives_roles(code):
    person = factories.user()
    with pytest.raises(Denied):
        assign(person, "sales", actor=factories.actor(factories.user("", code)))


def test_the_password_must_have_been_given_a_short_while_ago():
    person, admin = factories.user(), factories.user("", "administrator")
    long_ago = factories.now() - timedelta(minutes=16)
    for authenticated_at in (None, long_ago):
        with pytest.raises(Unconfirmed):
            assign(person, "sales", actor=factories.actor(admin, authenticated_at=authenticated_at))
    assert not person.roles.exists()


def test_the_last_administrator_stays():
    admin = factories.user("", "administrator")
    with pytest.raises(RuleViolation) as refused:
        assign(admin, "sales", actor=factories.SYSTEM)
    assert refused.value.code == "last_administrator"
    assert [role.code for role in admin.roles.all()] == ["administrator"]


def test_unknown_and_archived_roles_are_refused():
    person = factories.user()
    with pytest.raises(RuleViolation) as refused:
        services.assign_roles(person.pk, [10**9], actor=factories.SYSTEM, at=factories.now())
    assert refused.value.code == "no_such_role"
    Role.objects.filter(code="legal").update(archived_at=factories.now())
    with pytest.raises(RuleViolation) as refused:
        assign(person, "legal", actor=factories.SYSTEM)
    assert refused.value.code == "archived_role"
    with pytest.raises(NotFound):
        services.assign_roles(10**9, [], actor=factories.SYSTEM, at=factories.now())


def test_the_same_roles_again_change_nothing():
    person = factories.user("", "sales")
    before = Event.objects.count()
    assign(person, "sales", actor=factories.SYSTEM)
    assert Event.objects.count() == before
