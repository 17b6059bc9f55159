"""The shipped table of China against two packages, for every day of the years it calls official."""

from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest

from guanxi.deadlines.rules.cases import read_calendar
from guanxi.deadlines.rules.statutory import YearStatus, read_table, shipped_table
from guanxi.deadlines.tests.worlds import CALENDARS

pytestmark = pytest.mark.once
C1 = read_calendar(CALENDARS["C1"])
DAYS = [date(2025, 1, 1) + timedelta(days=number) for number in range(730)]


def test_both_packages_agree_with_the_table_on_all_730_days():
    theirs = holidays.country_holidays("CN", years=[2025, 2026])
    ours = [bool(C1.plan(day).hours) for day in DAYS]
    assert DAYS[-1] == date(2026, 12, 31)
    assert ours == [chinese_calendar.is_workday(day) for day in DAYS]
    assert ours == [theirs.is_working_day(day) for day in DAYS]
    assert [sum(ours[:365]), sum(ours[365:])] == [248, 248]


def test_2027_is_provisional_and_guesses_no_make_up_days():
    table = shipped_table("CN")
    assert table.years == {
        2025: YearStatus.OFFICIAL,
        2026: YearStatus.OFFICIAL,
        2027: YearStatus.PROVISIONAL,
    }
    days = {day for day in table.rows if day.year == 2027}
    assert days == set(holidays.country_holidays("CN", years=2027))
    assert not any(C1.plan(day).hours for day in days)


def test_a_make_up_day_takes_mondays_hours():
    assert read_calendar(CALENDARS["MON4"]).plan(date(2026, 2, 14)).hours == ((36_000, 50_400),)


@pytest.mark.parametrize(
    "rows",
    [
        ["2028-01-01,holiday,a,official", "2028-01-01,workday,a,official"],
        ["2028-01-01,holiday,a,official", "2028-01-02,holiday,a,provisional"],
        ["2028-01-01,feast,a,official"],
        ["2028-02-30,holiday,a,official"],
    ],
)
def test_a_table_that_contradicts_itself_is_refused(rows):
    with pytest.raises(ValueError):
        read_table(["date,kind,name,status", *rows])
