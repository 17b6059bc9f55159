"""What the pages of calendars and notices show beside the facts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model

from guanxi.deadlines import queries
from guanxi.deadlines.choices import NoticeState
from guanxi.deadlines.models import Calendar, Notice
from guanxi.kernel.actor import Actor

AHEAD = 35


def days_ahead(actor: Actor, calendar: Model, at: datetime) -> Mapping[str, Any]:
    """The next five weeks of a calendar."""
    del actor
    assert isinstance(calendar, Calendar)  # noqa: S101
    today = at.astimezone(ZoneInfo(calendar.time_zone)).date()
    return {"days": list(queries.list_days(calendar, today, AHEAD))}


def changes(actor: Actor, notice: Model, at: datetime) -> Mapping[str, Any]:
    """Which dates a draft would open or close, before anybody publishes it."""
    del actor, at
    assert isinstance(notice, Notice)  # noqa: S101
    is_draft = notice.state == NoticeState.DRAFT
    return {
        "is_draft": is_draft,
        "changes": queries.list_notice_changes(notice) if is_draft else [],
    }
