"""Users, departments, teams and roles through the API and the pages that every record gets."""

import pytest

from guanxi.kernel.models import Event
from guanxi.people import services
from guanxi.people.models import Department, Role, Team, User
from guanxi.people.services.tokens import NewToken
from guanxi.people.tests import factories

pytestmark = pytest.mark.django_db
API = "/api/v1/"


class Caller:
    """A program with a token."""

    def __init__(self, client, person, scope="write"):
        _token, self.key = services.issue_token(
            person.pk, NewToken("x", {"*": scope}), actor=factories.SYSTEM, at=factories.now()
        )
        self.client = client

    def __call__(self, method, path, data=None, version=None):
        headers = {"Authorization": f"Bearer {self.key}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return getattr(self.client, method)(
            API + path, data=data, content_type="application/json", headers=headers
        )


@pytest.fixture
def it(client):
    return Caller(client, factories.user("wutao", "it"))


@pytest.mark.parametrize("plural", ["users", "departments", "teams", "roles"])
@pytest.mark.parametrize("code", ["sales", "hr", "it", "auditor", "administrator"])
def test_colleagues_and_places_are_known_to_everybody(client, plural, code):
    caller = Caller(client, factories.user("", code))
    seen = plural != "roles" or code in {"it", "auditor", "administrator"}
    assert caller("get", f"{plural}/").status_code == (200 if seen else 403)


def test_a_user_is_created_changed_and_found_by_a_program(it):
    root = factories.department("总部")
    made = it("post", "users/", {"username": "lina", "name": "李娜", "department": root.pk})
    assert made.status_code == 201
    pk, body = made.json()["id"], made.json()
    assert body["department"] == {"id": root.pk, "label": "总部"}
    assert not {"password", "access_stamp", "username_skeleton"} & set(body)
    assert it("patch", f"users/{pk}/", {"title": "经理"}).status_code == 428
    assert it("patch", f"users/{pk}/", {"title": "经理"}, version=9).status_code == 409
    changed = it("patch", f"users/{pk}/", {"title": "经理"}, version=1)
    assert changed.json()["title"] == "经理"
    for typed in ("李", "李娜", "ln", "lina"):
        found = it("get", f"users/?q={typed}").json()["results"]
        assert [row["id"] for row in found] == [pk], typed


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "li na", "name": "x"}, "username"),
        ({"username": "lina", "name": "x", "department": 999_999}, "department"),
        ({"username": "lina", "name": "x", "teams": [999_999]}, "teams"),
        ({"username": "lina", "name": "x", "roles": [1]}, "roles"),
        ({"username": "lina", "name": "x", "is_active": False}, "is_active"),
        ({"username": "lina", "name": "x", "password": "Wren-harbour-42"}, "password"),
        ({"username": "lina", "name": "x", "access_stamp": 1}, "access_stamp"),
        ({"username": "lina", "name": "x", "time_zone": "Mars/Base"}, "time_zone"),
    ],
)
def test_a_bad_user_is_refused_with_its_field(it, body, field):
    before = User.objects.count()
    answer = it("post", "users/", body)
    assert answer.status_code in {400, 422}
    assert field in answer.content.decode()
    assert User.objects.count() == before


def test_no_answer_holds_a_secret(client):
    admin = Caller(client, factories.user("boss", "administrator"))
    person = User.objects.get(username="boss")
    for path in ("users/", f"users/{person.pk}/", f"users/{person.pk}/history/", "events/"):
        text = admin("get", path).content.decode()
        for secret in (person.password, str(person.access_stamp), "token_hash", "session_key"):
            assert secret not in text


def test_a_program_gives_no_roles_and_sets_no_passwords(client):
    caller = Caller(client, factories.user("boss", "administrator"))
    person = factories.user("lina", "sales")
    role = Role.objects.get(code="administrator")
    answer = caller("post", f"users/{person.pk}/assign_roles/", {"roles": [role.pk]})
    assert answer.status_code == 403
    answer = caller("post", f"users/{person.pk}/reset_password/", {"password": "Lantern-quay-81"})
    assert answer.status_code == 403
    answer = caller(
        "post", f"roles/{role.pk}/change_grants/", {"grants": {}, "levels": {}}, version=1
    )
    assert answer.status_code == 403
    assert [r.code for r in person.roles.all()] == ["sales"]


