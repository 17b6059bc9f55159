"""Calendars with their own exceptions, and the notices of statutory days."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.deadlines.choices import Country, NoticeState, YearStatus
from guanxi.kernel.base import Record

HOURS = 120


class Calendar(Record):
    """When work is done: a time zone, the hours of a week, whose statutory days apply."""

    name = models.CharField(_("Name"), max_length=60, unique=True)
    time_zone = models.CharField(_("Time zone"), max_length=60, default="Asia/Shanghai")
    country = models.CharField(
        _("Statutory days"), max_length=2, choices=Country.choices, default=Country.CN, blank=True
    )
    mon = models.CharField(_("Monday"), max_length=HOURS, blank=True)
    tue = models.CharField(_("Tuesday"), max_length=HOURS, blank=True)
    wed = models.CharField(_("Wednesday"), max_length=HOURS, blank=True)
    thu = models.CharField(_("Thursday"), max_length=HOURS, blank=True)
    fri = models.CharField(_("Friday"), max_length=HOURS, blank=True)
    sat = models.CharField(_("Saturday"), max_length=HOURS, blank=True)
    sun = models.CharField(_("Sunday"), max_length=HOURS, blank=True)

    class Meta:
        verbose_name = _("Calendar")

    def __str__(self) -> str:
        return self.name


class CalendarDay(Record):
    """A calendar's own exception: the hours of one date, closed when there are none."""

    calendar = models.ForeignKey(
        Calendar, on_delete=models.PROTECT, related_name="days", verbose_name=_("Calendar")
    )
    day = models.DateField(_("Date"))
    hours = models.CharField(_("Hours"), max_length=HOURS, blank=True)
    note = models.CharField(_("Note"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("Exception")
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="calendar_day_once")
        ]

    def __str__(self) -> str:
        return str(self.day)


class Notice(Record):
    """A year's notice of holidays and make-up days; it decides once it is published."""

    country = models.CharField(
        _("Country"), max_length=2, choices=Country.choices[1:], default=Country.CN
    )
    year = models.PositiveSmallIntegerField(
        _("Year"), validators=[MinValueValidator(2000), MaxValueValidator(2199)]
    )
    status = models.CharField(
        _("Status"), max_length=12, choices=YearStatus.choices, default=YearStatus.OFFICIAL
    )
    source = models.CharField(_("Source"), max_length=120, blank=True)
    dates = models.TextField(_("Dates"), max_length=20_000)
    state = models.CharField(
        _("State"),
        max_length=8,
        choices=NoticeState.choices,
        default=NoticeState.DRAFT,
        editable=False,
    )

    class Meta:
        verbose_name = _("Holiday notice")
        constraints = [
            models.UniqueConstraint(
                fields=["country", "year"],
                name="notice_one_in_force",
                condition=models.Q(state="in_force"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.year}"
