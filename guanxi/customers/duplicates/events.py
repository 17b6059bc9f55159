"""What happens to duplicates."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("customers.merged")
@dataclass(frozen=True)
class CustomersMerged(EventBase):
    """Two customers were made one; told of the one that stays."""

    said: ClassVar[Message] = _("merged another customer into it")
    icon: ClassVar[str] = "link"

    merge_id: int
    loser_id: int
    loser_label: str
    moved: dict[str, int]


@event("customers.merged_away")
@dataclass(frozen=True)
class MergedAway(EventBase):
    """A customer was made part of another one."""

    said: ClassVar[Message] = _("merged it into another customer")
    icon: ClassVar[str] = "link"

    merge_id: int
    survivor_id: int
    survivor_label: str


@event("customers.merge_undone")
@dataclass(frozen=True)
class MergeUndone(EventBase):
    """A merge was taken back."""

    said: ClassVar[Message] = _("took a merge back")
    icon: ClassVar[str] = "link"

    merge_id: int
    loser_id: int
    loser_label: str
    kept: list[str]


@event("customers.pair_confirmed")
@dataclass(frozen=True)
class PairConfirmed(EventBase):
    """Somebody confirmed that two customers are one; a second person has to do so, too."""

    is_on_timeline = False
    said: ClassVar[Message] = _("confirmed a pair of duplicates")
    keep: str


@event("customers.pair_dismissed")
@dataclass(frozen=True)
class PairDismissed(EventBase):
    """Somebody said that two customers are not one."""

    is_on_timeline = False
    said: ClassVar[Message] = _("said that a pair are no duplicates")
    reason: str


@event("customers.cooperation_asked")
@dataclass(frozen=True)
class CooperationAsked(EventBase):
    """A colleague who may not see a customer asked to cooperate on it."""

    said: ClassVar[Message] = _("asked to cooperate")
    icon: ClassVar[str] = "users"

    request_id: int


@event("customers.cooperation_answered")
@dataclass(frozen=True)
class CooperationAnswered(EventBase):
    """Whoever looks after a customer answered such a request.

    What an acceptance brings (a share) is for whoever reacts to this event.
    """

    said: ClassVar[Message] = _("answered a request to cooperate")
    icon: ClassVar[str] = "users"

    request_id: int
    asker_id: int
    is_accepted: bool
