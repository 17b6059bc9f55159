"""What happens to who may see and who owns a customer."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("customers.shared")
@dataclass(frozen=True)
class CustomerShared(EventBase):
    """A customer was opened to a person, team or department beyond their reach."""

    said: ClassVar[Message] = _("shared it")
    icon: ClassVar[str] = "users"
    share_id: int
    to_label: str
    may_write: bool
    until: datetime | None


@event("customers.unshared")
@dataclass(frozen=True)
class CustomerUnshared(EventBase):
    """A share ended before its time."""

    said: ClassVar[Message] = _("ended a share of it")
    icon: ClassVar[str] = "users"
    share_id: int
    to_label: str


@event("customers.released")
@dataclass(frozen=True)
class CustomerReleased(EventBase):
    """A customer lost its owner and went to a pool."""

    said: ClassVar[Message] = _("released it to the pool")
    icon: ClassVar[str] = "archive-restore"
    pool_id: int
    to_label: str
    from_user_id: int | None
    from_label: str
    reason: str
    rule_id: int | None = None
    batch_id: int | None = None
    version: int = 0


@event("customers.claimed")
@dataclass(frozen=True)
class CustomerClaimed(EventBase):
    """Somebody took a customer out of a pool."""

    said: ClassVar[Message] = _("claimed it from the pool")
    icon: ClassVar[str] = "check"
    pool_id: int
    pool_label: str
    version: int = 0


@event("customers.assigned")
@dataclass(frozen=True)
class CustomerAssigned(EventBase):
    """Somebody gave a pool's customer to a colleague."""

    said: ClassVar[Message] = _("assigned it from the pool")
    icon: ClassVar[str] = "arrow-right"
    pool_id: int
    pool_label: str
    to_user_id: int
    to_label: str
    reason: str
    version: int = 0


@event("customers.protected")
@dataclass(frozen=True)
class CustomerProtected(EventBase):
    """A customer is left alone by the rules until a day; or no longer."""

    said: ClassVar[Message] = _("set its protection")
    icon: ClassVar[str] = "shield"
    until: datetime | None
    reason: str
    version: int = 0


@event("customers.locked")
@dataclass(frozen=True)
class CustomerLocked(EventBase):
    """Nobody may claim, assign or release a customer until a day; or again."""

    said: ClassVar[Message] = _("set its lock")
    icon: ClassVar[str] = "lock"
    until: datetime | None
    reason: str
    version: int = 0


@event("customers.warned")
@dataclass(frozen=True)
class CustomerWarned(EventBase):
    """The owner was told that the rules will soon release a customer."""

    said: ClassVar[Message] = _("will soon be recycled")
    icon: ClassVar[str] = "clock"
    rule_id: int
    reason: str
    on: str


@event("customers.returned")
@dataclass(frozen=True)
class CustomerReturned(EventBase):
    """A release was taken back: the customer is with its owner again."""

    said: ClassVar[Message] = _("took the release back")
    icon: ClassVar[str] = "arrow-left"
    pool_id: int
    to_user_id: int | None
    to_label: str
    batch_id: int | None
    version: int = 0


@event("hand_overs.started")
@dataclass(frozen=True)
class HandOverStarted(EventBase):
    """A book began to be given to others."""

    said: ClassVar[Message] = _("started the hand-over")
    is_on_timeline = False
    person_label: str
    to_labels: list[str]
    reason: str


@event("hand_overs.done")
@dataclass(frozen=True)
class HandOverDone(EventBase):
    """A book was given to others."""

    said: ClassVar[Message] = _("finished the hand-over")
    is_on_timeline = False
    moved: int
    left: int


@event("hand_overs.undone")
@dataclass(frozen=True)
class HandOverUndone(EventBase):
    """A hand-over was taken back."""

    said: ClassVar[Message] = _("took the hand-over back")
    is_on_timeline = False
    returned: int
    kept: int


@event("pools.opened")
@dataclass(frozen=True)
class PoolOpened(EventBase):
    """Who may see and claim from a pool was said."""

    said: ClassVar[Message] = _("opened it to")
    is_on_timeline = False
    to_label: str
    may_claim: bool
    is_open: bool
