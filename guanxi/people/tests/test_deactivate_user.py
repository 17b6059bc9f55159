"""Closing accounts: everything ends at the next request (A09, G14)."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from guanxi.kernel.errors import Denied, RuleViolation
from guanxi.kernel.models import Event
from guanxi.people import services
from guanxi.people.models import ApiToken, User, UserSession
from guanxi.people.services.tokens import NewToken
from guanxi.people.tests import factories
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import archive_record

pytestmark = pytest.mark.django_db


def test_sessions_and_tokens_end_at_the_next_request(client):
    person = factories.user("", "sales")
    admin = factories.actor(factories.user("", "administrator"))
    factories.sign_in(client, person)
    other = Client()
    factories.sign_in(other, person)
    at = factories.now()
    _token, key = services.issue_token(
        person.pk, NewToken("x", {"*": "read"}), actor=factories.SYSTEM, at=at
    )
    assert client.get("/me/sessions/").status_code == 200

    services.deactivate_user(person.pk, reason="离职", actor=admin, at=at)

    for browser in (client, other):
        assert browser.get("/me/sessions/").status_code == 302
    assert not Session.objects.exists()
    assert not UserSession.objects.filter(user=person, ended_at=None).exists()
    assert not ApiToken.objects.filter(user=person, revoked_at=None).exists()
    answer = client.get("/api/v1/users/", HTTP_AUTHORIZATION=f"Bearer {key}")
    assert answer.status_code == 401
    event = Event.objects.get(kind="people.user.deactivated")
    assert event.data == {"reason": "离职", "sessions": 2, "tokens": 1}
    assert event.actor_user_id == admin.user_id


def test_a_stored_session_alone_does_not_let_a_closed_account_in(client):
    person = factories.user("", "sales")
    factories.sign_in(client, person)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get("/me/sessions/").status_code == 302


def test_an_archived_account_is_closed_too(client):
    person = factories.user("", "sales")
    admin = factories.actor(factories.user("", "administrator"))
    factories.sign_in(client, person)
    version = User.objects.get(pk=person.pk).version
    archive_record(
        get_record_type("people.user"), person.pk, version=version, actor=admin, at=factories.now()
    )
    assert client.get("/me/sessions/").status_code == 302
    answer = Client().post(
        "/accounts/login/", {"login": person.username, "password": factories.PASSWORD}
    )
    assert answer.status_code == 422


def test_a_closed_account_answers_like_a_wrong_password():
    person = factories.user("", "sales")
    services.deactivate_user(person.pk, actor=factories.SYSTEM, at=factories.now())

    def page(password):
        answer = Client().post("/accounts/login/", {"login": person.username, "password": password})
        assert answer.status_code == 422
        return answer.context["form"].non_field_errors()

    assert page(factories.PASSWORD) == page("wrong-one-99")


def test_nobody_closes_their_own_account_nor_the_last_administrators():
    admin = factories.user("", "administrator")
    with pytest.raises(RuleViolation) as refused:
        services.deactivate_user(admin.pk, actor=factories.actor(admin), at=factories.now())
    assert refused.value.code == "not_yourself"
    with pytest.raises(RuleViolation) as refused:
        services.deactivate_user(admin.pk, actor=factories.SYSTEM, at=factories.now())
    assert refused.value.code == "last_administrator"
    second = factories.user("", "security_admin")
    services.deactivate_user(admin.pk, actor=factories.actor(second), at=factories.now())
    assert not User.objects.get(pk=admin.pk).is_active


def test_only_who_may_closes_accounts():
    person = factories.user("", "sales")
    with pytest.raises(Denied):
        services.deactivate_user(
            person.pk, actor=factories.actor(factories.user("", "it")), at=factories.now()
        )


def test_an_account_opened_again_has_no_old_tokens():
    person = factories.user("", "sales")
    at = factories.now()
    services.issue_token(person.pk, NewToken("x", {"*": "read"}), actor=factories.SYSTEM, at=at)
    services.deactivate_user(person.pk, actor=factories.SYSTEM, at=at)
    with pytest.raises(RuleViolation) as refused:
        services.deactivate_user(person.pk, actor=factories.SYSTEM, at=at)
    assert refused.value.code == "already_inactive"
    services.reactivate_user(person.pk, actor=factories.SYSTEM, at=at)
    factories.sign_in(Client(), person)
    assert not ApiToken.objects.filter(revoked_at=None).exists()
    with pytest.raises(RuleViolation) as refused:
        services.reactivate_user(person.pk, actor=factories.SYSTEM, at=at)
    assert refused.value.code == "already_active"
