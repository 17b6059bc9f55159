"""What must hold of to-dos and promises; nothing here knows of Django."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from guanxi.commitments import messages
from guanxi.kernel.errors import RuleViolation

PROMISE: Final = "promise"
OPEN, UNTOLD, CLOSED, DROPPED = "open", "untold", "closed", "dropped"
WAITING: Final = frozenset({OPEN, UNTOLD})
#: What says what is owed, to whom, by whom and when: fixed once it is settled.
TERMS: Final = ("kind", "title", "customer", "owner", "due_at")


class Settled(NamedTuple):
    """What a step leaves: the state, when it was done and when the customer was told."""

    state: str
    done_at: datetime | None
    told_at: datetime | None
    told_note: str


def check_terms(values: Mapping[str, Any], current: Mapping[str, Any]) -> None:
    """A promise is to somebody and stays one; what is settled is fixed."""
    kind, customer = (values.get(n, current.get(n)) for n in ("kind", "customer"))
    if kind == PROMISE and not customer:
        raise RuleViolation("to_whom", messages.TO_WHOM, "customer")
    if current.get("kind") == PROMISE and kind != PROMISE:
        raise RuleViolation("stays_a_promise", messages.STAYS_A_PROMISE, "kind")
    if current.get("state", OPEN) in WAITING:
        return
    for name in TERMS:
        if name in values and values[name] != current[name]:
            raise RuleViolation("settled", messages.SETTLED, name)


def check_moment(values: Mapping[str, Any], current: Mapping[str, Any]) -> None:
    """What was promised for a moment moves only with what was agreed with the customer."""
    is_moved = "due_at" in values and values["due_at"] != current.get("due_at", values["due_at"])
    if current.get("kind") == PROMISE and is_moved:
        raise RuleViolation("agree_first", messages.AGREE_FIRST, "due_at")


def complete(kind: str, state: str, told: str, at: datetime) -> Settled:
    """Done: a to-do is closed; a promise only when the customer was told as well (VIS-6)."""
    if state != OPEN:
        raise RuleViolation("not_open", messages.NOT_OPEN)
    if kind == PROMISE and not told:
        return Settled(UNTOLD, at, None, "")
    return Settled(CLOSED, at, at if told else None, told)


def tell(state: str, done_at: datetime | None, told: str, at: datetime) -> Settled:
    """The customer was told that the promise is kept: now it is closed."""
    if state != UNTOLD:
        raise RuleViolation("not_untold", messages.NOT_UNTOLD)
    if not told:
        raise RuleViolation("how_told", messages.HOW_TOLD, "told")
    return Settled(CLOSED, done_at, at, told)


def drop(kind: str, state: str, told: str, at: datetime) -> Settled:
    """Not to be done any more; who was promised something hears of it first."""
    if state != OPEN:
        raise RuleViolation("not_open", messages.NOT_OPEN)
    if kind == PROMISE and not told:
        raise RuleViolation("tell_first", messages.TELL_BEFORE_DROPPING, "told")
    return Settled(DROPPED, None, at if told else None, told)


def reopen(state: str) -> Settled:
    """Open again, as if nothing had been done and nobody told."""
    if state == OPEN:
        raise RuleViolation("open_already", messages.OPEN_ALREADY)
    return Settled(OPEN, None, None, "")


def check_archiving(kind: str, state: str) -> None:
    """A promise is not put away before the customer was told."""
    if kind == PROMISE and state in WAITING:
        raise RuleViolation("tell_first", messages.TELL_BEFORE_ARCHIVING)
