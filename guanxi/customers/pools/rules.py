"""What must be true of shares, substitutes and pools: pure functions on typed values."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
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


# Pools --------------------------------------------------------------------------------------------
def check_pool(values: dict[str, Any], tiers: Collection[str]) -> dict[str, Any]:
    """Caps per tier are numbers by tier."""
    caps = values.get("tier_caps")
    if caps:
        is_map = isinstance(caps, Mapping) and set(caps) <= set(tiers)
        if not is_map or not all(_is_count(value) for value in caps.values()):
            raise RuleViolation("bad_tier_caps", messages.BAD_TIER_CAPS, "tier_caps")
        values = {**values, "tier_caps": {tier: int(value) for tier, value in caps.items()}}
    return values


def _is_count(value: Any) -> bool:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return (is_whole and value >= 0) or (
        isinstance(value, str) and value.isascii() and value.isdigit()
    )


def check_rule(rule: Mapping[str, Any], date_fields: Collection[str]) -> None:
    """A rule in force says which customers, what counts, and warns within its days."""
    if rule.get("is_on") and not (rule.get("condition") or rule.get("audience")):
        raise RuleViolation("needs_condition", messages.NEEDS_CONDITION, "condition")
    if not 1 <= (rule.get("days") or 0) <= 3650:
        raise RuleViolation("bad_days", messages.BAD_DAYS, "days")
    if (rule.get("warn_days") or 0) >= (rule.get("days") or 0):
        raise RuleViolation("warns_too_early", messages.WARNS_TOO_EARLY, "warn_days")
    if rule.get("measure") == "past_date" and rule.get("date_field") not in date_fields:
        raise RuleViolation("needs_date_field", messages.NEEDS_DATE_FIELD, "date_field")


def check_cooldown(released_at: datetime, days: int, at: datetime) -> None:
    """The last owner waits, so that nobody lets customers lie and takes them back."""
    free_at = released_at + timedelta(days=days)
    if at < free_at:
        raise RuleViolation("cooling_down", messages.COOLING_DOWN, day=free_at.date().isoformat())


def check_unlocked(locked_until: datetime | None, at: datetime) -> None:
    """A locked customer stays where it is."""
    if locked_until is not None and locked_until > at:
        raise RuleViolation("locked", messages.LOCKED, day=locked_until.date().isoformat())


def check_book(owned: int, most: int, name: str) -> None:
    """One person looks after so many customers at most."""
    if owned >= most:
        raise RuleViolation("book_full", messages.BOOK_FULL, name=name, most=most)


def check_tier(owned: int, most: int, name: str) -> None:
    """One person looks after so many customers of a tier at most."""
    if owned >= most:
        raise RuleViolation("tier_full", messages.TIER_FULL, name=name, most=most)
