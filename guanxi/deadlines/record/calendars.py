"""The faces of calendars, their exceptions and the notices of statutory days."""

from django.utils.translation import gettext_lazy as _

from guanxi.deadlines import panels, services
from guanxi.deadlines.models import Calendar, CalendarDay, Notice
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import (
    Hooks,
    ListDefaults,
    Panel,
    RecordType,
    Section,
    Verb,
    register,
)

_CREATED = Field("created_at", sortable=True)
_UPDATED = Field("updated_at", sortable=True)
_BASICS = Section("basics", _("Basics"))
_HOURS = _("Such as 09:00-12:00 13:00-18:00; blank is closed.")
_WEEK = {
    "mon": ("周一", "星期一"),
    "tue": ("周二", "星期二"),
    "wed": ("周三", "星期三"),
    "thu": ("周四", "星期四"),
    "fri": ("周五", "星期五"),
    "sat": ("周六", "星期六"),
    "sun": ("周日", "星期日"),
}

CALENDARS = register(
    RecordType(
        key="deadlines.calendar",
        model=Calendar,
        plural="calendars",
        label=_("Calendar"),
        label_plural=_("Calendars"),
        icon="calendar-clock",
        nav_group="settings",
        nav_order=90,
        has_custom_fields=False,
        fields=(
            Field("name", sortable=True, section="basics", synonyms=("日历", "日历名称")),
            Field("time_zone", section="basics", synonyms=("时区",)),
            Field("country", section="basics", synonyms=("法定节假日",)),
            *(
                Field(
                    name,
                    section="week",
                    filterable=False,
                    synonyms=words,
                    help=_HOURS if name == "mon" else "",
                )
                for name, words in _WEEK.items()
            ),
            Field("departments", ref="people.department", section="who", filterable=False),
            Field("teams", ref="people.team", section="who", filterable=False),
            Field("is_standard", section="who"),
            _CREATED,
            _UPDATED,
        ),
        sections=(
            _BASICS,
            Section("week", _("Hours of the week")),
            Section("who", _("Whose it is")),
        ),
        listing=ListDefaults(("name", "time_zone", "country", "mon", "sat", "sun"), sort="name"),
        search={"": ("name",)},
        import_keys=(("name",),),
        hooks=Hooks(check=services.check_calendar, after=services.renew_versions),
        verbs=(
            Verb(
                "rehearse",
                _("Rehearse"),
                "calendars.move",
                services.rehearse_calendar,
                icon="eye",
            ),
            Verb(
                "move",
                _("Move running clocks"),
                "calendars.move",
                services.move_calendar,
                icon="check",
            ),
        ),
        panels=(
            Panel(
                "ahead",
                _("The next five weeks"),
                "deadlines/days_ahead.html",
                panels.days_ahead,
                icon="calendar-clock",
            ),
            Panel(
                "moves",
                _("Running clocks"),
                "deadlines/moves.html",
                panels.moves_of_calendar,
                icon="clock",
            ),
        ),
    )
)

CALENDAR_DAYS = register(
    RecordType(
        key="deadlines.calendarday",
        model=CalendarDay,
        plural="calendar-days",
        permission="calendar_days",
        label=_("Exception"),
        label_plural=_("Calendar exceptions"),
        icon="flag",
        nav_group="settings",
        nav_order=91,
        title_field="day",
        has_custom_fields=False,
        fields=(
            Field("calendar", ref="deadlines.calendar", section="basics", synonyms=("日历",)),
            Field("day", sortable=True, section="basics", synonyms=("日期",)),
            Field("hours", section="basics", help=_HOURS, synonyms=("时间", "工作时间")),
            Field("note", section="basics", synonyms=("说明", "备注")),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS,),
        listing=ListDefaults(("day", "calendar", "hours", "note", "updated_at"), sort="-day"),
        import_keys=(("calendar", "day"),),
        hooks=Hooks(
            check=services.check_calendar_day,
            after=services.renew_versions,
            archiving=services.renew_versions,
        ),
    )
)

NOTICES = register(
    RecordType(
        key="deadlines.notice",
        model=Notice,
        plural="holiday-notices",
        permission="holiday_notices",
        label=_("Holiday notice"),
        label_plural=_("Holiday notices"),
        icon="megaphone",
        nav_group="settings",
        nav_order=92,
        title_field="year",
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("year", sortable=True, section="basics", look="year"),
            Field("country", section="basics"),
            Field("status", label=_("Standing"), section="basics"),
            Field("source", section="basics"),
            Field(
                "dates",
                section="basics",
                column=False,
                filterable=False,
                help=_("One date per row: 2027-01-01,holiday,元旦 or 2027-01-03,workday,元旦调休."),
            ),
            Field("state", readonly=True),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS,),
        listing=ListDefaults(
            ("year", "country", "status", "state", "source", "updated_at"), sort="-year"
        ),
        hooks=Hooks(check=services.check_notice, archiving=services.before_notice_archive),
        panels=(
            Panel(
                "moves",
                _("Running clocks"),
                "deadlines/moves.html",
                panels.moves_of_notice,
                icon="clock",
            ),
            Panel(
                "changes",
                _("What it would change"),
                "deadlines/changes.html",
                panels.changes,
                icon="eye",
            ),
        ),
        verbs=(
            Verb(
                "rehearse",
                _("Rehearse"),
                "holiday_notices.publish",
                services.rehearse_notice,
                icon="eye",
            ),
            Verb(
                "publish",
                _("Put in force"),
                "holiday_notices.publish",
                services.publish_notice,
                icon="check",
            ),
        ),
    )
)
