"""Forgotten passwords: one answer, one use, half an hour (D12, E02, E03)."""

import re

import pytest
from django.core import mail
from django.test import Client

from guanxi.kernel.errors import Denied, RuleViolation, Unconfirmed
from guanxi.kernel.jobs import execute_due
from guanxi.kernel.models import Event, Run
from guanxi.people import services
from guanxi.people.models import User
from guanxi.people.services.passwords import issue_reset_link
from guanxi.people.tests import factories

pytestmark = pytest.mark.django_db
NEW = "Lantern-quay-81"


def ask(identifier, **more):
    return Client().post("/accounts/reset/", {"identifier": identifier}, **more)


def link_for(person):
    person.refresh_from_db()
    link = issue_reset_link(person, actor=factories.SYSTEM, at=factories.now())
    return link.removeprefix("http://127.0.0.1:8000")


def choose(link, password=NEW):
    return Client().post(link, {"password": password, "again": password})


def works(person, password):
    person.refresh_from_db()
    return person.check_password(password)


def test_the_answer_and_the_work_are_the_same_for_everybody():
    factories.user("lina", "sales", email="lina@example.cn")
    known, unknown = ask("lina"), ask("nobody-here")

    def shown(answer):
        return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())

    assert known.status_code == unknown.status_code == 200
    assert shown(known) == shown(unknown)
    assert Run.objects.filter(kind="people.send_reset_link").count() == 2
    assert not mail.outbox


def test_the_mail_holds_a_link_to_the_configured_site(settings):
    settings.SITE_URL = "https://crm.example.cn"
    factories.user("lina", "sales", email="lina@example.cn")
    answer = Client().post(
        "/accounts/reset/",
        {"identifier": "LINA@example.cn"},
        HTTP_HOST="localhost",
        HTTP_X_FORWARDED_HOST="evil.example",
    )
    assert answer.status_code == 200
    assert execute_due(at=factories.now())
    letter = mail.outbox[0]
    assert letter.to == ["lina@example.cn"]
    assert "https://crm.example.cn/accounts/password/" in letter.body
    assert "evil" not in letter.body
    run = Run.objects.get()
    assert run.result == {}
    assert "accounts/password" not in str(run.params)


@pytest.mark.parametrize("identifier", ["nobody-here", "closed", "mailless", "shared@example.cn"])
def test_no_mail_goes_where_it_is_not_sure(identifier):
    closed = factories.user("closed", email="closed@example.cn")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    factories.user("mailless")
    factories.user("first", email="shared@example.cn")
    factories.user("second", email="shared@example.cn")
    ask(identifier)
    assert execute_due(at=factories.now())
    assert not mail.outbox


def test_the_letter_speaks_the_readers_language():
    factories.user("lina", email="lina@example.cn", locale="en")
    ask("lina")
    execute_due(at=factories.now())
    assert mail.outbox[0].subject == "Choose a new password"


def test_a_link_works_once(client):
    person = factories.user("lina", "sales", email="lina@example.cn")
    factories.sign_in(client, person)
    link = link_for(person)
    assert Client().get(link).status_code == 200
    assert choose(link).status_code == 200
    assert works(person, NEW)
    assert choose(link, "Another-quay-82").status_code == 404
    assert works(person, NEW)
    assert client.get("/me/sessions/").status_code == 302
    assert Event.objects.filter(kind="people.user.password_changed").latest("pk").data == {
        "by": "link"
    }


def test_a_newer_link_makes_the_older_dead():
    person = factories.user("lina", email="lina@example.cn")
    old = link_for(person)
    new = link_for(person)
    assert choose(old).status_code == 404
    assert choose(new).status_code == 200


def test_a_link_dies_with_the_address_and_the_account():
    person = factories.user("lina", email="lina@example.cn")
    link = link_for(person)
    services.change_own_contact(
        "other@example.cn", "", actor=factories.actor(person), at=factories.now()
    )
    assert choose(link).status_code == 404
    link = link_for(person)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert choose(link).status_code == 404


def test_a_link_lasts_half_an_hour(settings):
    assert settings.PASSWORD_RESET_TIMEOUT == 1800
    person = factories.user("lina", email="lina@example.cn")
    link = link_for(person)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert choose(link).status_code == 404


@pytest.mark.parametrize(
    "path", ["Mg/abc-def", "%00/x-y", "zz/x-y", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5/c-d", "MQ/1-2-3"]
)
def test_made_up_links_are_dead(path):
    factories.user("lina")
    assert Client().get(f"/accounts/password/{path}/").status_code == 404


def test_a_refused_password_leaves_the_link_alive():
    person = factories.user("lina", email="lina@example.cn")
    link = link_for(person)
    assert choose(link, "lina2026").status_code == 422
    assert choose(link).status_code == 200


def test_asking_again_and_again_sends_no_more(settings):
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "3/15m/key"}
    for _ in range(6):
        assert ask("lina").status_code == 200
    assert Run.objects.count() == 3


def test_a_link_does_not_go_around_the_second_factor():
    person = factories.user("lina", "sales", email="lina@example.cn")
    at = factories.now()
    from guanxi.people.tests.test_second_factor import SECRET, code

    services.enable_second_factor(SECRET, code(at), actor=factories.actor(person), at=at)
    choose(link_for(person))
    client = Client()
    answer = client.post("/accounts/login/", {"login": "lina", "password": NEW})
    assert answer.url == "/accounts/code/"


def test_an_administrator_sets_a_first_password(client):
    person = factories.user("lina", "sales")
    admin_user = factories.user("", "administrator")
    admin = factories.actor(admin_user)
    services.reset_password(person.pk, NEW, actor=admin, at=factories.now())
    person.refresh_from_db()
    assert person.must_change_password
    factories.sign_in(client, person, NEW)
    assert client.get("/me/sessions/").url == "/me/password/"
    assert Event.objects.filter(kind="people.user.password_changed").latest("pk").data == {
        "by": "administrator"
    }
    with pytest.raises(Unconfirmed):
        services.reset_password(
            person.pk,
            NEW,
            actor=factories.actor(admin_user, authenticated_at=None),
            at=factories.now(),
        )
    with pytest.raises(Denied):
        services.reset_password(
            person.pk, NEW, actor=factories.actor(factories.user("", "it")), at=factories.now()
        )
    with pytest.raises(RuleViolation) as refused:
        services.reset_password(admin_user.pk, NEW, actor=admin, at=factories.now())
    assert refused.value.code == "not_yourself"
