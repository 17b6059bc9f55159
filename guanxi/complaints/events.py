"""What happens to complaints beyond being created and changed; told on their own page alone.

None of them carries the customer's id: whoever sees the customer need not see the complaint.
"""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@dataclass(frozen=True)
class StepTaken(EventBase):
    """A step of the process, the state that it led to, and why."""

    version: int
    state: str
    note: str = ""


@event("complaints.acknowledged")
@dataclass(frozen=True)
class ComplaintAcknowledged(StepTaken):
    """The customer was told that the complaint has arrived and who takes care of it."""

    said: ClassVar[Message] = _("acknowledged")
    icon: ClassVar[str] = "megaphone"


@event("complaints.assigned")
@dataclass(frozen=True)
class ComplaintAssigned(StepTaken):
    """Somebody else handles it now."""

    said: ClassVar[Message] = _("gave on")
    icon: ClassVar[str] = "arrow-right"


@event("complaints.investigated")
@dataclass(frozen=True)
class InvestigationBegun(StepTaken):
    """The investigation has begun."""

    said: ClassVar[Message] = _("began to investigate")
    icon: ClassVar[str] = "search"


@event("complaints.noted")
@dataclass(frozen=True)
class EntryWritten(StepTaken):
    """Something was written into the file: a finding, evidence, word to or from the customer."""

    said: ClassVar[Message] = _("wrote into the file of")
    icon: ClassVar[str] = "file-text"
    entry: str = ""


@event("complaints.extended")
@dataclass(frozen=True)
class InvestigationExtended(StepTaken):
    """A head gave the investigation more time."""

    said: ClassVar[Message] = _("extended the investigation of")
    icon: ClassVar[str] = "calendar-clock"


@event("complaints.determined")
@dataclass(frozen=True)
class ResponsibilityDetermined(StepTaken):
    """Who is responsible was proposed, with shares and grounds."""

    said: ClassVar[Message] = _("proposed the responsibility for")
    icon: ClassVar[str] = "shield-check"


@event("complaints.submitted")
@dataclass(frozen=True)
class LegalAsked(StepTaken):
    """Legal was asked to review the responsibility."""

    said: ClassVar[Message] = _("asked legal to review")
    icon: ClassVar[str] = "arrow-up"


@event("complaints.reviewed")
@dataclass(frozen=True)
class LegalReviewed(StepTaken):
    """Legal has answered."""

    said: ClassVar[Message] = _("closed the legal review of")
    icon: ClassVar[str] = "check"


@event("complaints.remedied")
@dataclass(frozen=True)
class RemediesChanged(StepTaken):
    """A remedy was added, dropped or carried out."""

    said: ClassVar[Message] = _("worked on the remedies of")
    icon: ClassVar[str] = "list"


@event("complaints.proposed")
@dataclass(frozen=True)
class SolutionProposed(StepTaken):
    """A solution waits for approval."""

    said: ClassVar[Message] = _("proposed a solution for")
    icon: ClassVar[str] = "arrow-up"


@event("complaints.settled")
@dataclass(frozen=True)
class SolutionDecided(StepTaken):
    """The solution was approved or not."""

    said: ClassVar[Message] = _("decided on the solution of")
    icon: ClassVar[str] = "check"


@event("complaints.begun")
@dataclass(frozen=True)
class ExecutionBegun(StepTaken):
    """The remedies are being carried out."""

    said: ClassVar[Message] = _("began to carry out the solution of")
    icon: ClassVar[str] = "zap"


@event("complaints.finished")
@dataclass(frozen=True)
class ExecutionFinished(StepTaken):
    """Every remedy is carried out."""

    said: ClassVar[Message] = _("carried out the solution of")
    icon: ClassVar[str] = "check"


@event("complaints.held")
@dataclass(frozen=True)
class DeadlinesHeld(StepTaken):
    """Deadlines wait for the customer."""

    said: ClassVar[Message] = _("held the deadlines of")
    icon: ClassVar[str] = "clock"


@event("complaints.visited")
@dataclass(frozen=True)
class CustomerVisited(StepTaken):
    """The customer was asked about the outcome, or could not be reached."""

    said: ClassVar[Message] = _("followed up on")
    icon: ClassVar[str] = "phone"


@event("complaints.closed")
@dataclass(frozen=True)
class ComplaintClosed(StepTaken):
    """The complaint is closed."""

    said: ClassVar[Message] = _("closed")
    icon: ClassVar[str] = "check-circle"


@event("complaints.reopened")
@dataclass(frozen=True)
class ComplaintReopened(StepTaken):
    """It is investigated anew."""

    said: ClassVar[Message] = _("opened again")
    icon: ClassVar[str] = "rotate-ccw"


@event("complaints.withdrawn")
@dataclass(frozen=True)
class ComplaintWithdrawn(StepTaken):
    """The customer took it back."""

    said: ClassVar[Message] = _("noted the withdrawal of")
    icon: ClassVar[str] = "ban"


@event("complaints.referred")
@dataclass(frozen=True)
class ComplaintReferred(StepTaken):
    """An outside body decides on it now; the customer was told so in writing."""

    said: ClassVar[Message] = _("referred to an outside body")
    icon: ClassVar[str] = "arrow-right"


@event("complaints.ruled")
@dataclass(frozen=True)
class RulingNoted(StepTaken):
    """What the outside body decided."""

    said: ClassVar[Message] = _("noted the decision on")
    icon: ClassVar[str] = "shield-check"


@event("complaints.asked")
@dataclass(frozen=True)
class CustomerAsked(StepTaken):
    """A link for the customer's word on the handling was made."""

    said: ClassVar[Message] = _("asked the customer about")
    icon: ClassVar[str] = "link"


@event("complaints.rated")
@dataclass(frozen=True)
class HandlingRated(StepTaken):
    """The customer said by the link how they find the handling."""

    said: ClassVar[Message] = _("rated")
    icon: ClassVar[str] = "star"