def test_a_program_closes_an_account(client):
    caller = Caller(client, factories.user("boss", "security_admin"))
    factories.user("chief", "administrator")
    person = factories.user("lina", "sales")
    answer = caller("post", f"users/{person.pk}/deactivate/", {"reason": "离职"})
    assert answer.status_code == 200
    assert answer.json()["is_active"] is False
    event = Event.objects.get(kind="people.user.deactivated")
    assert (event.channel, event.data["reason"]) == ("api", "离职")
    assert caller("post", f"users/{person.pk}/deactivate/", {}).status_code == 400
    assert caller("post", f"users/{person.pk}/reactivate/", {}).status_code == 200


def test_departments_and_teams_by_a_program(it):
    root = it("post", "departments/", {"name": "总部"}).json()
    made = it("post", "departments/", {"name": "销售部", "parent": root["id"]})
    assert made.status_code == 201
    sales = made.json()["id"]
    moved = it("patch", f"departments/{root['id']}/", {"parent": sales}, version=root["version"])
    assert moved.status_code == 400
    person = factories.user("lina", "sales")
    team = it("post", "teams/", {"name": "一组", "department": sales, "members": [person.pk]})
    assert team.status_code == 201
    assert [member["id"] for member in team.json()["members"]] == [person.pk]
    assert Team.objects.get().members.get() == person
    archived = it("delete", f"departments/{sales}/", version=1)
    assert archived.status_code == 400
    assert Department.objects.get(pk=sales).archived_at is None


def test_roles_are_edited_in_the_browser_session_with_the_csrf_token(client):
    factories.sign_in(client, factories.user("boss", "security_admin"))
    role = Role.objects.get(code="hr")
    answer = client.post(
        f"{API}roles/{role.pk}/change_grants/",
        {"grants": {"customers.view": "branch"}, "levels": {"contact": "masked"}},
        content_type="application/json",
        headers={"If-Match": f'"{role.version}"'},
    )
    assert answer.status_code == 200
    assert role.grants.get().permission == "customers.view"


def test_the_pages_of_every_record_open(client):
    root = factories.department("总部")
    team = factories.team("一组", root)
    factories.sign_in(client, factories.user("boss", "administrator", department=root.pk))
    role = Role.objects.get(code="sales")
    boss = User.objects.get(username="boss")
    for path in (
        "/users/",
        "/users/new/",
        f"/users/{boss.pk}/",
        f"/users/{boss.pk}/edit/",
        "/departments/",
        f"/departments/{root.pk}/",
        f"/departments/{root.pk}/edit/",
        "/teams/",
        f"/teams/{team.pk}/",
        "/roles/",
        f"/roles/{role.pk}/",
    ):
        assert client.get(path).status_code == 200, path


def test_roles_are_given_on_the_page_starting_from_those_held(client):
    factories.sign_in(client, factories.user("boss", "administrator"))
    person = factories.user("lina", "sales")
    sales, quality = Role.objects.get(code="sales"), Role.objects.get(code="quality")
    page = client.get(f"/users/{person.pk}/assign_roles/").content.decode()
    assert f'<option value="{sales.pk}" selected' in page
    assert f'<option value="{quality.pk}" selected' not in page
    answer = client.post(
        f"/users/{person.pk}/assign_roles/",
        {"roles": [sales.pk, quality.pk], "_fields": "roles", "version": person.version},
    )
    assert answer.status_code == 302
    assert {role.code for role in person.roles.all()} == {"sales", "quality"}


def test_a_first_password_is_set_on_the_page(client):
    factories.sign_in(client, factories.user("boss", "administrator"))
    person = factories.user("lina", "sales")
    url = f"/users/{person.pk}/reset_password/"
    assert client.post(url, {"password": "lina2026", "_fields": "password"}).status_code == 422
    answer = client.post(url, {"password": "Lantern-quay-81", "_fields": "password"})
    assert answer.status_code == 302
    person.refresh_from_db()
    assert person.check_password("Lantern-quay-81")
    assert "Lantern-quay-81" not in str(list(Event.objects.values()))
