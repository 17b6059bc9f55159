"""What happens to people, in the past tense."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message
from guanxi.kernel.events import EventBase, event


@dataclass(frozen=True)
class PeopleEvent(EventBase):
    """Something about the organisation; never on a customer's timeline."""

    is_on_timeline: ClassVar[bool] = False


@event("people.user.deactivated")
@dataclass(frozen=True)
class UserDeactivated(PeopleEvent):
    """A user may no longer sign in; sessions and tokens ended with it."""

    said: ClassVar[Message] = _("closed the account")
    icon: ClassVar[str] = "user-x"

    reason: str = ""
    sessions: int = 0
    tokens: int = 0


@event("people.user.reactivated")
@dataclass(frozen=True)
class UserReactivated(PeopleEvent):
    """A user may sign in again."""

    said: ClassVar[Message] = _("opened the account again")
    icon: ClassVar[str] = "user-check"


@event("people.user.roles_assigned")
@dataclass(frozen=True)
class RolesAssigned(PeopleEvent):
    """The roles of a user were set."""

    said: ClassVar[Message] = _("gave or took roles")
    icon: ClassVar[str] = "shield"

    given: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)


@event("people.user.preferences_set")
@dataclass(frozen=True)
class PreferencesSet(PeopleEvent):
    """A user chose language, time zone or appearance."""

    said: ClassVar[Message] = _("changed their own settings")
    icon: ClassVar[str] = "sliders"


@event("people.user.password_changed")
@dataclass(frozen=True)
class PasswordChanged(PeopleEvent):
    """A password was changed, by its owner, an administrator or a reset link."""

    said: ClassVar[Message] = _("set the password")
    icon: ClassVar[str] = "key"

    by: str


@event("people.user.password_reset_requested")
@dataclass(frozen=True)
class PasswordResetRequested(PeopleEvent):
    """A link to choose a new password was sent."""

    said: ClassVar[Message] = _("sent a link for a new password")
    icon: ClassVar[str] = "mail"


@event("people.user.signed_in")
@dataclass(frozen=True)
class SignedIn(PeopleEvent):
    """A person signed in."""

    said: ClassVar[Message] = _("signed in")
    icon: ClassVar[str] = "log-in"

    with_second_factor: bool


@event("people.user.signed_out")
@dataclass(frozen=True)
class SignedOut(PeopleEvent):
    """A person signed out."""

    said: ClassVar[Message] = _("signed out")
    icon: ClassVar[str] = "log-out"


@event("people.user.sessions_ended")
@dataclass(frozen=True)
class SessionsEnded(PeopleEvent):
    """Sessions of a user were ended from a list, by a limit or by an administrator."""

    said: ClassVar[Message] = _("ended sessions")
    icon: ClassVar[str] = "log-out"

    reason: str
    count: int


@event("people.user.second_factor_enabled")
@dataclass(frozen=True)
class SecondFactorEnabled(PeopleEvent):
    """A user turned the second factor on."""

    said: ClassVar[Message] = _("turned the second factor on")
    icon: ClassVar[str] = "shield-check"


@event("people.user.second_factor_disabled")
@dataclass(frozen=True)
class SecondFactorDisabled(PeopleEvent):
    """A user, or an administrator for them, turned the second factor off."""

    said: ClassVar[Message] = _("turned the second factor off")
    icon: ClassVar[str] = "shield-alert"


@event("people.user.recovery_codes_renewed")
@dataclass(frozen=True)
class RecoveryCodesRenewed(PeopleEvent):
    """A user made new recovery codes; the old ones are void."""

    said: ClassVar[Message] = _("made new recovery codes")
    icon: ClassVar[str] = "rotate-ccw"


@event("people.user.token_issued")
@dataclass(frozen=True)
class TokenIssued(PeopleEvent):
    """A user made an API token."""

    said: ClassVar[Message] = _("made an API token")
    icon: ClassVar[str] = "key"

    token_id: int
    name: str
    scopes: dict[str, str]


@event("people.user.token_revoked")
@dataclass(frozen=True)
class TokenRevoked(PeopleEvent):
    """An API token was revoked."""

    said: ClassVar[Message] = _("revoked an API token")
    icon: ClassVar[str] = "ban"

    token_id: int
    name: str


@event("people.department.moved")
@dataclass(frozen=True)
class DepartmentMoved(PeopleEvent):
    """A department and everything below it moved to another parent."""

    said: ClassVar[Message] = _("moved the department")
    icon: ClassVar[str] = "arrow-right"

    from_path: str
    to_path: str


@event("people.role.grants_changed")
@dataclass(frozen=True)
class RoleGrantsChanged(PeopleEvent):
    """A role's grants or levels changed, each from what to what; its users feel it at once."""

    said: ClassVar[Message] = _("changed the rights")
    icon: ClassVar[str] = "shield"

    users: int = 0
    grants: dict[str, list[str | None]] = field(default_factory=dict)
    levels: dict[str, list[str | None]] = field(default_factory=dict)


@event("people.organisation.changed")
@dataclass(frozen=True)
class OrganisationChanged(PeopleEvent):
    """The company's name or its sign-in rules changed."""

    said: ClassVar[Message] = _("changed the company")
    icon: ClassVar[str] = "building-2"
