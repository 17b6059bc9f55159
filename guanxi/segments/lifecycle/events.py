"""What happens to lifecycle runs, and to the stages of customers because of them."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("segments.stage_run_begun")
@dataclass(frozen=True)
class StageRunBegun(EventBase):
    """The stages of all customers at the end of a day are being found."""

    said: ClassVar[Message] = _("began the lifecycle run")
    icon: ClassVar[str] = "target"
    as_of: str


@event("segments.stage_run_failed")
@dataclass(frozen=True)
class StageRunFailed(EventBase):
    """The stages could not be found."""

    said: ClassVar[Message] = _("could not find the stages")
    icon: ClassVar[str] = "alert-triangle"
    problem: str


@event("segments.stage_run_discarded")
@dataclass(frozen=True)
class StageRunDiscarded(EventBase):
    """A run that nobody needs."""

    said: ClassVar[Message] = _("discarded the lifecycle run")
    icon: ClassVar[str] = "x"
    version: int


@event("segments.stages_took_effect")
@dataclass(frozen=True)
class StagesTookEffect(EventBase):
    """The stages of a run are those of the customers now; hashes say of what and what came out."""

    said: ClassVar[Message] = _("put the stages in effect")
    icon: ClassVar[str] = "check-circle"
    as_of: str
    input_hash: str
    result_hash: str


@event("segments.stage_moved")
@dataclass(frozen=True)
class StageMoved(EventBase):
    """A customer's stage follows the rules of the lifecycle (SEG-5)."""

    said: ClassVar[Message] = _("moved the stage by the rules of the lifecycle")
    icon: ClassVar[str] = "arrow-right"
    version: int
    run_id: int
    as_of: str
    from_stage: str
    to_stage: str


@event("segments.churn_warned")
@dataclass(frozen=True)
class ChurnWarned(EventBase):
    """A customer is put on the early warning list (SEG-6)."""

    said: ClassVar[Message] = _("put the customer on the early warning list")
    icon: ClassVar[str] = "alert-triangle"
    stage: str


@event("segments.churn_followed")
@dataclass(frozen=True)
class ChurnFollowed(EventBase):
    """Somebody takes a warning in hand, with a commitment by when."""

    said: ClassVar[Message] = _("took the early warning in hand")
    icon: ClassVar[str] = "check"
    version: int
    play: str
    commitment_id: int


@event("segments.churn_closed")
@dataclass(frozen=True)
class ChurnClosed(EventBase):
    """What came of an early warning."""

    said: ClassVar[Message] = _("closed the early warning")
    icon: ClassVar[str] = "check-circle"
    outcome: str
    note: str = ""
