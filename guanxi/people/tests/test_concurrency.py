"""At the same moment: a code counts once, a link once, a session is not written back (E03, E07)."""

import threading
from collections import Counter

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection

from guanxi.kernel.models import Event
from guanxi.people import services
from guanxi.people.models import User
from guanxi.people.services.passwords import issue_reset_link
from guanxi.people.tests import factories
from guanxi.people.tests.test_second_factor import SECRET, code

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 6


def at_once(act):
    """Do something in many threads at the same moment; count how each ended."""
    start, ends = threading.Barrier(MANY), Counter()

    def run(number):
        start.wait()
        try:
            act(number)
            ends["done"] += 1
        except Exception as error:  # noqa: BLE001  the assertion shows which
            ends[type(error).__name__] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_one_code_lets_one_browser_in():
    person = factories.user()
    now = factories.now()
    actor = factories.actor(person, authenticated_at=now)
    services.enable_second_factor(SECRET, code(now, -1), actor=actor, at=now)
    given = code(now)
    ends = at_once(lambda _number: services.use_code(person, given, at=now))
    assert ends["done"] == 1
    assert ends["done"] + ends["RuleViolation"] + ends["TooMany"] == MANY


def test_one_recovery_code_lets_one_browser_in():
    person = factories.user()
    now = factories.now()
    actor = factories.actor(person, authenticated_at=now)
    codes = services.enable_second_factor(SECRET, code(now), actor=actor, at=now)
    ends = at_once(lambda _number: services.use_code(person, codes[0], at=now))
    assert ends["done"] == 1


def test_guesses_at_the_same_moment_are_all_counted():
    person = factories.user()
    now = factories.now()
    actor = factories.actor(person, authenticated_at=now)
    services.enable_second_factor(SECRET, code(now), actor=actor, at=now)
    ends = at_once(lambda number: services.use_code(person, f"00000{number}", at=now))
    assert ends == {"RuleViolation": 5, "TooMany": MANY - 5}
    app = Authenticator.objects.get(type="totp")
    assert len(app.data["guesses"]) == 5


def test_one_link_sets_one_password():
    person = factories.user("lina", email="lina@example.cn")
    link = issue_reset_link(person, actor=factories.SYSTEM, at=factories.now())
    uid, token = link.rstrip("/").split("/")[-2:]
    now = factories.now()

    def choose(number):
        services.choose_password_by_link(
            uid, token, f"Lantern-quay-8{number}", actor=factories.SYSTEM, at=now
        )

    ends = at_once(choose)
    assert ends == {"done": 1, "NotFound": MANY - 1}
    chosen = User.objects.get(pk=person.pk)
    assert sum(chosen.check_password(f"Lantern-quay-8{n}") for n in range(MANY)) == 1


def test_two_departments_do_not_end_up_below_each_other():
    one, two = factories.department("甲"), factories.department("乙")

    def move(number):
        mine, other = (one, two) if number % 2 else (two, one)
        services.move_department(
            mine.pk, other, version=1, actor=factories.SYSTEM, at=factories.now()
        )

    ends = at_once(move)
    assert ends["done"] == MANY // 2  # Who wants the same as the first has it.
    assert Event.objects.filter(kind="record.changed").count() == 1
    one.refresh_from_db()
    two.refresh_from_db()
    assert {one.parent_id, two.parent_id} in ({None, one.pk}, {None, two.pk})
    assert {one.path, two.path} in (
        {f"/{one.pk}/", f"/{one.pk}/{two.pk}/"},
        {f"/{two.pk}/", f"/{two.pk}/{one.pk}/"},
    )
