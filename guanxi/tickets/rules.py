"""Which step of a ticket is possible, and what it leaves; nothing here knows of Django."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from guanxi.kernel.errors import RuleViolation
from guanxi.tickets import messages

NEW, OPEN, WAITING, SOLVED, CLOSED, MERGED = (
    "new", "open", "waiting", "solved", "closed", "merged",
)  # fmt: skip
LIVE: Final = frozenset({NEW, OPEN, WAITING})
EMERGENCY: Final = "emergency"
#: As long as this a solved ticket is opened again; then a new one follows it.
REOPEN_WINDOW: Final = timedelta(days=7)
#: What must be ticked before a ticket is solved; the last step is for the time after.
BEFORE_SOLVED: Final = ("greet", "confirm", "handle")


def require_live(state: str) -> None:
    """Something can still be done about it."""
    if state == MERGED:
        raise RuleViolation("merged", messages.MERGED)
    if state not in LIVE:
        raise RuleViolation("not_live", messages.NOT_LIVE)


def after_reply(state: str, then: str) -> str:
    """A reply takes the ticket up; it may leave it waiting for the customer."""
    require_live(state)
    return WAITING if then == WAITING else OPEN


def is_too_late(solved_at: datetime | None, at: datetime) -> bool:
    """Whether a solved ticket is opened again no more."""
    return solved_at is not None and at - solved_at > REOPEN_WINDOW


def after_hearing(state: str) -> str:
    """The customer's word ends the waiting, and opens what was solved."""
    if state == MERGED:
        raise RuleViolation("merged", messages.MERGED)
    return NEW if state == NEW else OPEN


def check_solving(state: str, steps: Collection[str], names: Mapping[str, str]) -> None:
    """Solved is what went through the standard process (SVC-2)."""
    require_live(state)
    missing = [str(names[step]) for step in BEFORE_SOLVED if step not in steps]
    if missing:
        listed = "、".join(missing)
        raise RuleViolation("steps_missing", messages.STEPS_MISSING, "steps", steps=listed)


def check_closing(state: str) -> None:
    """Closed is what was solved before."""
    if state != SOLVED:
        raise RuleViolation("not_solved", messages.NOT_SOLVED)


def check_reopening(state: str, solved_at: datetime | None, at: datetime) -> None:
    """Opened again within seven days."""
    if state == MERGED:
        raise RuleViolation("merged", messages.MERGED)
    if state in LIVE:
        raise RuleViolation("live_already", messages.LIVE_ALREADY)
    if is_too_late(solved_at, at):
        raise RuleViolation("too_late_to_reopen", messages.TOO_LATE)


def check_merging(source: Any, target: Any) -> None:
    """Two live or solved tickets of one customer."""
    if source.pk == target.pk:
        raise RuleViolation("same_ticket", messages.SAME_TICKET, "into")
    if MERGED in (source.state, target.state):
        raise RuleViolation("merged", messages.MERGED)
    require_live(target.state)
    if source.customer_id != target.customer_id:
        raise RuleViolation("other_customer", messages.OTHER_CUSTOMER, "into")


def check_kind(values: Mapping[str, Any], current: Mapping[str, Any]) -> None:
    """What was declared an emergency stays one, and nothing becomes one by the way."""
    if not current or "kind" not in values:
        return
    before, now = current["kind"], values["kind"]
    if before != now and EMERGENCY in (before, now):
        raise RuleViolation("stays_emergency", messages.STAYS_EMERGENCY, "kind")


def forbidden(body: str, wordings: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """The first phrase in a text that should not be said to a customer, and what to say instead."""
    plain = "".join(body.split()).casefold()
    return next((w for w in wordings if "".join(w[0].split()).casefold() in plain), None)
