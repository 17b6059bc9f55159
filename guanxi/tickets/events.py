"""What happens to tickets beyond being created and changed."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("tickets.replied")
@dataclass(frozen=True)
class TicketReplied(EventBase):
    """The customer was answered; the event names the message, not what it says."""

    said: ClassVar[Message] = _("replied on")
    icon: ClassVar[str] = "message-circle"
    version: int
    seq: int
    state: str


@event("tickets.noted")
@dataclass(frozen=True)
class TicketNoted(EventBase):
    """Somebody wrote something down that only colleagues read."""

    said: ClassVar[Message] = _("made an internal note on")
    icon: ClassVar[str] = "edit"
    version: int
    seq: int


@event("tickets.heard")
@dataclass(frozen=True)
class CustomerHeard(EventBase):
    """The customer said something more; what was solved is open again."""

    said: ClassVar[Message] = _("heard from the customer on")
    icon: ClassVar[str] = "message-square"
    version: int
    seq: int
    state: str


@event("tickets.assigned")
@dataclass(frozen=True)
class TicketAssigned(EventBase):
    """Somebody, or a queue, has the ticket now, and why."""

    said: ClassVar[Message] = _("assigned")
    icon: ClassVar[str] = "user-check"
    version: int
    because: str
    reason: str = ""


@event("tickets.waits")
@dataclass(frozen=True)
class TicketWaits(EventBase):
    """It is the customer's turn."""

    said: ClassVar[Message] = _("waits for the customer on")
    icon: ClassVar[str] = "clock"
    version: int


@event("tickets.stepped")
@dataclass(frozen=True)
class StepTicked(EventBase):
    """A step of the standard process is done, or was ticked by mistake (SVC-2)."""

    is_on_timeline = False
    said: ClassVar[Message] = _("ticked a step on")
    icon: ClassVar[str] = "check"
    version: int
    step: str
    is_done: bool


@event("tickets.solved")
@dataclass(frozen=True)
class TicketSolved(EventBase):
    """The customer has what they needed."""

    said: ClassVar[Message] = _("solved")
    icon: ClassVar[str] = "check-circle"
    version: int
    steps: tuple[str, ...]


@event("tickets.closed")
@dataclass(frozen=True)
class TicketClosed(EventBase):
    """Nothing more is to come; after seven days by itself."""

    said: ClassVar[Message] = _("closed")
    icon: ClassVar[str] = "lock"
    version: int


@event("tickets.reopened")
@dataclass(frozen=True)
class TicketReopened(EventBase):
    """What was solved is not."""

    said: ClassVar[Message] = _("opened again")
    icon: ClassVar[str] = "rotate-ccw"
    version: int
    reason: str


@event("tickets.merged")
@dataclass(frozen=True)
class TicketMerged(EventBase):
    """What was said on it goes on on another ticket."""

    said: ClassVar[Message] = _("merged")
    icon: ClassVar[str] = "link"
    version: int
    into: int


@event("tickets.joined")
@dataclass(frozen=True)
class TicketJoined(EventBase):
    """What was said on another ticket goes on here."""

    said: ClassVar[Message] = _("took in another ticket on")
    icon: ClassVar[str] = "link"
    version: int
    seq: int
    merged: int


@event("tickets.split")
@dataclass(frozen=True)
class TicketSplit(EventBase):
    """A second matter of the customer went to a ticket of its own."""

    said: ClassVar[Message] = _("made a ticket of its own from")
    icon: ClassVar[str] = "copy"
    version: int
    into: int


@event("tickets.linked")
@dataclass(frozen=True)
class TicketLinked(EventBase):
    """Two tickets have to do with each other."""

    said: ClassVar[Message] = _("linked")
    icon: ClassVar[str] = "link"
    version: int
    other: int


@event("tickets.declared")
@dataclass(frozen=True)
class EmergencyDeclared(EventBase):
    """It is an emergency: taken up within the hour, with word to the customer every half hour."""

    said: ClassVar[Message] = _("declared an emergency on")
    icon: ClassVar[str] = "alert-triangle"
    version: int
    reason: str


@event("agents.shifted")
@dataclass(frozen=True)
class ShiftChanged(EventBase):
    """An agent takes tickets from now on, or no more."""

    is_on_timeline = False
    said: ClassVar[Message] = _("changed the shift of")
    icon: ClassVar[str] = "clock"
    version: int
    is_on: bool
