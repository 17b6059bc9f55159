"""The faces of calendars and notices, of policies and the duty roster, and of clocks."""

from guanxi.deadlines.record.calendars import CALENDAR_DAYS, CALENDARS, NOTICES
from guanxi.deadlines.record.clocks import CLOCKS
from guanxi.deadlines.record.policies import DUTY_SHIFTS, POLICIES

__all__ = ["CALENDARS", "CALENDAR_DAYS", "CLOCKS", "DUTY_SHIFTS", "NOTICES", "POLICIES"]
