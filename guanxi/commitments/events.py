"""What happens to commitments beyond being created and changed."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("commitments.completed")
@dataclass(frozen=True)
class CommitmentCompleted(EventBase):
    """The work is done; a promise is closed with it only if the customer was told as well."""

    said: ClassVar[Message] = _("did")
    icon: ClassVar[str] = "check"
    version: int
    state: str
    told: str = ""


@event("commitments.told")
@dataclass(frozen=True)
class CustomerTold(EventBase):
    """The customer was told that the promise is kept."""

    said: ClassVar[Message] = _("told the customer about")
    icon: ClassVar[str] = "megaphone"
    version: int
    told: str


@event("commitments.reopened")
@dataclass(frozen=True)
class CommitmentReopened(EventBase):
    """What was settled is to be done after all."""

    said: ClassVar[Message] = _("opened again")
    icon: ClassVar[str] = "rotate-ccw"
    version: int
    reason: str


@event("commitments.rescheduled")
@dataclass(frozen=True)
class CommitmentRescheduled(EventBase):
    """It is due at another time."""

    said: ClassVar[Message] = _("rescheduled")
    icon: ClassVar[str] = "calendar-clock"
    version: int
    reason: str


@event("commitments.dropped")
@dataclass(frozen=True)
class CommitmentDropped(EventBase):
    """It is not to be done any more."""

    said: ClassVar[Message] = _("dropped")
    icon: ClassVar[str] = "ban"
    version: int
    reason: str
    told: str = ""


@event("commitments.feed_made")
@dataclass(frozen=True)
class FeedMade(EventBase):
    """A person made a secret link to their calendar; an older one ended with it."""

    is_on_timeline = False
    said: ClassVar[Message] = _("made a link to their calendar")
    icon: ClassVar[str] = "link"


@event("commitments.feed_revoked")
@dataclass(frozen=True)
class FeedRevoked(EventBase):
    """A person took the link to their calendar back."""

    is_on_timeline = False
    said: ClassVar[Message] = _("took the link to their calendar back")
    icon: ClassVar[str] = "x"
