"""What happens to change requests."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("change_requests.filed")
@dataclass(frozen=True)
class ChangeFiled(EventBase):
    """Somebody asked for other key values; the approval tells it on the timeline."""

    said: ClassVar[Message] = _("asked for a change of key values")
    icon: ClassVar[str] = "pencil"
    is_on_timeline: ClassVar[bool] = False
    fields: list[str]
    base_version: int


@event("change_requests.revised")
@dataclass(frozen=True)
class ChangeRevised(EventBase):
    """The requester asked for other values than before."""

    said: ClassVar[Message] = _("revised the change request")
    icon: ClassVar[str] = "pencil"
    fields: list[str]
    version: int


@event("change_requests.settled")
@dataclass(frozen=True)
class ChangeSettled(EventBase):
    """What became of the request; `stale` fields were set by somebody else meanwhile."""

    said: ClassVar[Message] = _("settled the change request")
    icon: ClassVar[str] = "check"
    state: str
    applied: list[str]
    stale: list[str]
