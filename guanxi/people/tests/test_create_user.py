"""Creating users: one form of a name, look-alikes refused, the audit trail (K05, E11, M01)."""

import pytest

from guanxi.kernel.errors import Denied, RuleViolation
from guanxi.kernel.models import Event
from guanxi.people import services
from guanxi.people.models import User
from guanxi.people.services.users import FirstPassword
from guanxi.people.tests import factories

pytestmark = pytest.mark.django_db


def create(username, actor=factories.SYSTEM, **values):
    return services.create_user(
        {"username": username, "name": "李娜", **values}, actor=actor, at=factories.now()
    )


def test_a_user_is_created_without_any_password():
    made = create("Ｌi.Na ")
    assert made.username == "li.na"
    assert not made.has_usable_password()
    assert (made.locale, made.time_zone, made.theme) == ("zh-hans", "Asia/Shanghai", "auto")
    assert made.name_sort.startswith("li3")
    event = Event.objects.get(kind="record.created", subject_type="people.user")
    assert event.subject_id == str(made.pk)
    assert event.actor_label == "test"
    assert event.data["changes"]["username"] == [None, "li.na"]


def test_personal_values_stay_out_of_the_public_part_of_the_event():
    create("lina", email="lina@example.cn", phone="13800138000")
    event = Event.objects.get(kind="record.created", subject_type="people.user")
    assert "lina@example.cn" not in str(event.data)
    assert event.data["personal_fields"] == ["email", "phone"]
    assert event.detail.values["email"] == [None, "lina@example.cn"]


@pytest.mark.parametrize("twin", ["LINA", "ｌｉｎａ", "1ina", "lіna", "li.na", "l-i-n-a"])
def test_a_name_that_looks_like_another_is_refused(twin):
    create("lina")
    with pytest.raises(RuleViolation) as refused:
        create(twin)
    assert refused.value.violations[0].field == "username"
    assert User.objects.filter(name="李娜").count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "li na"}, "username"),
        ({"name": ""}, "name"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"locale": "xx"}, "locale"),
        ({"email": "nobody"}, "email"),
        ({"name": "李\x1b[31m娜"}, "name"),
        ({"title": "a\x00b"}, "title"),
        ({"username": "li\r\nna"}, "username"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(values, field):
    given = {"username": "lina", "name": "李娜", **values}
    with pytest.raises(RuleViolation) as refused:
        services.create_user(given, actor=factories.SYSTEM, at=factories.now())
    assert field in [broken.field for broken in refused.value.violations]
    assert not User.objects.exists()
    assert not Event.objects.filter(subject_type="people.user").exists()


def test_a_bad_first_password_creates_nobody():
    with pytest.raises(RuleViolation) as refused:
        services.create_user(
            {"username": "lina", "name": "李娜"},
            first=FirstPassword("lina2026!"),
            actor=factories.SYSTEM,
            at=factories.now(),
        )
    assert refused.value.violations[0].code == "password_contains_name"
    assert not User.objects.exists()


def test_a_first_password_is_to_be_changed():
    factories.roles()
    made = services.create_user(
        {"username": "lina", "name": "李娜"},
        first=FirstPassword(factories.PASSWORD),
        roles=["sales"],
        actor=factories.SYSTEM,
        at=factories.now(),
    )
    made.refresh_from_db()
    assert made.must_change_password
    assert made.check_password(factories.PASSWORD)
    assert [role.code for role in made.roles.all()] == ["sales"]


def test_only_who_may_creates_users():
    with pytest.raises(Denied):
        create("lina", actor=factories.actor(factories.user("", "sales")))
    create("lina", actor=factories.actor(factories.user("", "it")))


def test_two_users_do_not_share_an_employee_number():
    create("lina", employee_no="A17")
    with pytest.raises(RuleViolation):
        create("wangwei", employee_no="A17")
    create("zhaomin")
    create("sunli")
    assert User.objects.count() == 3
