"""Rules of people: passwords, departments, roles, tokens and sessions; no database, no clock."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from hmac import compare_digest
from itertools import pairwise
from typing import Any, Final, TypeVar
from zoneinfo import available_timezones

from guanxi.kernel.actor import Level, Reach
from guanxi.kernel.errors import RuleViolation, RuleViolations
from guanxi.kernel.folding import half_width
from guanxi.people.refusals import violation

LONGEST_PASSWORD: Final = 1024
SHORTEST_NAME_IN_PASSWORD: Final = 3
DEEPEST_DEPARTMENT: Final = 12
LONGEST_TOKEN_DAYS: Final = 366
LONGEST_USERNAME: Final = 80
_CLASSES_NEEDED: Final = 3
_ROLE_CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")
_USERNAME_MARKS: Final = frozenset("._-@")


@dataclass(frozen=True)
class PasswordPolicy:
    """How strict passwords are: lengths, classes, memory and age."""

    shortest: int
    needs_classes: bool
    remembered: int
    max_age: timedelta | None


STANDARD: Final = PasswordPolicy(8, needs_classes=False, remembered=0, max_age=None)
STRICT: Final = PasswordPolicy(10, needs_classes=True, remembered=5, max_age=timedelta(days=90))


def check_password(
    password: str,
    policy: PasswordPolicy,
    *,
    common: Container[str],
    names: Iterable[str],
) -> None:
    """Refuse a password that is too short, too long, well known, simple or made of a name."""
    if len(password) > LONGEST_PASSWORD:
        raise violation("password_too_long", "password", length=LONGEST_PASSWORD)
    broken = list(_password_faults(password, policy, common, names))
    if broken:
        raise RuleViolations(broken)


def _password_faults(
    password: str, policy: PasswordPolicy, common: Container[str], names: Iterable[str]
) -> Iterable[RuleViolation]:
    if len(password) < policy.shortest:
        yield violation("password_too_short", "password", length=policy.shortest)
    if is_common(password, common):
        yield violation("password_common", "password")
    if contains_name(password, names):
        yield violation("password_contains_name", "password")
    if is_monotonous(password):
        yield violation("password_too_simple", "password")
    if policy.needs_classes and count_classes(password) < _CLASSES_NEEDED:
        yield violation("password_too_few_classes", "password")


def is_common(password: str, common: Container[str]) -> bool:
    """Whether a list of top passwords has it, also with digits and marks around the word."""
    plain = _folded(password)
    word = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    return plain in common or (len(word) >= len(plain) - 5 and len(word) > 3 and word in common)


def contains_name(password: str, names: Iterable[str]) -> bool:
    """Whether a name stands inside the password: three letters, or two Chinese characters."""
    plain = _letters(password)
    return any(len(n) >= _shortest(n) and n in plain for n in map(_letters, names))


def _shortest(name: str) -> int:
    return SHORTEST_NAME_IN_PASSWORD if name.isascii() else SHORTEST_NAME_IN_PASSWORD - 1


def is_monotonous(password: str) -> bool:
    """Whether it is one character repeated or a single run such as 12345678 or hgfedcba."""
    steps = {ord(b) - ord(a) for a, b in pairwise(password)}
    return len(steps) == 1 and steps <= {-1, 0, 1}


def count_classes(password: str) -> int:
    """Count which of capitals, small letters, digits and other characters occur."""
    return sum(
        (
            any(c.isupper() for c in password),
            any(c.islower() for c in password),
            any(c.isdigit() for c in password),
            any(not c.isalnum() for c in password),
        )
    )


def _folded(text: str) -> str:
    return half_width(text).casefold()


def _letters(text: str) -> str:
    return "".join(c for c in _folded(text) if c.isalnum())


def is_password_stale(changed_at: datetime | None, policy: PasswordPolicy, at: datetime) -> bool:
    """Whether the password is older than the profile allows."""
    if policy.max_age is None:
        return False
    return changed_at is None or at - changed_at >= policy.max_age


def check_username(username: str) -> None:
    """Refuse user names with blanks, controls or odd marks; the name is in its normal form."""
    if not username:
        raise violation("username_required", "username")
    fits = 2 <= len(username) <= LONGEST_USERNAME
    if not fits or not all(c.isalnum() or c in _USERNAME_MARKS for c in username):
        raise violation("username_characters", "username")


def known_time_zones() -> set[str]:
    """The zones of the time zone database that mean the same on every machine."""
    return available_timezones() - {"Factory", "localtime"}


def offered_time_zones() -> list[str]:
    """The zones that name a place, and UTC: what people choose from."""
    places = (name for name in known_time_zones() if "/" in name)
    return ["UTC", *sorted(name for name in places if not name.startswith(("Etc/", "SystemV/")))]


def check_time_zone(name: str) -> None:
    """Refuse time zones that are not in the time zone database."""
    if name not in known_time_zones():
        raise violation("unknown_time_zone", "time_zone")


def check_move(path: str, parent_path: str) -> None:
    """Refuse to hang a department below itself or deeper than the tree may grow."""
    if path and parent_path.startswith(path):
        raise violation("department_cycle", "parent")
    if parent_path.count("/") > DEEPEST_DEPARTMENT:
        raise violation("department_too_deep", "parent", depth=DEEPEST_DEPARTMENT)


def path_ids(path: str) -> list[int]:
    """Return the department ids of a path from the root down."""
    return [int(part) for part in path.split("/") if part]


def check_role_code(code: str) -> None:
    """Refuse role codes that do not look like a word of the code base."""
    if not _ROLE_CODE.fullmatch(code):
        raise violation("role_code_characters", "code")


def check_grants(grants: Any, known: Container[str]) -> dict[str, Reach]:
    """Return the grants as reaches, refusing permissions and reaches that do not exist."""
    checked: dict[str, Reach] = {}
    for permission, reach in _pairs(grants, "grants"):
        if permission not in known:
            raise violation("unknown_permission", "grants", permission=str(permission)[:80])
        found = _member(Reach, reach)
        if found is None:
            raise violation("unknown_reach", "grants", reach=str(reach)[:20])
        checked[permission] = found
    return checked


def check_levels(levels: Any, known: Container[str]) -> dict[str, Level]:
    """Return the levels, refusing groups and levels that do not exist."""
    checked: dict[str, Level] = {}
    for group, level in _pairs(levels, "levels"):
        if group not in known:
            raise violation("unknown_group", "levels", group=str(group)[:80])
        found = _member(Level, level)
        if found is None:
            raise violation("unknown_level", "levels", level=str(level)[:20])
        checked[group] = found
    return checked


def _pairs(given: Any, field: str) -> list[tuple[Any, Any]]:
    if not isinstance(given, Mapping):
        raise violation("not_pairs", field)
    return list(given.items())


E = TypeVar("E", bound=IntEnum)


def _member(words: type[E], given: Any) -> E | None:
    """The member that a number or a name means."""
    if isinstance(given, str):
        return words.__members__.get(given.upper())
    if isinstance(given, int) and not isinstance(given, bool):
        return next((member for member in words if member == given), None)
    return None


def merge_grants(rows: Iterable[tuple[str, int]]) -> dict[str, Reach]:
    """Return the farthest reach per permission over all roles of a person."""
    merged: dict[str, Reach] = {}
    for permission, reach in rows:
        merged[permission] = max(merged.get(permission, Reach.OWN), Reach(reach))
    return merged


def merge_levels(rows: Iterable[tuple[str, int]]) -> dict[str, Level]:
    """Return the clearest level per field group over all roles of a person."""
    merged: dict[str, Level] = {}
    for group, level in rows:
        merged[group] = max(merged.get(group, Level.HIDDEN), Level(level))
    return merged


def area_and_verb(permission: str) -> tuple[str, str]:
    """Split `people.users.view` or `customers.view` into its record type and its verb."""
    head, _dot, verb = permission.rpartition(".")
    return head.rpartition(".")[2], verb


def narrow_grants(
    grants: Mapping[str, Reach], scopes: Mapping[str, str], refused: Container[str]
) -> dict[str, Reach]:
    """Return what is left of a person's grants under the scopes of a token (A17)."""

    def allows(permission: str) -> bool:
        area, verb = area_and_verb(permission)
        scope = scopes.get(area, scopes.get("*", ""))
        return scope == "write" or (scope == "read" and verb == "view")

    return {p: r for p, r in grants.items() if p not in refused and allows(p)}


