"""What applying a pack would do: written, here and last written are compared leaf by leaf.

A leaf is a key of an object, or of a mapping that its section merges (the rights of a role). One
that is here as the pack wrote it last follows the pack. One that was edited here stays, and
that is said. What nobody knows the origin of counts as edited.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

Leaves = dict[tuple[str, ...], Any]
MISSING: Final = "\0missing"
UNKNOWN: Final = "\0unknown"


class State(StrEnum):
    """What would become of an object."""

    NEW = "new"
    CHANGED = "changed"
    KEPT = "kept"
    SAME = "same"
    ARCHIVED = "archived"
    REMOVED = "removed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Change:
    """One leaf: what is here, and what the pack wants."""

    path: tuple[str, ...]
    here: Any
    wanted: Any


@dataclass(frozen=True)
class Step:
    """One object: what would be written, what stays as edited here, what is remembered then."""

    section: str
    name: str
    state: State
    place: str = ""
    changes: tuple[Change, ...] = ()
    kept: tuple[Change, ...] = ()
    values: Mapping[str, Any] | None = None
    remembered: Mapping[str, Any] | None = None

    @property
    def key(self) -> str:
        """The object as `--take` names it."""
        return f"{self.section}/{self.name}"

    @property
    def writes(self) -> bool:
        """Whether something would be written."""
        return self.state is State.NEW or bool(self.changes)


@dataclass(frozen=True)
class Known:
    """What is known of one object: here now, last written by the pack, and how freely to go.

    `merged` are the keys whose mappings are compared key by key.
    """

    here: Mapping[str, Any] | None
    is_here: bool
    written: Mapping[str, Any] | None
    merged: frozenset[str] = frozenset()
    is_taken: bool = False
    is_additions_only: bool = False

    def leaves(self, values: Mapping[str, Any]) -> Leaves:
        """The values of an object by path."""
        return leaves(values, self.merged)


def plan(section: str, name: str, wanted: Mapping[str, Any], known: Known, place: str) -> Step:
    """Decide what becomes of one object of a pack."""
    if not known.is_here:
        state = State.NEW if known.written is None or known.is_taken else State.REMOVED
        is_new = state is State.NEW
        changes = (
            tuple(Change(p, MISSING, v) for p, v in known.leaves(wanted).items()) if is_new else ()
        )
        values = wanted if is_new else None
        return Step(section, name, state, place, changes, (), values, wanted)
    if known.here is None:
        return Step(section, name, State.ARCHIVED, place, remembered=wanted)
    return _compare(section, name, wanted, known, place)


def _compare(section: str, name: str, wanted: Mapping[str, Any], known: Known, place: str) -> Step:
    here, want = known.leaves(known.here or {}), known.leaves(wanted)
    base = known.leaves(known.written) if known.written is not None else None
    result, remembered = dict(here), dict(want)
    changes, kept = [], []
    for path in sorted({*here, *want}):
        change = Change(path, here.get(path, MISSING), want.get(path, MISSING))
        was = UNKNOWN if base is None else base.get(path, MISSING)
        if change.here == change.wanted:
            continue
        if not (known.is_taken or change.here == was):
            kept.append(change)
        elif known.is_additions_only and change.here != MISSING:
            _put(remembered, path, was)  # Not this time, and not forgotten.
        else:
            _put(result, path, change.wanted)
            changes.append(change)
    state = State.CHANGED if changes else State.KEPT if kept else State.SAME
    return Step(
        section, name, state, place, tuple(changes), tuple(kept), nested(result), nested(remembered)
    )


def _put(into: Leaves, path: tuple[str, ...], value: Any) -> None:
    if value == MISSING:
        into.pop(path, None)
    else:
        into[path] = value


def leaves(values: Mapping[str, Any], merged: frozenset[str]) -> Leaves:
    """Values by path: the merged mappings key by key, so that an empty one has no leaf."""
    found: Leaves = {}
    for key, value in values.items():
        if key in merged:
            found |= {(key, inner): each for inner, each in value.items()}
        else:
            found[(key,)] = value
    return found


def nested(found: Leaves) -> dict[str, Any]:
    """The values that leaves were made from."""
    values: dict[str, Any] = {}
    for path, value in found.items():
        if len(path) == 1:
            values[path[0]] = value
        else:
            values.setdefault(path[0], {})[path[1]] = value
    return values


def unknown_names(steps: Collection[Step], names: Collection[str]) -> list[str]:
    """The names to take that no object of the pack has."""
    return sorted(set(names) - {step.key for step in steps})
