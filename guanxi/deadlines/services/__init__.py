"""The only writes of this domain: calendars and notices, clocks and their sweep."""

from guanxi.deadlines.rules.levels import Level
from guanxi.deadlines.rules.promises import Measure, Target
from guanxi.deadlines.services.calendars import (
    before_notice_archive,
    check_calendar,
    check_calendar_day,
    check_notice,
    publish_notice,
    renew_versions,
)
from guanxi.deadlines.services.clocks import (
    Happened,
    Promise,
    cancel_clocks,
    excuse_clock,
    fail_delivery,
    pause_clock,
    reopen_clock,
    resume_clock,
    retarget_clock,
    start_clock,
    stop_clock,
    transfer_clock,
    update_clock,
)
from guanxi.deadlines.services.sweep import sweep

__all__ = [
    "Happened",
    "Level",
    "Measure",
    "Promise",
    "Target",
    "before_notice_archive",
    "cancel_clocks",
    "check_calendar",
    "check_calendar_day",
    "check_notice",
    "excuse_clock",
    "fail_delivery",
    "pause_clock",
    "publish_notice",
    "renew_versions",
    "reopen_clock",
    "resume_clock",
    "retarget_clock",
    "start_clock",
    "stop_clock",
    "sweep",
    "transfer_clock",
    "update_clock",
]
