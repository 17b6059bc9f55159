"""API tokens: issued once, kept as a hash, narrowed, ended (A17, B14)."""

from datetime import timedelta

import pytest
from django.test import Client

from guanxi.kernel.errors import Denied, NotFound, RuleViolation
from guanxi.kernel.models import Event
from guanxi.people import services
from guanxi.people.models import ApiToken, User
from guanxi.people.services.tokens import NewToken, hash_token
from guanxi.people.tests import factories

pytestmark = pytest.mark.django_db
USERS = "/api/v1/users/"


def issue(person, scopes=None, *, days=90, actor=None):
    return services.issue_token(
        person.pk,
        NewToken("部署", scopes or {"*": "read"}, days),
        actor=actor or factories.actor(person),
        at=factories.now(),
    )


def call(key, path=USERS, method="get", **more):
    return getattr(Client(), method)(path, HTTP_AUTHORIZATION=f"Bearer {key}", **more)


def test_a_token_is_kept_as_a_hash_only():
    person = factories.user("", "sales")
    token, key = issue(person)
    assert key.startswith("gx_")
    assert len(key) > 40
    row = ApiToken.objects.values().get(pk=token.pk)
    assert key not in str(row)
    assert row["token_hash"] == hash_token(key)
    assert key.startswith(row["prefix"])
    event = Event.objects.get(kind="people.user.token_issued")
    assert key not in str(event.data)
    assert event.data["scopes"] == {"*": "read"}


def test_a_token_opens_the_api_and_nothing_else():
    _token, key = issue(factories.user("", "sales"))
    assert call(key).status_code == 200
    assert call(key, "/me/sessions/").status_code == 302


@pytest.mark.parametrize(
    "header",
    [
        "Bearer gx_nothing",
        "Bearer " + "gx_" + "x" * 200,
        "Bearer",
        "Basic bGluYTp4",
        "Token gx_abc",
        "Bearer abc",
    ],
)
def test_a_wrong_token_is_refused_with_the_way_to_do_it(header):
    answer = Client().get(USERS, HTTP_AUTHORIZATION=header)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_token_is_not_replaced_by_a_session(client):
    factories.sign_in(client, factories.user("", "sales"))
    assert client.get(USERS, HTTP_AUTHORIZATION="Bearer gx_nothing").status_code == 401


def test_use_is_noted_at_most_once_a_minute():
    token, key = issue(factories.user("", "sales"))
    call(key)
    first = ApiToken.objects.get(pk=token.pk).last_used_at
    assert first is not None
    call(key)
    assert ApiToken.objects.get(pk=token.pk).last_used_at == first
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=first - timedelta(seconds=61))
    call(key)
    assert ApiToken.objects.get(pk=token.pk).last_used_at > first - timedelta(seconds=61)


def test_an_expired_or_revoked_token_is_dead():
    person = factories.user("", "sales")
    token, key = issue(person)
    ApiToken.objects.filter(pk=token.pk).update(expires_at=factories.now())
    assert call(key).status_code == 401
    token, key = issue(person)
    services.revoke_token(token.pk, actor=factories.actor(person), at=factories.now())
    assert call(key).status_code == 401
    assert Event.objects.get(kind="people.user.token_revoked").data["token_id"] == token.pk
    with pytest.raises(RuleViolation) as refused:
        services.revoke_token(token.pk, actor=factories.actor(person), at=factories.now())
    assert refused.value.code == "token_revoked"


def test_rights_taken_from_the_user_are_taken_from_the_token():
    person = factories.user("", "sales")
    _token, key = issue(person)
    assert call(key).status_code == 200
    services.assign_roles(person.pk, [], actor=factories.SYSTEM, at=factories.now())
    assert call(key).status_code == 403


def test_a_reading_token_writes_nothing():
    person = factories.user("", "it")
    _token, key = issue(person, {"users": "read"})
    answer = call(key, method="post", data="{}", content_type="application/json")
    assert answer.status_code in {403, 404}
    _token, key = issue(person, {"departments": "write"})
    assert call(key).status_code in {403, 404}


def test_only_oneself_issues_tokens_and_no_token_another():
    person, other = factories.user("", "sales"), factories.user("", "administrator")
    with pytest.raises(Denied):
        issue(person, actor=factories.actor(other))
    token, _key = issue(person)
    with pytest.raises(Denied):
        issue(person, actor=factories.actor(person, token=token))


def test_closed_accounts_get_no_tokens():
    person = factories.user("", "sales")
    User.objects.filter(pk=person.pk).update(is_active=False)
    with pytest.raises(RuleViolation) as refused:
        issue(person, actor=factories.SYSTEM)
    assert refused.value.code == "user_inactive"


def test_revoking_reaches_ones_own_tokens_or_everybodys_with_the_right():
    person = factories.user("", "sales")
    token, _key = issue(person)
    at = factories.now()
    with pytest.raises(NotFound):
        services.revoke_token(token.pk, actor=factories.actor(factories.user("", "sales")), at=at)
    admin = factories.actor(factories.user("", "security_admin"))
    services.revoke_token(token.pk, actor=admin, at=at)
    assert ApiToken.objects.get(pk=token.pk).revoked_at == at


def test_a_name_that_cannot_be_stored_is_refused_at_its_field(client):
    person = factories.user("lina", "sales")
    factories.sign_in(client, person)
    given = {"name": "x\x1b[31m\x01", "scope": "read", "days": "30"}
    answer = client.post("/me/tokens/", given)
    assert answer.status_code == 422
    assert "name" in answer.context["form"].errors
    assert not ApiToken.objects.exists()
