"""Roles as data: edited in a matrix, felt at the next request, never by oneself (E08, M01)."""

import pytest

from guanxi.kernel.actor import Level, Reach
from guanxi.kernel.errors import Denied, NotFound, RuleViolation, StaleVersion, Unconfirmed
from guanxi.kernel.models import Event
from guanxi.people import queries, services
from guanxi.people.models import Role
from guanxi.people.tests import factories
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import archive_record

pytestmark = pytest.mark.django_db


def change(code, grants, levels=None, *, actor, version=None):
    role = Role.objects.get(code=code)
    return services.change_role_grants(
        role.pk,
        grants=grants,
        levels=levels or {},
        version=role.version if version is None else version,
        actor=actor,
        at=factories.now(),
    )


def admin():
    return factories.actor(factories.user("", "security_admin"))


def test_a_change_counts_at_the_next_request_and_is_audited():
    person = factories.user("", "hr")
    by = admin()
    change("hr", {"customers.view": "branch"}, {"contact": "masked"}, actor=by)
    actor = factories.actor(person)
    assert actor.grants == {"customers.view": Reach.BRANCH}
    assert actor.level("contact") is Level.MASKED
    event = Event.objects.filter(kind="people.role.grants_changed").latest("pk")
    assert event.actor_user_id == by.user_id
    assert event.data["users"] == 1
    assert event.data["grants"]["customers.view"] == [None, "branch"]
    assert event.data["grants"]["people.users.view"] == ["all", None]
    assert event.data["levels"]["contact"] == [None, "masked"]


def test_the_same_matrix_again_writes_nothing():
    by = admin()
    change("hr", {"customers.view": 1}, actor=by)
    before = Event.objects.count()
    version = Role.objects.get(code="hr").version
    change("hr", {"customers.view": 1}, {"contact": 0}, actor=by)
    assert Event.objects.count() == before
    assert Role.objects.get(code="hr").version == version


def test_two_editors_of_one_role():
    by = admin()
    version = Role.objects.get(code="hr").version
    change("hr", {"customers.view": 1}, actor=by, version=version)
    with pytest.raises(StaleVersion):
        change("hr", {"customers.view": 4}, actor=by, version=version)
    grants, _levels = queries.list_role_matrix(Role.objects.get(code="hr"))
    assert grants == {"customers.view": Reach.OWN}


@pytest.mark.parametrize(
    "grants", [{"events.change": 4}, {"no.such": 1}, {"customers.view": 9}, None, [1]]
)
def test_what_does_not_exist_is_refused(grants):
    by = admin()
    before = queries.list_role_matrix(Role.objects.get(code="hr"))
    with pytest.raises(RuleViolation):
        change("hr", grants, actor=by)
    assert queries.list_role_matrix(Role.objects.get(code="hr")) == before


def test_nobody_changes_a_role_of_their_own():
    with pytest.raises(RuleViolation) as refused:
        change("security_admin", {}, actor=admin())
    assert refused.value.code == "not_your_own_role"


def test_the_last_right_to_give_roles_stays():
    person = factories.user("", "administrator")
    services.create_role(
        {"code": "keeper", "name": "角色管理"},
        grants={"people.roles.change": "all"},
        actor=factories.SYSTEM,
        at=factories.now(),
    )
    keeper = factories.actor(factories.user("", "keeper"))
    with pytest.raises(RuleViolation) as refused:
        change("administrator", {"customers.view": 4}, actor=keeper)
    assert refused.value.code == "last_administrator"
    assert factories.actor(person).can("people.users.assign_roles")


def test_only_who_may_changes_roles_after_confirming():
    with pytest.raises(Denied):
        change("hr", {}, actor=factories.actor(factories.user("", "it")))
    person = factories.user("", "security_admin")
    with pytest.raises(Unconfirmed):
        change("hr", {}, actor=factories.actor(person, authenticated_at=None))
    with pytest.raises(NotFound):
        services.change_role_grants(
            10**9, grants={}, levels={}, version=1, actor=admin(), at=factories.now()
        )


def test_a_role_of_ones_own_is_created_and_archived():
    by = admin()
    role = services.create_role(
        {"code": "partner", "name": "渠道伙伴", "name_en": "Partner"},
        grants={"customers.view": "own"},
        levels={"contact": "masked"},
        actor=by,
        at=factories.now(),
    )
    assert queries.list_role_matrix(role) == (
        {"customers.view": Reach.OWN},
        {"contact": Level.MASKED},
    )
    kind = get_record_type("people.role")
    role.refresh_from_db()
    archived = archive_record(kind, role.pk, version=role.version, actor=by, at=factories.now())
    assert archived.archived_at is not None


@pytest.mark.parametrize("code", ["Partner", "hr", "1x", ""])
def test_odd_and_taken_codes_are_refused(code):
    factories.roles()
    with pytest.raises(RuleViolation) as refused:
        services.create_role(
            {"code": code, "name": "x"}, actor=factories.SYSTEM, at=factories.now()
        )
    assert "code" in [broken.field for broken in refused.value.violations]


@pytest.mark.parametrize(("code", "reason"), [("sales", "role_is_system"), ("own", "role_in_use")])
def test_roles_in_use_and_of_the_product_are_not_archived(code, reason):
    by = admin()
    services.create_role(
        {"code": "own", "name": "自定义"}, actor=factories.SYSTEM, at=factories.now()
    )
    factories.user("", "own")
    role = Role.objects.get(code=code)
    with pytest.raises(RuleViolation) as refused:
        archive_record(
            get_record_type("people.role"),
            role.pk,
            version=role.version,
            actor=by,
            at=factories.now(),
        )
    assert refused.value.code == reason
