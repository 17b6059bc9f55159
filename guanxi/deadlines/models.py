"""Calendars and notices, policies, and the clocks that run under them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.deadlines.choices import Country, NoticeState, Outcome, Phase, Unit, YearStatus
from guanxi.deadlines.columns import PhaseField
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
    departments = models.ManyToManyField(
        "people.Department", blank=True, related_name="+", verbose_name=_("Departments")
    )
    teams = models.ManyToManyField(
        "people.Team", blank=True, related_name="+", verbose_name=_("Teams")
    )
    is_standard = models.BooleanField(_("For everybody else"), default=False)
    current = models.ForeignKey(
        "deadlines.CalendarVersion",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )

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


class Policy(Record):
    """A promise that the company makes for records of a kind that meet a condition."""

    name = models.CharField(_("Name"), max_length=80)
    kind = models.CharField(_("Deadline"), max_length=40)
    position = models.PositiveIntegerField(_("Order"), default=100)
    audience = models.CharField(_("Only for (a shared view)"), max_length=36, blank=True)
    condition = models.JSONField(default=dict, editable=False)
    unit = models.CharField(_("Counted in"), max_length=16, choices=Unit.choices)
    amount = models.PositiveIntegerField(_("Time allowed"), validators=[MinValueValidator(1)])
    is_recurring = models.BooleanField(_("Again and again"), default=False)
    reasons = models.JSONField(_("May be paused"), default=list, blank=True)
    levels = models.TextField(_("Escalation"), max_length=1000, blank=True)
    calendar = models.ForeignKey(
        Calendar,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Calendar"),
    )
    is_on = models.BooleanField(_("In force"), default=True)
    current = models.ForeignKey(
        "deadlines.PolicyVersion",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        verbose_name = _("Deadline policy")
        verbose_name_plural = _("Deadline policies")
        constraints = [models.UniqueConstraint(fields=["name"], name="policy_name")]
        indexes = [models.Index(fields=["kind", "position", "id"], name="policy_order")]

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """A policy as it was when a clock was started by it; never changed."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.number}"


class DutyShift(Record):
    """Who is on duty when: the one that hears of what cannot wait for the working day."""

    person = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("On duty")
    )
    department = models.ForeignKey(
        "people.Department",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Department"),
    )
    starts_at = models.DateTimeField(_("From"))
    ends_at = models.DateTimeField(_("Until"))
    note = models.CharField(_("Note"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("Duty shift")
        verbose_name_plural = _("Duty roster")
        indexes = [models.Index(fields=["ends_at", "starts_at"], name="duty_shift_now")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d}"


class CalendarVersion(models.Model):
    """A calendar as it was when a clock used it; never changed, so a clock can be retold."""

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="versions")
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "digest"], name="calendar_version_once")
        ]


class Clock(models.Model):
    """One deadline of one record. What follows `started_at` is a cache of the ledger's fold.

    `key` tells apart the clocks of one kind that a record has one after the other.
    """

    record_key = models.CharField(_("Record type"), max_length=60)
    object_id = models.BigIntegerField()
    kind = models.CharField(_("Deadline"), max_length=40)
    key = models.CharField(max_length=80, blank=True)
    subject_label = models.CharField(_("Record"), max_length=200, blank=True)
    owner = models.ForeignKey(
        "people.User",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("Owner"),
    )
    department = models.ForeignKey(
        "people.Department",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("Department"),
    )
    policy = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, null=True, related_name="clocks"
    )
    calendar_version = models.ForeignKey(
        CalendarVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    levels = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    started_at = models.DateTimeField(_("Started at"))
    phase = PhaseField(_("State"), max_length=9, choices=Phase.choices)
    outcome = models.CharField(_("Outcome"), max_length=8, choices=Outcome.choices, blank=True)
    due_at = models.DateTimeField(_("Due"), null=True)
    breached_at = models.DateTimeField(_("Overdue since"), null=True)
    is_provisional = models.BooleanField(_("Provisional"), default=False)
    is_excused = models.BooleanField(_("Excused"), default=False)
    revision = models.PositiveIntegerField(default=0)
    next_fire_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("Clock")
        constraints = [
            models.UniqueConstraint(
                fields=["record_key", "object_id", "kind", "key"], name="clock_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_fire_at", "id"],
                name="clock_next_fire",
                condition=models.Q(next_fire_at__isnull=False),
            ),
            models.Index(
                fields=["due_at", "id"],
                name="clock_next_due",
                condition=models.Q(phase__in=["running", "paused"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_label}".strip()


class ClockEvent(models.Model):
    """One entry of a clock's ledger; append-only. The same key twice is the same entry."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=20)
    occurred_at = models.DateTimeField()
    key = models.CharField(max_length=80)
    reason = models.CharField(max_length=200, blank=True)
    target = models.JSONField(null=True)
    calendar_version = models.ForeignKey(
        CalendarVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    actor_user_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clock", "key"], name="clock_event_once")]


class Alert(models.Model):
    """A level of a clock has spoken: the row itself is what makes it happen only once."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="alerts")
    level = models.CharField(max_length=40)
    revision = models.PositiveIntegerField()
    fired_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock", "level", "revision"], name="alert_once")
        ]
