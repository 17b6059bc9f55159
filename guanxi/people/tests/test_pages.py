"""One's own pages and those of administrators: who opens them, what they show and do."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from guanxi.kernel.actor import Reach
from guanxi.people import queries, services
from guanxi.people.models import ApiToken, Role, User, UserSession
from guanxi.people.services.tokens import NewToken
from guanxi.people.tests import factories
from guanxi.people.tests.test_second_factor import code as totp_code

pytestmark = pytest.mark.django_db
OWN = ["/me/", "/me/password/", "/me/second-factor/", "/me/sessions/", "/me/tokens/"]


@pytest.fixture
def lina(client):
    person = factories.user("lina", "sales", email="lina@example.cn", name="李娜")
    factories.sign_in(client, person)
    return person


@pytest.mark.parametrize("page", OWN)
@pytest.mark.parametrize("locale", ["zh-hans", "en"])
def test_own_pages_open_in_both_languages_and_are_kept_by_no_cache(client, lina, page, locale):
    User.objects.filter(pk=lina.pk).update(locale=locale)
    answer = client.get(page)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    text = re.sub(r"<(script|svg)\b.*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    visible = re.sub(r"<[^>]+>", " ", text)
    has_chinese = re.search(r"[\u4e00-\u9fff]", visible.replace("李娜", "").replace("简体中文", ""))
    if locale == "zh-hans":
        assert has_chinese
    else:
        roles = Role.objects.get(code="sales").name
        assert not re.search(
            r"[\u4e00-\u9fff]{3,}", visible.replace("简体中文", "").replace(roles, "")
        )


@pytest.mark.parametrize("page", [*OWN, "/organisation/", "/roles/1/rights/"])
def test_strangers_are_asked_to_sign_in(page):
    assert Client().get(page).url.startswith("/accounts/login/?next=")


@pytest.mark.parametrize(
    "path",
    [
        "/me/second-factor/off/",
        "/me/second-factor/codes/",
        "/me/sessions/end/",
        "/me/sessions/1/end/",
        "/me/tokens/1/revoke/",
        "/users/sessions/1/end/",
        "/users/tokens/1/revoke/",
        "/preferences/",
    ],
)
def test_looking_changes_nothing(client, lina, path):
    for method in ("get", "head", "options", "put", "delete", "patch"):
        assert getattr(client, method)(path).status_code in {
            405,
            200 if method == "options" else 405,
        }
    assert UserSession.objects.filter(ended_at=None).count() == 1


def test_ones_own_address_is_changed_and_checked(client, lina):
    answer = client.post("/me/", {"email": "nobody", "phone": ""})
    assert answer.status_code == 422
    assert "email" in answer.context["form"].errors
    answer = client.post("/me/", {"email": "new@example.cn", "phone": "13800138000"})
    assert answer.status_code == 302
    lina.refresh_from_db()
    assert lina.email == "new@example.cn"
    assert lina.phone.endswith("13800138000")


def test_turning_on_the_second_factor_by_hand(client, lina):
    page = client.get("/me/second-factor/")
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    secret = client.session["second_factor_secret"]
    assert page.context["secret"].replace(" ", "") == secret
    assert client.post("/me/second-factor/", {"code": "000000"}).status_code == 422
    assert client.session["second_factor_secret"] == secret
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    counter = int(factories.now().timestamp()) // 30
    right = format_hotp_value(hotp_value(secret, counter))
    answer = client.post("/me/second-factor/", {"code": right})
    assert len(answer.context["codes"]) == 10
    assert "second_factor_secret" not in client.session
    assert Authenticator.objects.filter(user=lina, type="totp").exists()
    assert client.get("/me/second-factor/").context["left"] == 10
    assert client.post("/me/second-factor/off/").status_code == 302
    assert not Authenticator.objects.exists()
    assert totp_code


def test_a_token_is_shown_once(client, lina):
    answer = client.post("/me/tokens/", {"name": "报表", "scope": "read", "days": "30"})
    key = answer.context["key"]
    assert key.startswith("gx_")
    assert key in answer.content.decode()
    assert key not in client.get("/me/tokens/").content.decode()
    token = ApiToken.objects.get()
    assert token.scopes == {"*": "read"}
    assert client.post(f"/me/tokens/{token.pk}/revoke/").status_code == 302
    assert ApiToken.objects.get().revoked_at is not None
    assert client.post("/me/tokens/999999/revoke/").status_code == 404


def test_a_token_for_chosen_record_types(client, lina):
    given = {"name": "x", "scope": "chosen", "days": "30"}
    assert client.post("/me/tokens/", given).status_code == 422
    client.post("/me/tokens/", {**given, "scope:customers": "read", "scope:orders": "write"})
    assert ApiToken.objects.get().scopes == {"customers": "read", "orders": "write"}


def test_the_matrix_shows_and_saves_a_role(client):
    factories.sign_in(client, factories.user("boss", "security_admin"))
    role = Role.objects.get(code="quality")
    page = client.get(f"/roles/{role.pk}/rights/")
    text = page.content.decode()
    assert re.search(r'name="grant:customers.view" value="4" checked', text)
    assert re.search(r'name="level:contact" value="1" checked', text)
    assert "grant:events.change" not in text
    given = {"version": role.version, "grant:customers.view": "3", "level:contact": "2"}
    assert client.post(f"/roles/{role.pk}/rights/", given).status_code == 302
    grants, levels = queries.list_role_matrix(role)
    assert grants == {"customers.view": Reach.BRANCH}
    assert levels["contact"] == 2
    stale = client.post(f"/roles/{role.pk}/rights/", {**given, "grant:customers.view": "1"})
    assert stale.status_code == 422
    assert "此角色刚被他人修改" in stale.content.decode()


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"version": "x"}, 400),
        ({}, 400),
        ({"version": "1", "grant:no.such": "1"}, 422),
        ({"version": "1", "grant:customers.view": "77"}, 422),
        ({"version": "1", "grant:customers.view": "'; --"}, 422),
    ],
)
def test_a_matrix_of_nonsense_is_refused(client, given, status):
    factories.sign_in(client, factories.user("boss", "security_admin"))
    role = Role.objects.get(code="quality")
    before = queries.list_role_matrix(role)
    assert client.post(f"/roles/{role.pk}/rights/", given).status_code == status
    assert queries.list_role_matrix(role) == before


@pytest.mark.parametrize(("code", "status"), [("sales", 404), ("it", 403), ("auditor", 403)])
def test_only_who_may_opens_the_matrix(client, code, status):
    factories.sign_in(client, factories.user("boss", code))
    role = Role.objects.get(code="quality")
    assert client.get(f"/roles/{role.pk}/rights/").status_code == status
    assert client.get("/organisation/").status_code == 403


def test_the_company_is_named_and_its_rules_are_chosen(client):
    factories.sign_in(client, factories.user("boss", "administrator"))
    given = {"name": "数睿科技", "short_names": "数睿", "password_profile": "strict"}
    assert client.post("/organisation/", given).status_code == 302
    assert queries.get_organisation().name == "数睿科技"
    assert queries.get_password_policy().shortest == 10
    assert client.post("/organisation/", {**given, "password_profile": "none"}).status_code == 422
    assert client.post("/organisation/", {**given, "name": ""}).status_code == 422


def test_an_administrator_ends_sessions_and_tokens_of_others(client):
    person = factories.user("lina", "sales")
    away = Client()
    factories.sign_in(away, person)
    services.issue_token(
        person.pk, NewToken("x", {"*": "read"}), actor=factories.SYSTEM, at=factories.now()
    )
    session, token = UserSession.objects.get(), ApiToken.objects.get()
    stranger = Client()
    factories.sign_in(stranger, factories.user("wangwei", "sales"))
    assert stranger.post(f"/users/sessions/{session.pk}/end/").status_code == 403
    assert stranger.post(f"/users/tokens/{token.pk}/revoke/").status_code == 404
    factories.sign_in(client, factories.user("boss", "security_admin"))
    assert client.post(f"/users/sessions/{session.pk}/end/").status_code == 302
    assert client.post(f"/users/tokens/{token.pk}/revoke/").status_code == 302
    assert away.get("/me/").status_code == 302
    assert ApiToken.objects.get().revoked_at is not None
