"""Who may see and change calendars: they belong to the whole company."""

from guanxi.deadlines.models import Calendar, CalendarDay, Notice
from guanxi.kernel.access import NONE, declare_scope

for model in (Calendar, CalendarDay, Notice):
    declare_scope(model, own=lambda _: NONE, team=lambda _: NONE, branch=lambda _: NONE)
