"""The second factor: demanded, used once, guessed five times at most (E07)."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from guanxi.kernel.errors import Denied, RuleViolation, TooMany, Unconfirmed
from guanxi.kernel.models import Event
from guanxi.people import services
from guanxi.people.models import UserSession
from guanxi.people.tests import factories

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOON = datetime(2026, 11, 21, 4, 0, 10, tzinfo=UTC)


def code(at, steps=0):
    return format_hotp_value(hotp_value(SECRET, int(at.timestamp()) // 30 + steps))


def enable(person, at=NOON):
    actor = factories.actor(person, authenticated_at=at)
    return services.enable_second_factor(SECRET, code(at), actor=actor, at=at)


def use(person, given, at):
    return services.use_code(person, given, at=at)


def test_turning_on_needs_a_right_code_and_gives_ten_recovery_codes():
    person = factories.user()
    actor = factories.actor(person, authenticated_at=NOON)
    with pytest.raises(RuleViolation) as refused:
        services.enable_second_factor(SECRET, "000000", actor=actor, at=NOON)
    assert refused.value.code == "code_wrong"
    codes = enable(person)
    assert len(set(codes)) == 10
    assert Event.objects.filter(kind="people.user.second_factor_enabled").exists()
    with pytest.raises(RuleViolation) as refused:
        enable(person)
    assert refused.value.code == "second_factor_on"


def test_the_secret_is_not_kept_in_clear():
    person = factories.user()
    enable(person)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in stored


def test_a_code_counts_once_even_while_it_is_still_shown():
    person = factories.user()
    enable(person)
    with pytest.raises(RuleViolation):
        use(person, code(NOON), NOON)  # The code that turned it on.
    later = NOON + timedelta(seconds=30)
    use(person, code(later), later)
    for seconds in (0, 5, 29, 31):
        with pytest.raises(RuleViolation) as refused:
            use(person, code(later), later + timedelta(seconds=seconds))
        assert refused.value.code == "code_wrong"
    with pytest.raises(RuleViolation):
        use(person, code(later, -1), later)  # An older code after a newer one.


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(steps, is_right):
    person = factories.user()
    enable(person)
    later = NOON + timedelta(hours=1)
    if is_right:
        assert use(person, code(later, steps), later).type == "totp"
    else:
        with pytest.raises(RuleViolation):
            use(person, code(later, steps), later)


def test_five_wrong_codes_close_the_door_for_a_while():
    person = factories.user()
    codes = enable(person)
    at = NOON + timedelta(hours=1)
    for number in range(5):
        with pytest.raises(RuleViolation):
            use(person, f"00000{number}", at + timedelta(seconds=number))
    for given in (code(at), codes[0]):
        with pytest.raises(TooMany) as refused:
            use(person, given, at + timedelta(seconds=5))
    assert refused.value.retry_after == 895
    later = at + timedelta(minutes=16)
    use(person, code(later), later)


def test_a_recovery_code_counts_once():
    person = factories.user()
    codes = enable(person)
    assert use(person, codes[3], NOON).type == "recovery_codes"
    with pytest.raises(RuleViolation):
        use(person, codes[3], NOON)
    use(person, codes[4], NOON)


def test_new_recovery_codes_make_the_old_ones_void():
    person = factories.user()
    old = enable(person)
    new = services.renew_recovery_codes(
        actor=factories.actor(person, authenticated_at=NOON), at=NOON
    )
    with pytest.raises(RuleViolation):
        use(person, old[0], NOON)
    use(person, new[0], NOON)
    assert Event.objects.filter(kind="people.user.recovery_codes_renewed").exists()


@pytest.mark.parametrize("name", ["enable", "disable", "renew"])
def test_changes_need_the_password_of_a_short_while_ago(name):
    person = factories.user()
    if name != "enable":
        enable(person)
    actor = factories.actor(person, authenticated_at=NOON - timedelta(minutes=16))
    calls = {
        "enable": lambda: services.enable_second_factor(SECRET, code(NOON), actor=actor, at=NOON),
        "disable": lambda: services.disable_second_factor(actor=actor, at=NOON),
        "renew": lambda: services.renew_recovery_codes(actor=actor, at=NOON),
    }
    with pytest.raises(Unconfirmed):
        calls[name]()


def test_an_administrator_turns_it_off_for_somebody_who_lost_the_phone():
    person = factories.user()
    enable(person)
    with pytest.raises(Denied):
        services.reset_second_factor(
            person.pk,
            actor=factories.actor(factories.user("", "it"), authenticated_at=NOON),
            at=NOON,
        )
    admin = factories.actor(factories.user("", "security_admin"), authenticated_at=NOON)
    services.reset_second_factor(person.pk, actor=admin, at=NOON)
    assert not Authenticator.objects.exists()
    event = Event.objects.get(kind="people.user.second_factor_disabled")
    assert event.actor_user_id == admin.user_id
    with pytest.raises(RuleViolation) as refused:
        services.reset_second_factor(person.pk, actor=admin, at=NOON)
    assert refused.value.code == "second_factor_off"


# At the door --------------------------------------------------------------------------------------
def test_the_password_alone_opens_nothing():
    person = factories.user("lina", "sales")
    enable(person, NOON)
    client = Client()
    answer = client.post("/accounts/login/", {"login": "lina", "password": factories.PASSWORD})
    assert answer.url == "/accounts/code/"
    assert client.get("/me/sessions/").status_code == 302
    assert client.get("/api/v1/users/").status_code in {401, 403}
    assert not UserSession.objects.exists()
    assert client.post("/accounts/code/", {"code": "000000"}).status_code == 200
    assert not UserSession.objects.exists()
    now = factories.now()
    answer = client.post("/accounts/code/", {"code": code(now)})
    assert answer.status_code == 302
    assert UserSession.objects.get().user == person
    event = Event.objects.get(kind="people.user.signed_in")
    assert event.data == {"with_second_factor": True}


def test_the_same_code_does_not_let_a_second_browser_in():
    person = factories.user("lina", "sales")
    enable(person, NOON)
    browsers = [Client(), Client()]
    given = code(factories.now())
    answers = []
    for client in browsers:
        client.post("/accounts/login/", {"login": "lina", "password": factories.PASSWORD})
        answers.append(client.post("/accounts/code/", {"code": given}).status_code)
    assert answers == [302, 200]


def test_a_first_step_alone_does_not_open_the_second_page():
    assert Client().get("/accounts/code/").status_code == 302
    assert Client().post("/accounts/code/", {"code": "123456"}).status_code == 302
