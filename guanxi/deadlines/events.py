"""What happens to calendars."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("holiday_notices.published")
@dataclass(frozen=True)
class NoticePublished(EventBase):
    """A year's notice decides from now on which days are worked."""

    said: ClassVar[Message] = _("put it in force")
    is_on_timeline = False
    year: int
    status: str
    changed_days: int


@event("deadlines.spoke")
@dataclass(frozen=True)
class ClockSpoke(EventBase):
    """A level of a clock was reached: somebody has to hear of it."""

    said: ClassVar[Message] = _("reached a level of its deadline")
    is_on_timeline = False
    record_key: str
    object_id: int
    clock_kind: str
    level: str
    revision: int = 0


@event("deadline_policies.applied")
@dataclass(frozen=True)
class PolicyApplied(EventBase):
    """Running clocks get the promise of a policy as it is now."""

    said: ClassVar[Message] = _("moved running clocks to it")
    is_on_timeline = False
    name: str


@event("clocks.excused")
@dataclass(frozen=True)
class ClockExcused(EventBase):
    """A missed deadline is counted apart, for a reason."""

    said: ClassVar[Message] = _("excused it")
    is_on_timeline = False
    reason: str
