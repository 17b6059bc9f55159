"""Sensitive steps ask for the password again (E08)."""

import time

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY

from guanxi.people.models import Role
from guanxi.people.tests import factories

pytestmark = pytest.mark.django_db


def grow_old(client, minutes=16):
    session = client.session
    for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] = time.time() - minutes * 60
    session.save()


@pytest.mark.parametrize("page", ["/me/tokens/", "/me/second-factor/", "/organisation/"])
def test_a_sensitive_page_asks_again_after_a_quarter_of_an_hour(client, page):
    factories.sign_in(client, factories.user("lina", "administrator"))
    assert client.get(page).status_code == 200
    grow_old(client)
    asked = client.get(page)
    assert asked.status_code == 302
    assert asked.url == f"/accounts/confirm/?next={page.replace('/', '%2F')}"
    assert client.get(asked.url).status_code == 200
    wrong = client.post(asked.url, {"password": "wrong-one-99", "next": page})
    assert wrong.status_code == 200
    assert client.get(page).status_code == 302
    right = client.post(asked.url, {"password": factories.PASSWORD, "next": page})
    assert right.url == page
    assert client.get(page).status_code == 200


def test_the_role_editor_asks_again_before_and_when_saving(client):
    factories.sign_in(client, factories.user("lina", "security_admin"))
    role = Role.objects.get(code="hr")
    page = f"/roles/{role.pk}/rights/"
    assert client.get(page).status_code == 200
    grow_old(client)
    assert client.get(page).status_code == 302
    answer = client.post(
        page,
        {"version": role.version, "grant:customers.view": "4"},
        HTTP_REFERER=f"http://testserver{page}",
    )
    assert answer.url == f"/accounts/confirm/?next={page.replace('/', '%2F')}"
    assert not role.grants.filter(permission="customers.view").exists()


def test_a_stranger_is_sent_to_sign_in_instead(client):
    assert client.get("/organisation/").url.startswith("/accounts/login/")
    assert client.get("/accounts/confirm/").url.startswith("/accounts/login/")


def test_confirming_leads_to_pages_of_ours_only(client):
    factories.sign_in(client, factories.user("lina", "administrator"))
    answer = client.post(
        "/accounts/confirm/", {"password": factories.PASSWORD, "next": "//evil.example"}
    )
    assert answer.url == "/"
