"""The roles of the standard pack: declared, complete, separated (SEC-1, A14)."""

import pytest

from guanxi.kernel.access import groups, permissions
from guanxi.kernel.actor import Level, Reach
from guanxi.kernel.models import Event
from guanxi.people import queries, services
from guanxi.people.models import Role
from guanxi.people.services.roles import read_standard_roles, standard_rights
from guanxi.people.tests import factories

pytestmark = pytest.mark.django_db
CODES = {
    "sales",
    "junior_agent",
    "senior_agent",
    "head",
    "complaint",
    "legal",
    "quality",
    "analyst",
    "hr",
    "it",
    "administrator",
    "security_admin",
    "auditor",
}
BUSINESS = ("customers", "contacts", "orders", "payments", "interactions", "attachments")


def rights(code, *, is_strict=False):
    return standard_rights(read_standard_roles()[code], is_strict=is_strict)


def test_the_pack_has_the_thirteen_roles_in_both_languages():
    written = read_standard_roles()
    assert set(written) == CODES
    assert all(
        role["name"] and role["name_en"] and role["description"] for role in written.values()
    )


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_right_of_a_role_is_declared(code):
    found = rights(code)
    assert set(found.grants) <= set(permissions())
    assert set(found.levels) <= set(groups())


def test_every_declared_right_is_held_by_somebody():
    held = {permission for code in CODES for permission in rights(code).grants}
    held_strictly = {p for code in CODES for p in rights(code, is_strict=True).grants}
    assert set(queries.grantable_permissions()) - held == set()
    assert held == held_strictly


def test_nobody_may_write_the_audit_trail():
    written = {f"events.{verb}" for verb in ("create", "change", "archive", "import")}
    assert written & set(queries.grantable_permissions()) == set()


@pytest.mark.parametrize(
    ("code", "reach", "contact", "finance", "technical"),
    [
        ("sales", Reach.OWN, Level.CLEAR, Level.HIDDEN, Level.CLEAR),
        ("junior_agent", Reach.OWN, Level.MASKED, Level.HIDDEN, Level.HIDDEN),
        ("senior_agent", Reach.TEAM, Level.MASKED, Level.HIDDEN, Level.HIDDEN),
        ("head", Reach.BRANCH, Level.CLEAR, Level.CLEAR, Level.CLEAR),
        ("quality", Reach.ALL, Level.MASKED, Level.HIDDEN, Level.HIDDEN),
        ("analyst", Reach.ALL, Level.MASKED, Level.HIDDEN, Level.HIDDEN),
        ("hr", None, Level.HIDDEN, Level.HIDDEN, Level.HIDDEN),
        ("it", None, Level.HIDDEN, Level.HIDDEN, Level.HIDDEN),
        ("security_admin", None, Level.HIDDEN, Level.HIDDEN, Level.HIDDEN),
        ("auditor", None, Level.HIDDEN, Level.HIDDEN, Level.HIDDEN),
        ("administrator", Reach.ALL, Level.CLEAR, Level.CLEAR, Level.CLEAR),
    ],
)
def test_the_table_of_the_requirements(code, reach, contact, finance, technical):
    found = rights(code)
    assert found.grants.get("customers.view") == reach
    levels = [found.levels.get(g, Level.HIDDEN) for g in ("contact", "finance", "technical")]
    assert levels == [contact, finance, technical]


def test_sales_sees_totals_but_no_payments():
    found = rights("sales")
    assert found.levels["totals"] is Level.CLEAR
    assert not any(permission.startswith("payments.") for permission in found.grants)


@pytest.mark.parametrize("code", ["it", "security_admin", "auditor"])
def test_the_three_administrators_open_no_business_record(code):
    areas = {permission.rpartition(".")[0] for permission in rights(code, is_strict=True).grants}
    assert areas & set(BUSINESS) == set()


def test_the_three_administrators_are_separate_in_the_strict_profile():
    system = set(rights("it", is_strict=True).grants)
    security = set(rights("security_admin", is_strict=True).grants)
    audit = set(rights("auditor", is_strict=True).grants)
    business = set(rights("administrator", is_strict=True).grants)
    giving = {"people.users.assign_roles", "people.roles.change", "people.users.reset_password"}
    assert giving <= security
    assert giving & (system | audit | business) == set()
    assert "people.users.create" in system
    assert "people.users.create" not in security | audit | business
    assert {p for p in system | security | business if p.startswith("events.")} == set()
    assert not any(p.endswith((".change", ".create", ".archive")) for p in audit)


def test_loading_twice_makes_nothing_twice_and_keeps_what_was_edited():
    at = factories.now()
    made = services.load_standard_roles(is_strict=False, actor=factories.SYSTEM, at=at)
    assert {role.code for role in made} == CODES
    role = Role.objects.get(code="hr")
    services.change_role_grants(
        role.pk,
        grants={"tags.view": Reach.ALL},
        levels={},
        version=role.version,
        actor=factories.SYSTEM,
        at=at,
    )
    assert services.load_standard_roles(is_strict=False, actor=factories.SYSTEM, at=at) == []
    assert queries.list_role_matrix(role) == ({"tags.view": Reach.ALL}, {})
    assert Role.objects.count() == len(CODES)


def test_each_loaded_role_is_in_the_audit_trail():
    factories.roles()
    assert Event.objects.filter(kind="people.role.grants_changed").count() == len(CODES)


def test_a_new_installation_gets_roles_and_an_old_one_is_left_alone():
    services.load_standard_roles_if_none(at=factories.now())
    assert Role.objects.count() == len(CODES)
    Role.objects.filter(code="legal").update(code="renamed")
    services.load_standard_roles_if_none(at=factories.now())
    assert Role.objects.count() == len(CODES)
