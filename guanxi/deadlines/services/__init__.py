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
    cancel_clocks,
    excuse_by_id,
    excuse_clock,
    fail_delivery,
    follow_clocks,
    pause_clock,
    reopen_clock,
    resume_clock,
    retarget_clock,
    start_clock,
    stop_clock,
    transfer_clock,
    update_clock,
)
from guanxi.deadlines.services.policies import (
    Promise,
    apply_policy,
    bring_policy,
    check_policy,
    check_shift,
    check_unit,
    keep_policy,
    move_clocks,
)
from guanxi.deadlines.services.reprojecting import (
    move_calendar,
    rehearse_calendar,
    rehearse_notice,
    reproject,
)
from guanxi.deadlines.services.sweep import sweep
from guanxi.deadlines.services.telling import tell_of
from guanxi.deadlines.services.together import Ended, note_ended, start_clocks

__all__ = [
    "Ended",
    "Happened",
    "Level",
    "Measure",
    "Promise",
    "Target",
    "apply_policy",
    "before_notice_archive",
    "bring_policy",
    "cancel_clocks",
    "check_calendar",
    "check_calendar_day",
    "check_notice",
    "check_policy",
    "check_shift",
    "check_unit",
    "excuse_by_id",
    "excuse_clock",
    "fail_delivery",
    "follow_clocks",
    "keep_policy",
    "move_calendar",
    "move_clocks",
    "note_ended",
    "pause_clock",
    "publish_notice",
    "rehearse_calendar",
    "rehearse_notice",
    "renew_versions",
    "reopen_clock",
    "reproject",
    "resume_clock",
    "retarget_clock",
    "start_clock",
    "start_clocks",
    "stop_clock",
    "sweep",
    "tell_of",
    "transfer_clock",
    "update_clock",
]
