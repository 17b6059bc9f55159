"""What happens to duplicates."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


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
