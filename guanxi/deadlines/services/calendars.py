"""The writes of calendars: what may be in them, and when a notice begins to decide."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q

from guanxi.deadlines import messages, queries
from guanxi.deadlines.choices import NoticeState
from guanxi.deadlines.events import NoticePublished
from guanxi.deadlines.models import Calendar, Notice
from guanxi.deadlines.rules import hours
from guanxi.deadlines.rules.cases import zone_names
from guanxi.deadlines.rules.times import Impossible
from guanxi.deadlines.services.reprojecting import move_for_notice, require_rehearsal
from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation, RuleViolations
from guanxi.kernel.events import record

Values = dict[str, Any]


def check_calendar(values: Values, current: Mapping[str, Any]) -> Values:
    """A time zone that exists, and hours that can be read, kept in one way of writing."""
    del current
    if values.get("time_zone") and values["time_zone"] not in zone_names():
        raise RuleViolation("no_such_zone", messages.NO_SUCH_ZONE, "time_zone")
    return _with_hours(values, queries.WEEK)


def check_calendar_day(values: Values, current: Mapping[str, Any]) -> Values:
    """Hours that can be read; none are a closed day."""
    del current
    return _with_hours(values, ("hours",))


def _with_hours(values: Values, names: tuple[str, ...]) -> Values:
    wrong = []
    for name in names:
        try:
            if name in values:
                values[name] = hours.write_hours(hours.read_hours(values[name] or ""))
        except Impossible:
            wrong.append(RuleViolation("bad_hours", messages.BAD_HOURS, name))
    if wrong:
        raise RuleViolations(wrong)
    return values


def check_notice(values: Values, current: Mapping[str, Any]) -> Values:
    """A draft whose every row is a date of its year."""
    if current.get("state", NoticeState.DRAFT) != NoticeState.DRAFT:
        raise RuleViolation("published", messages.PUBLISHED)
    text, year = (values.get(name, current.get(name)) for name in ("dates", "year"))
    if not text or not year:
        return values
    rows, bad = hours.read_notice(text, year)
    if bad:
        first = bad[0]
        raise RuleViolation(
            "bad_row", messages.BAD_NOTICE_ROW, "dates", number=first.number, text=first.text
        )
    if not rows:
        raise RuleViolation("empty_notice", messages.EMPTY_NOTICE, "dates")
    return values


def before_notice_archive(
    notice: models.Model, archived_at: datetime | None, actor: Actor, at: datetime
) -> None:
    """What decides stays in sight."""
    del actor, at
    if archived_at and isinstance(notice, Notice) and notice.state == NoticeState.IN_FORCE:
        raise RuleViolation("in_force", messages.IN_FORCE)


@transaction.atomic
def publish_notice(notice_id: int, *, actor: Actor, at: datetime) -> Notice:
    """Let a notice decide; the year's former one is kept as replaced."""
    drafts = Notice.objects.select_for_update().filter(archived_at=None)
    notice = get_allowed(
        actor, "holiday_notices.publish", drafts, seen_by="holiday_notices.view", pk=notice_id
    )
    if notice.state != NoticeState.DRAFT:
        raise RuleViolation("already_published", messages.ALREADY_PUBLISHED)
    require_rehearsal("notice", notice.pk, notice.updated_at, Q(country=notice.country))
    changed = len(queries.list_notice_changes(notice))
    peers = Notice.objects.filter(country=notice.country, year=notice.year)
    peers.filter(state=NoticeState.IN_FORCE).update(
        state=NoticeState.REPLACED, updated_at=at, version=F("version") + 1
    )
    notice.state, notice.updated_at = NoticeState.IN_FORCE, at
    notice.version += 1
    notice.save(update_fields=["state", "updated_at", "version"])
    renew_versions(notice)
    happened = NoticePublished(notice.year, notice.status, changed)
    record(happened, subject=notice, actor=actor, at=at)
    move_for_notice(notice, actor=actor, at=at)
    return notice


def renew_versions(
    record: models.Model, what: object = None, actor: Actor | None = None, at: object = None
) -> None:
    """What starts from now on counts by the calendars as they are now, whatever of them changed."""
    del record, what, actor, at
    Calendar.objects.exclude(current=None).update(current=None)


def make_standard(*, at: datetime) -> Calendar:
    """The calendar of a company that has made none: office hours in China."""
    week = dict.fromkeys(queries.WEEK[:5], "09:00-12:00 13:30-18:00")
    values = {**week, "is_standard": True, "created_at": at, "updated_at": at}
    return Calendar.objects.get_or_create(name="标准工作日", defaults=values)[0]
