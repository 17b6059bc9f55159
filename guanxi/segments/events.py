"""What happens to ratings, and to the tiers of customers because of them."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("segments.rating_begun")
@dataclass(frozen=True)
class RatingBegun(EventBase):
    """All customers are being rated at the end of a day."""

    said: ClassVar[Message] = _("began the rating")
    icon: ClassVar[str] = "target"
    as_of: str
    model: str
    model_version: int


@event("segments.rating_computed")
@dataclass(frozen=True)
class RatingComputed(EventBase):
    """The rating is there to be reviewed; the hashes say of what and what came out."""

    said: ClassVar[Message] = _("computed the rating")
    icon: ClassVar[str] = "check"
    input_hash: str
    result_hash: str


@event("segments.rating_failed")
@dataclass(frozen=True)
class RatingFailed(EventBase):
    """The rating could not be computed."""

    said: ClassVar[Message] = _("could not compute the rating")
    icon: ClassVar[str] = "alert-triangle"
    problem: str


@event("segments.rating_submitted")
@dataclass(frozen=True)
class RatingSubmitted(EventBase):
    """Somebody asks for the approval of a rating."""

    said: ClassVar[Message] = _("submitted the rating for approval")
    icon: ClassVar[str] = "arrow-up"
    version: int


@event("segments.rating_decided")
@dataclass(frozen=True)
class RatingDecided(EventBase):
    """What the approvers said of a rating."""

    said: ClassVar[Message] = _("decided the rating")
    icon: ClassVar[str] = "check"
    outcome: str


@event("segments.rating_discarded")
@dataclass(frozen=True)
class RatingDiscarded(EventBase):
    """A rating that nobody needs."""

    said: ClassVar[Message] = _("discarded the rating")
    icon: ClassVar[str] = "x"
    version: int


@event("segments.rating_took_effect")
@dataclass(frozen=True)
class RatingTookEffect(EventBase):
    """The tiers of a rating are those of the customers now."""

    said: ClassVar[Message] = _("put the rating in effect")
    icon: ClassVar[str] = "check-circle"
    as_of: str


@event("segments.tier_moved")
@dataclass(frozen=True)
class TierMoved(EventBase):
    """A customer's tier follows an approved rating (SEG-3)."""

    said: ClassVar[Message] = _("moved the tier by the approved rating")
    icon: ClassVar[str] = "arrow-right"
    version: int
    rating_id: int
    as_of: str
    from_tier: str
    to_tier: str