def check_scopes(scopes: Any, areas: Container[str]) -> dict[str, str]:
    """Return the scopes of a token, refusing empty ones and unknown record types."""
    if not isinstance(scopes, Mapping) or not scopes:
        raise violation("token_needs_scope", "scopes")
    for area, scope in scopes.items():
        if area != "*" and area not in areas:
            raise violation("unknown_scope", "scopes", scope=str(area)[:40])
        if scope not in ("read", "write"):
            raise violation("unknown_scope", "scopes", scope=str(scope)[:40])
    return dict(scopes)


def check_token_days(days: int) -> None:
    """Refuse tokens that would last for ever."""
    if not 1 <= days <= LONGEST_TOKEN_DAYS:
        raise violation("token_lifetime", "days", days=LONGEST_TOKEN_DAYS)


def session_end(
    signed_in_at: datetime,
    seen_at: datetime,
    at: datetime,
    *,
    idle: timedelta,
    absolute: timedelta,
) -> str | None:
    """Return why a session is over at an instant, or None while it lasts (E06)."""
    if at - signed_in_at >= absolute:
        return "expired"
    if at - seen_at >= idle:
        return "idle"
    return None


def surplus_sessions(open_sessions: Sequence[int], limit: int) -> list[int]:
    """Return the sessions to end, oldest first given, so that at most `limit` stay open."""
    return list(open_sessions[: max(0, len(open_sessions) - limit)])


def recent_guesses(guesses: Iterable[int], at: datetime, window: timedelta) -> list[int]:
    """Return the wrong guesses (in seconds of the epoch) that still count."""
    since = int((at - window).timestamp())
    return [guess for guess in guesses if guess > since]


def seconds_until_free(guesses: Sequence[int], at: datetime, window: timedelta) -> int:
    """Return how long until the oldest counted guess is forgotten."""
    return max(1, min(guesses) + int(window.total_seconds()) - int(at.timestamp()))


def same_code(given: str, right: str) -> bool:
    """Compare codes in constant time."""
    return compare_digest(given.encode(), right.encode())
