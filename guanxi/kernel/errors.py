"""What can go wrong, said once: services raise these, every surface shows them alike."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

Message = str | Promise


class GuanxiError(Exception):
    """Base of every expected refusal."""


class RuleViolation(GuanxiError):
    """A rule of the domain was broken; says which, at which field, in the reader's language."""

    def __init__(
        self, code: str, message: Message, field: str | None = None, **params: object
    ) -> None:
        super().__init__(code)
        self.code, self.message, self.field, self.params = code, message, field, params

    @property
    def text(self) -> str:
        """The message with its parameters filled in."""
        return str(self.message) % self.params if self.params else str(self.message)

    @property
    def violations(self) -> Sequence["RuleViolation"]:
        """Itself as a list, so that one and many are read alike."""
        return [self]


class RuleViolations(RuleViolation):
    """Several broken rules found together."""

    def __init__(self, found: Iterable[RuleViolation]) -> None:
        self._found = list(found)
        first = self._found[0]
        super().__init__(first.code, first.message, first.field, **first.params)

    @property
    def violations(self) -> Sequence[RuleViolation]:
        """Every broken rule."""
        return self._found


class NotFound(GuanxiError):
    """No such record, or none that this actor may know of: the two look the same."""


class Denied(GuanxiError):
    """The actor may know of the record but not do this with it."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


class Unconfirmed(GuanxiError):
    """The actor must give their password again before this (HTTP 403, code `unconfirmed`)."""


@dataclass(frozen=True)
class Difference:
    """One field as the editor saw it, wants it, and as it now is; who made it so, and when."""

    field: str
    label: Message
    base: Any
    mine: Any
    theirs: Any
    is_base_known: bool = True
    by: str = ""
    at: datetime | None = None


@dataclass
class StaleVersion(GuanxiError):
    """Somebody else set the same fields since the record was read (HTTP 409).

    `settled` names the wanted fields that need no writing: the same already, or left as read.
    """

    version: int
    differences: Sequence[Difference] = field(default_factory=list)
    settled: frozenset[str] = frozenset()


class VersionMissing(GuanxiError):
    """A change must say which version it was made from (HTTP 428)."""


@dataclass
class TooMany(GuanxiError):
    """A limit was reached; try again later (HTTP 429)."""

    retry_after: int
    message: Message = ""


class BadRequest(GuanxiError):
    """The request cannot be understood; says which part (HTTP 400)."""

    def __init__(self, code: str, message: Message, **params: object) -> None:
        super().__init__(code)
        self.code, self.message, self.params = code, message, params

    @property
    def text(self) -> str:
        """The message with its parameters filled in."""
        return str(self.message) % self.params if self.params else str(self.message)
