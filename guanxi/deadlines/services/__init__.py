"""The only writes of this domain: calendars and notices, clocks and their sweep."""

from guanxi.deadlines.services.calendars import (
    before_notice_archive,
    check_calendar,
    check_calendar_day,
    check_notice,
    publish_notice,
)

__all__ = [
    "before_notice_archive",
    "check_calendar",
    "check_calendar_day",
    "check_notice",
    "publish_notice",
]
