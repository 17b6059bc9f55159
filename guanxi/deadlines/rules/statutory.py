"""The statutory table: the dates that a notice closes, and those it makes working days."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources

from guanxi.deadlines.rules.times import Impossible


class DayKind(StrEnum):
    """What the notice says about a date."""

    HOLIDAY = "holiday"
    WORKDAY = "workday"


class YearStatus(StrEnum):
    """Whether a year's dates are those of the published notice."""

    OFFICIAL = "official"
    PROVISIONAL = "provisional"


@dataclass(frozen=True)
class StatutoryDay:
    """One date of the notice."""

    kind: DayKind
    name: str = ""


@dataclass(frozen=True)
class StatutoryTable:
    """The dates of all years known; a year that is absent is as uncertain as a provisional one."""

    rows: Mapping[date, StatutoryDay] = field(default_factory=dict)
    years: Mapping[int, YearStatus] = field(default_factory=dict)

    def is_official(self, year: int) -> bool:
        """Whether the year's notice is published and in the table."""
        return self.years.get(year) is YearStatus.OFFICIAL


def read_table(lines: Iterable[str]) -> StatutoryTable:
    """Read rows `date,kind,name,status`, one for each date; a year has one status."""
    rows: dict[date, StatutoryDay] = {}
    years: dict[int, YearStatus] = {}
    for row in csv.DictReader(lines):
        day = date.fromisoformat(row["date"])
        status = YearStatus(row["status"])
        if day in rows or years.setdefault(day.year, status) is not status:
            raise Impossible(f"{day}: a date stands once and a year has one status")
        rows[day] = StatutoryDay(DayKind(row["kind"]), row["name"])
    return StatutoryTable(rows, years)


@cache
def shipped_table(country: str) -> StatutoryTable:
    """The table that comes with the product."""
    if country != "CN":
        raise Impossible(f"there is no statutory table of {country!r}")
    source = resources.files("guanxi.deadlines").joinpath("statutory", f"{country}.csv")
    return read_table(source.read_text("utf-8").splitlines())
