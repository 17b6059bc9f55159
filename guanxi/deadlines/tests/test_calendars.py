"""Calendars, their exceptions and the notices that open and close days (J01)."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from guanxi.deadlines import queries, services
from guanxi.deadlines.models import Calendar, Notice
from guanxi.deadlines.rules import hours
from guanxi.deadlines.rules.calendars import Why
from guanxi.deadlines.rules.promises import Measure, advance
from guanxi.deadlines.rules.times import Impossible
from guanxi.kernel.actor import system_actor
from guanxi.kernel.errors import Denied, NotFound, RuleViolation
from guanxi.kernel.models import Event
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import archive_record, change_record, create_record
from guanxi.surfaces.testing import RecordSuite
from tests.fixtures.company import PASSWORD

AT = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
SYSTEM = system_actor()
DATES = """日期,类型,名称
2027-01-01,holiday,元旦
2027-01-02,休,元旦
2027-01-03，上班，元旦调休
"""


def made(key, **values):
    return create_record(get_record_type(f"deadlines.{key}"), values, actor=SYSTEM, at=AT)


def office(**values):
    week = dict.fromkeys(queries.WEEK[:5], "9:00-12:00，13:00–18:00")
    return made("calendar", name="标准日历", **week | values)


def notice(dates=DATES, year=2027, **values):
    return made("notice", year=year, dates=dates, **values)


class TestCalendar(RecordSuite):
    key = "deadlines.calendar"
    new = {"name": "夜班", "mon": "00:00-06:00 22:00-24:00"}
    change = ("sat", "09:00-12:00")


class TestCalendarDay(RecordSuite):
    key = "deadlines.calendarday"
    change = ("note", "搬家")

    @staticmethod
    def new(company):
        return {"calendar": office(country="").pk, "day": "2027-03-01", "hours": "09:00-12:00"}


class TestNotice(RecordSuite):
    key = "deadlines.notice"
    new = {"year": 2027, "dates": DATES}
    change = ("source", "国务院办公厅")


@pytest.mark.django_db
class TestHours:
    def test_hours_are_kept_in_one_way_of_writing(self):
        assert office(sat="9：00至12：00").sat == "09:00-12:00"
        assert Calendar.objects.get().mon == "09:00-12:00 13:00-18:00"

    @pytest.mark.parametrize("text", ["9-18", "09:00-09:00", "18:00-09:00", "23:00-24:01", "nine"])
    def test_what_is_no_time_is_refused_at_its_day(self, text):
        with pytest.raises(RuleViolation) as refused:
            office(wed=text)
        assert [(v.code, v.field) for v in refused.value.violations] == [("bad_hours", "wed")]

    def test_a_zone_exists(self):
        with pytest.raises(RuleViolation) as refused:
            office(time_zone="Asia/Beijing")
        assert refused.value.violations[0].field == "time_zone"


@given(st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)), max_size=4))
def test_hours_are_read_as_they_are_written(pairs):
    try:
        day = hours.check_day(tuple((start * 60, end * 60) for start, end in pairs))
    except Impossible:
        return
    assert hours.read_hours(hours.write_hours(day)) == day


@given(st.text(max_size=60))
def test_any_text_is_hours_or_refused(text):
    try:
        day = hours.read_hours(text)
    except Impossible:
        return
    assert hours.read_hours(hours.write_hours(day)) == day


@given(st.text(max_size=200))
def test_any_text_is_rows_of_a_notice_or_named(text):
    rows, bad = hours.read_notice(text, 2027)
    assert all(day.year == 2027 for day in rows)
    assert all(row.number >= 1 for row in bad)


@pytest.mark.django_db
class TestDays:
    def test_own_exception_before_the_table_before_the_week(self):
        calendar = office()
        made("calendarday", calendar=calendar.pk, day=date(2026, 2, 17), hours="10:00-12:00")
        made("calendarday", calendar=calendar.pk, day=date(2026, 3, 4), hours="")
        known = queries.get_calendar(calendar)
        plans = [
            known.plan(date(2026, *day)) for day in [(2, 17), (2, 18), (2, 28), (3, 4), (3, 5)]
        ]
        assert [plan.why for plan in plans] == [
            *(Why.OVERRIDE, Why.HOLIDAY, Why.MAKE_UP, Why.OVERRIDE, Why.WEEKLY)
        ]
        assert [hours.write_hours(plan.hours)[:11] for plan in plans] == [
            *("10:00-12:00", "", "09:00-12:00", "", "09:00-12:00")
        ]

    def test_an_archived_exception_decides_nothing(self):
        calendar = office()
        day = made("calendarday", calendar=calendar.pk, day=date(2026, 3, 4), hours="")
        archive_record(
            get_record_type("deadlines.calendarday"), day.pk, version=1, actor=SYSTEM, at=AT
        )
        assert queries.get_calendar(calendar).plan(date(2026, 3, 4)).why is Why.WEEKLY

    def test_another_country_has_no_table(self):
        calendar = office(country="")
        assert queries.get_calendar(calendar).plan(date(2026, 10, 1)).hours


@pytest.mark.django_db
class TestPublish:
    def test_a_draft_decides_nothing_and_says_what_it_would_change(self):
        draft = notice()
        calendar = queries.get_calendar(office())
        assert calendar.is_provisional(date(2027, 1, 3))
        assert not calendar.plan(date(2027, 1, 3)).hours
        changes = {change.day: change for change in queries.list_notice_changes(draft)}
        assert changes[date(2027, 1, 3)].new.name == "元旦调休"
        assert date(2027, 1, 1) not in changes
        assert changes[date(2027, 2, 5)].new is None

    def test_published_it_moves_due_times_and_ends_their_being_provisional(self):
        calendar, start = office(), datetime(2026, 12, 31, 9, 30, tzinfo=UTC)
        before = advance(queries.get_calendar(calendar), Measure.BUSINESS, start, 7200)
        services.publish_notice(notice().pk, actor=SYSTEM, at=AT)
        known = queries.get_calendar(calendar)
        after = advance(known, Measure.BUSINESS, start, 7200)
        assert (before.day, after.day) == (4, 3)
        assert not known.is_provisional(date(2027, 1, 3))
        said = Event.objects.get(kind="holiday_notices.published")
        assert said.data["changed_days"] > 2

    def test_the_next_one_of_the_year_replaces_it(self):
        first, second = notice(), notice("2027-01-01,holiday,元旦")
        for each in (first, second):
            services.publish_notice(each.pk, actor=SYSTEM, at=AT)
        states = dict(Notice.objects.values_list("pk", "state"))
        assert states == {first.pk: "replaced", second.pk: "in_force"}
        assert not queries.get_calendar(office()).plan(date(2027, 1, 3)).hours

    def test_only_a_draft_is_published_and_only_a_draft_is_changed(self):
        done = services.publish_notice(notice().pk, actor=SYSTEM, at=AT)
        with pytest.raises(RuleViolation) as again:
            services.publish_notice(done.pk, actor=SYSTEM, at=AT)
        assert again.value.code == "already_published"
        record_type = get_record_type("deadlines.notice")
        with pytest.raises(RuleViolation) as changed:
            change_record(
                record_type, done.pk, {"source": "x"}, version=done.version, actor=SYSTEM, at=AT
            )
        assert changed.value.code == "published"
        with pytest.raises(RuleViolation) as archived:
            archive_record(record_type, done.pk, version=done.version, actor=SYSTEM, at=AT)
        assert archived.value.code == "in_force"

    @pytest.mark.parametrize(
        "dates",
        [
            "2026-01-01,holiday,元旦",
            "2027-02-29,holiday,x",
            "2027-01-01,feast,x",
            "2027-01-01",
            "2027-01-01,holiday,a\n2027-01-01,workday,b",
            "date,kind,name",
            "2027-01-01,holiday," + "x" * 41,
        ],
    )
    def test_a_row_that_is_no_date_of_the_year_is_named(self, dates):
        with pytest.raises(RuleViolation) as refused:
            notice(dates)
        assert refused.value.violations[0].field == "dates"

    def test_who_may_publish(self, company):
        draft = notice()
        with pytest.raises(Denied):
            services.publish_notice(draft.pk, actor=company.actor("head"), at=AT)
        with pytest.raises(NotFound):
            services.publish_notice(draft.pk, actor=company.actor("sales"), at=AT)
        with translation.override("en"):
            services.publish_notice(draft.pk, actor=company.actor("administrator"), at=AT)


@pytest.mark.django_db
def test_the_pages_show_days_and_changes(company, client):
    client.post("/accounts/login/", {"login": "administrator", "password": PASSWORD})
    shown = client.get(f"/calendars/{office().pk}/").content.decode()
    assert "<div>09:00-12:00</div><div>13:00-18:00</div>" in shown
    draft = notice()
    page = client.get(f"/holiday-notices/{draft.pk}/").content.decode()
    assert "元旦调休" in page
    answer = client.post(f"/holiday-notices/{draft.pk}/publish/")
    assert answer.status_code == 302
    assert Notice.objects.get().state == "in_force"
