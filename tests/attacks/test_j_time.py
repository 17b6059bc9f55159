"""J. Time: days stay days, in whatever zone one reads them; what has two readings keeps its own."""

import re
from datetime import UTC, datetime

import pytest

from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record
from tests.fixtures.company import model

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
#: Shanghai's own summer time begins, ends; a leap day; days that some zones' days touch.
DAYS = ("1986-05-04", "1986-09-14", "1991-04-14", "1988-02-29", "1999-12-31", "2011-12-30")
ZONES = ("Asia/Shanghai", "America/New_York", "Pacific/Apia", "Pacific/Kiritimati")


def live_in(company, name: str, zone: str) -> None:
    user = company.users[name]
    type(user).objects.filter(pk=user.pk).update(
        time_zone=zone, access_stamp=type(user).objects.get(pk=user.pk).access_stamp + 1
    )


def test_j03_a_day_is_the_same_day_in_every_zone(company, callers, enter):
    contact = company.belongings["administrator"].contact
    program, page = callers("administrator"), enter("administrator")
    for number, day in enumerate(DAYS):
        live_in(company, "administrator", ZONES[number % len(ZONES)])
        contact.refresh_from_db()
        answer = program.patch(f"contacts/{contact.pk}/", {"birthday": day}, contact.version)
        assert answer.status_code == 200, answer.content
        for zone in ZONES:
            live_in(company, "administrator", zone)
            assert program.get(f"contacts/{contact.pk}/").json()["birthday"] == day
            shown = page.get(f"/contacts/{contact.pk}/edit/").content.decode()
            assert f'value="{day}"' in shown, zone
        contact.refresh_from_db()
        assert contact.birthday.isoformat() == day


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-08T02:30", "2026-03-08T07:30:00+00:00"),  # left out: the clock jumps past it
        ("2026-11-01T01:30", "2026-11-01T05:30:00+00:00"),  # twice: the first one
    ],
)
def test_j03_a_time_that_the_clock_leaves_out_or_shows_twice_means_one_instant(
    company, enter, written, meant
):
    live_in(company, "sales", "America/New_York")
    page = enter("sales")
    answer = page.post("/commitments/new/", {"title": "致电", "kind": "todo", "due_at": written})
    assert answer.status_code in {302, 303}, answer.content[:300]
    assert model("commitments.Commitment").objects.get().due_at.isoformat() == meant


def test_j03_saving_a_form_again_moves_no_instant(company, enter):
    """The second half past one of that night stays the second, though the form shows no zone."""
    live_in(company, "sales", "America/New_York")
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    kind = get_record_type("commitments.commitment")
    made = create_record(
        kind, {"title": "致电", "due_at": second}, actor=company.actor("sales"), at=second
    )
    page = enter("sales")
    form = page.get(f"/commitments/{made.pk}/edit/").content.decode()
    fields = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', form))
    assert "due_at" in fields, fields
    answer = page.post(
        f"/commitments/{made.pk}/edit/", {**fields, "_fields": "title,due_at", "title": "改名"}
    )
    assert answer.status_code in {302, 303}, answer.content[:300]
    made.refresh_from_db()
    assert (made.title, made.due_at) == ("改名", second)
