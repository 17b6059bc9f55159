"""What happens to approvals."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@event("approvals.requested")
@dataclass(frozen=True)
class ApprovalRequested(EventBase):
    """Somebody asked for an approval."""

    said: ClassVar[Message] = _("asked for approval")
    icon: ClassVar[str] = "arrow-up"
    flow: str
    flow_version: int
    reason: str


@event("approvals.step_approved")
@dataclass(frozen=True)
class StepApproved(EventBase):
    """An approver agreed; `seen` is the hash of what they saw."""

    said: ClassVar[Message] = _("approved it")
    icon: ClassVar[str] = "check"
    step: str
    comment: str
    stood_for: str
    seen: str


@event("approvals.rejected")
@dataclass(frozen=True)
class RequestRejected(EventBase):
    """An approver said no."""

    said: ClassVar[Message] = _("rejected it")
    icon: ClassVar[str] = "x"
    step: str
    comment: str
    stood_for: str
    seen: str


@event("approvals.returned")
@dataclass(frozen=True)
class RequestReturned(EventBase):
    """An approver sent it back, to the requester (step 0) or to an earlier step."""

    said: ClassVar[Message] = _("returned it")
    icon: ClassVar[str] = "arrow-left"
    step: str
    to_step: int
    comment: str
    stood_for: str
    seen: str


@event("approvals.resubmitted")
@dataclass(frozen=True)
class RequestResubmitted(EventBase):
    """The requester submitted it again; everybody is asked anew."""

    said: ClassVar[Message] = _("submitted it again")
    icon: ClassVar[str] = "arrow-up"
    round: int


@event("approvals.withdrawn")
@dataclass(frozen=True)
class RequestWithdrawn(EventBase):
    """The requester took it back."""

    said: ClassVar[Message] = _("withdrew the request")
    icon: ClassVar[str] = "x"
    reason: str


@event("approvals.voided")
@dataclass(frozen=True)
class ApprovalVoided(EventBase):
    """The content changed: signatures became void and everybody is asked anew."""

    said: ClassVar[Message] = _("changed what was under approval; it is asked for anew")
    icon: ClassVar[str] = "alert-circle"
    round: int
    fields: list[str]


@event("approvals.transferred")
@dataclass(frozen=True)
class SeatTransferred(EventBase):
    """An approver's part went to somebody else."""

    said: ClassVar[Message] = _("transferred the decision")
    icon: ClassVar[str] = "arrow-right"
    step: str
    from_person: str
    to_person: str
    reason: str


@event("approvals.signer_added")
@dataclass(frozen=True)
class SignerAdded(EventBase):
    """An approver asked for one more signature."""

    said: ClassVar[Message] = _("asked for one more signature")
    icon: ClassVar[str] = "users"
    step: str
    person: str
    reason: str


@event("approvals.decided")
@dataclass(frozen=True)
class ApprovalDecided(EventBase):
    """A record's approval ended: approved, rejected or withdrawn; told in its own history."""

    said: ClassVar[Message] = _("ended the approval")
    icon: ClassVar[str] = "check"
    is_on_timeline: ClassVar[bool] = False
    outcome: str
    request: int
