"""One's own password: both profiles, the last five, every other session ends (E12)."""

from datetime import timedelta

import pytest
from django.test import Client

from guanxi.kernel.errors import RuleViolation
from guanxi.people import services
from guanxi.people.models import Organisation, PasswordHistory, User
from guanxi.people.tests import factories

pytestmark = pytest.mark.django_db


def change(person, old, new):
    return services.change_own_password(old, new, actor=factories.actor(person), at=factories.now())


def refused_codes(person, new, old=factories.PASSWORD):
    with pytest.raises(RuleViolation) as refused:
        change(person, old, new)
    return [broken.code for broken in refused.value.violations]


def strict():
    Organisation.objects.create(
        name="数睿科技有限公司",
        short_names="数睿, Shurui",
        password_profile="strict",
        created_at=factories.now(),
        updated_at=factories.now(),
    )


def test_the_present_password_is_asked_for():
    person = factories.user("lina")
    assert refused_codes(person, "Lantern-quay-81", "wrong") == ["password_wrong"]
    assert refused_codes(person, "Lantern-quay-81", "x" * 2000) == ["password_wrong"]
    change(person, factories.PASSWORD, "Lantern-quay-81")
    assert User.objects.get(pk=person.pk).check_password("Lantern-quay-81")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("woaini1314", "password_common"),
        ("Admin@123", "password_common"),
        ("xx-LiNa-xx-9", "password_contains_name"),
        ("zhangxiaoming-9", "password_contains_name"),
        ("guanxi-2026-x", "password_contains_name"),
        ("shurui-2026-x", "password_contains_name"),
        ("数睿-口令-八位长", "password_contains_name"),
    ],
)
def test_well_known_words_and_names_are_refused(password, code):
    strict()
    Organisation.objects.update(password_profile="standard")
    person = factories.user("lina", name="张晓明")
    assert refused_codes(person, password) == [code]


def test_the_strict_profile_remembers_the_last_five(settings):
    settings.STRICT_PROFILE = True
    person = factories.user("lina")
    used = [factories.PASSWORD]
    for number in range(5):
        new = f"Lantern-quay-8{number}"
        change(person, used[-1], new)
        used.append(new)
    for password in used[-5:]:
        assert refused_codes(person, password, used[-1]) == ["password_used_before"]
    change(person, used[-1], factories.PASSWORD)
    assert PasswordHistory.objects.filter(user=person).count() == 5


def test_the_company_chooses_the_strict_profile():
    strict()
    person = factories.user("lina")
    assert refused_codes(person, "quay-lantern") == ["password_too_few_classes"]


def test_a_stale_password_is_changed_before_anything_else(client, settings):
    settings.STRICT_PROFILE = True
    person = factories.user("lina", "administrator")
    old = factories.now() - timedelta(days=91)
    User.objects.filter(pk=person.pk).update(password_changed_at=old)
    factories.sign_in(client, person)
    assert client.get("/users/").url == "/me/password/"
    assert client.get("/api/v1/users/").status_code == 403
    answer = client.post(
        "/me/password/",
        {"old": factories.PASSWORD, "password": "Lantern-quay-81", "again": "Lantern-quay-81"},
    )
    assert answer.status_code == 302
    assert client.get("/me/sessions/").status_code == 200


def test_other_sessions_end_and_this_one_stays(client):
    person = factories.user("lina", "sales")
    away = Client()
    factories.sign_in(client, person)
    factories.sign_in(away, person)
    answer = client.post(
        "/me/password/",
        {"old": factories.PASSWORD, "password": "Lantern-quay-81", "again": "Lantern-quay-81"},
    )
    assert answer.status_code == 302
    assert client.get("/me/sessions/").status_code == 200
    assert away.get("/me/sessions/").status_code == 302


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"again": "different-one-9"}, 422),
        ({"password": "short1", "again": "short1"}, 422),
        ({"old": "wrong-one-99"}, 422),
        ({"password": "x" * 1025, "again": "x" * 1025}, 400),
        ({"old": ""}, 422),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client, values, status):
    person = factories.user("lina", "sales")
    factories.sign_in(client, person)
    given = {"old": factories.PASSWORD, "password": "Lantern-quay-81", "again": "Lantern-quay-81"}
    answer = client.post("/me/password/", {**given, **values})
    assert answer.status_code == status
    assert answer.context["form"].errors
    assert User.objects.get(pk=person.pk).check_password(factories.PASSWORD)
