"""The calendar of to-dos and promises: a month, a week, a day or what lies ahead."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import gettext

from guanxi.commitments import queries
from guanxi.commitments.lines import Line, line
from guanxi.commitments.spans import VIEWS, span_of
from guanxi.kernel.actor import Actor, Reach
from guanxi.surfaces.html.formats import Formatter

#: No page of a calendar that anybody can read holds more.
MOST: Final = 500


@dataclass(frozen=True)
class Entry:
    """A commitment on its day."""

    line: Line
    time: str
    version: int
    is_settled: bool
    is_late: bool


@dataclass(frozen=True)
class Contact:
    """A customer whom somebody means to contact, on its day."""

    url: str
    name: str
    time: str
    who: str


@dataclass
class Day:
    """A day of the page with what is due on it."""

    iso: str
    number: int
    label: str
    is_today: bool
    is_outside: bool
    url: str
    entries: list[Entry] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    """Which page of whose calendar somebody asks for."""

    view: str
    on: date
    is_wide: bool = False

    @classmethod
    def read(cls, asked: dict[str, str], today: date) -> "Wanted":
        """From a query string; what cannot be read is as if it had not been asked for."""
        view = asked.get("view", "")
        try:
            on = date.fromisoformat(asked.get("on", ""))
        except ValueError:
            on = today
        return cls(view if view in VIEWS else "month", on, asked.get("of") == "department")

    def url(self, **changes: Any) -> str:
        """The page with something else asked for."""
        asked = {"view": self.view, "on": self.on.isoformat(), **changes}
        if self.is_wide:
            asked.setdefault("of", "department")
        return "/calendar/?" + urlencode({k: v for k, v in asked.items() if v})


class CalendarPage:
    """What the calendar's template shows to one reader."""

    def __init__(self, wanted: Wanted, actor: Actor, formatter: Formatter) -> None:
        self.actor, self.formatter = actor, formatter
        self.oversees = (actor.reach("commitments.view") or Reach.OWN) >= Reach.BRANCH
        self.wanted = wanted if self.oversees else Wanted(wanted.view, wanted.on)
        self.span = span_of(wanted.view, wanted.on)

    @property
    def title(self) -> str:
        """The stretch of time in words."""
        days, on = self.span.days, self.wanted.on
        if self.wanted.view == "month":
            return gettext("%(month)s/%(year)s") % {"month": on.month, "year": on.year}
        if self.wanted.view == "day":
            return self.formatter.day(days[0])
        return f"{days[0].isoformat()} – {days[-1].isoformat()}"

    @property
    def views(self) -> list[dict[str, Any]]:
        """The ways to look at it."""
        labels = {
            "month": gettext("Month"),
            "week": gettext("Week"),
            "day": gettext("Day"),
            "agenda": gettext("Agenda"),
        }
        return [
            {"label": label, "url": self.wanted.url(view=view), "on": view == self.wanted.view}
            for view, label in labels.items()
        ]

    @property
    def urls(self) -> dict[str, str]:
        """The way to the neighbours, to today, and to the other's desk."""
        other = {"of": ""} if self.wanted.is_wide else {"of": "department"}
        return {
            "before": self.wanted.url(on=self.span.before.isoformat()),
            "after": self.wanted.url(on=self.span.after.isoformat()),
            "today": self.wanted.url(on=self.formatter.today.isoformat()),
            "of": self.wanted.url(**other),
            "here": self.wanted.url(),
        }

    @property
    def may_move(self) -> bool:
        """Whether the reader may reschedule anything."""
        return self.actor.can("commitments.reschedule")

    @property
    def weekdays(self) -> Sequence[str]:
        """The heads of the columns."""
        return [self.formatter.day(d).rpartition(" ")[2] for d in self.span.days[:7]]

    @cached_property
    def days(self) -> list[Day]:
        """The days of the page; of an agenda those on which anything is due."""
        by_day, zone = {day: self._day(day) for day in self.span.days}, self.formatter.zone
        for each in self.found[:MOST]:
            by_day[each.due_at.astimezone(zone).date()].entries.append(self._entry(each))
        for contact in self._contacts():
            by_day[contact.next_contact_at.astimezone(zone).date()].contacts.append(
                self._contact(contact)
            )
        if self.wanted.view == "agenda":
            return [day for day in by_day.values() if day.entries or day.contacts]
        return list(by_day.values())

    @cached_property
    def found(self) -> list[queries.Waiting]:
        """What is due on the days of the page, one more than is shown when there is more."""
        rows = queries.between(self.actor, *self._edges, is_wide=self.wanted.is_wide)
        return queries.as_waiting(rows, MOST + 1)

    @property
    def _edges(self) -> tuple[datetime, datetime]:
        """The first instant of the page and the first one after it."""
        zone, days = self.formatter.zone, self.span.days
        start = datetime.combine(days[0], time.min, zone)
        return start, datetime.combine(days[-1] + timedelta(1), time.min, zone)

    def _contacts(self) -> list[queries.NextContact]:
        if not self.actor.can("customers.view"):
            return []
        is_wide = self.wanted.is_wide
        return queries.next_contacts(self.actor, *self._edges, MOST, is_wide=is_wide)

    def _contact(self, found: queries.NextContact) -> Contact:
        return Contact(
            url=f"/customers/{found.pk}/",
            name=found.name,
            time=self.formatter.clock(found.next_contact_at),
            who="" if found.owner_id == self.actor.user_id else found.owner__name or "",
        )

    @property
    def has_more(self) -> bool:
        """Whether more is due than the page shows."""
        return len(self.found) > MOST

    def _day(self, day: date) -> Day:
        is_month = self.wanted.view == "month"
        return Day(
            iso=day.isoformat(),
            number=day.day,
            label=self.formatter.day(day),
            is_today=day == self.formatter.today,
            is_outside=is_month and day.month != self.wanted.on.month,
            url=self.wanted.url(view="day", on=day.isoformat()),
        )

    def _entry(self, waiting: queries.Waiting) -> Entry:
        return Entry(
            line=line(waiting, self.formatter, self.wanted.url()),
            time=self.formatter.clock(waiting.due_at),
            version=waiting.version,
            is_settled=not waiting.waits,
            is_late=waiting.waits and waiting.due_at < self.formatter.at,
        )
