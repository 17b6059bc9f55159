"""What must be true of shares, substitutes and pools: pure functions on typed values."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from guanxi.customers.pools import messages
from guanxi.kernel.errors import RuleViolation

MOST_SHARES: Final = 500
"""Open shares with one receiver: every list of theirs names each of them."""


# Shares and substitutes ---------------------------------------------------------------------------
def check_receiver(receivers: Sequence[Any]) -> None:
    """A share is with exactly one person, team or department."""
    if sum(each is not None for each in receivers) != 1:
        raise RuleViolation("one_receiver", messages.ONE_RECEIVER, "with_user")


def check_end(until: datetime | None, at: datetime) -> None:
    """What would be over already is not begun."""
    if until is not None and until <= at:
        raise RuleViolation("over_already", messages.OVER_ALREADY, "until")


def check_share_count(count: int) -> None:
    """Nobody is given more single records than their lists can bear."""
    if count >= MOST_SHARES:
        raise RuleViolation(
            "too_many_shares", messages.TOO_MANY_SHARES, "with_user", most=MOST_SHARES
        )


def check_substitution(
    person_id: int, substitute_id: int, starts_at: datetime, until: datetime
) -> None:
    """Two people and a stretch of time."""
    if person_id == substitute_id:
        raise RuleViolation("not_oneself", messages.NOT_ONESELF, "substitute")
    if until <= starts_at:
        raise RuleViolation("ends_first", messages.ENDS_FIRST, "until")
