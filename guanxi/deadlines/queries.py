"""Calendars and statutory tables as the rules know them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from guanxi.deadlines.choices import NoticeState
from guanxi.deadlines.models import Calendar, Notice
from guanxi.deadlines.rules import calendars, hours
from guanxi.deadlines.rules.statutory import StatutoryTable, YearStatus, shipped_table
from guanxi.kernel.models import Run
from guanxi.people.queries import list_upward

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def get_table(country: str) -> StatutoryTable:
    """The statutory table in force: the shipped years, those of published notices instead."""
    table = shipped_table(country)
    for notice in Notice.objects.filter(country=country, state=NoticeState.IN_FORCE):
        table = apply_notice(table, notice)
    return table


def apply_notice(table: StatutoryTable, notice: Notice) -> StatutoryTable:
    """The table as a notice would make it."""
    rows, _bad = hours.read_notice(notice.dates, notice.year)
    return hours.with_year(table, notice.year, rows, YearStatus(notice.status))


def get_calendar(calendar: Calendar) -> calendars.Calendar:
    """A calendar with its exceptions and the table in force."""
    overrides = {
        day: hours.read_hours(text)
        for day, text in calendar.days.filter(archived_at=None).values_list("day", "hours")
    }
    return calendars.Calendar(
        ZoneInfo(calendar.time_zone),
        tuple(hours.read_hours(getattr(calendar, name)) for name in WEEK),
        overrides,
        get_table(calendar.country) if calendar.country else None,
    )


def find_calendar(team_id: int | None, department_id: int | None) -> Calendar | None:
    """The calendar of a team, else of the nearest department upward, else the standard one."""
    rows = Calendar.objects.filter(archived_at=None).select_related("current").order_by("pk")
    named = rows.filter(teams=team_id).first() if team_id else None
    return named or _of_department(rows, department_id) or _standard(rows)


def _of_department(rows: QuerySet[Calendar], department_id: int | None) -> Calendar | None:
    if department_id is None:
        return None
    by_department = dict(rows.exclude(departments=None).values_list("departments", "pk"))
    upward = list_upward(department_id) if by_department else []
    found = next((by_department[pk] for pk in upward if pk in by_department), None)
    return rows.get(pk=found) if found else None


def _standard(rows: QuerySet[Calendar]) -> Calendar | None:
    return rows.order_by("-is_standard", "pk").first()


@dataclass(frozen=True)
class PlannedDay:
    """A date of a calendar as its page shows it."""

    day: date
    spans: list[str]
    why: str
    name: str
    is_provisional: bool


def list_days(calendar: Calendar, first: date, count: int) -> Iterator[PlannedDay]:
    """The dates of a calendar with their hours and the reason."""
    known = get_calendar(calendar)
    for number in range(count):
        day = first + timedelta(days=number)
        plan = known.plan(day)
        yield PlannedDay(
            day,
            hours.write_hours(plan.hours).split(),
            plan.why,
            plan.name,
            known.is_provisional(day),
        )


def list_notice_changes(notice: Notice) -> list[hours.DayChange]:
    """The dates that publishing a notice would open or close."""
    table = get_table(notice.country)
    return hours.changed_days(table, apply_notice(table, notice))


def get_last_move(name: str, pk: int) -> Run | None:
    """The last rehearsal or move of running clocks for a calendar or a notice."""
    runs = Run.objects.filter(kind="deadlines.reproject", **{f"params__{name}": pk})
    return runs.order_by("-created_at").first()
