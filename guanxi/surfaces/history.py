"""What happened to one record, field by field, as this reader may see it (CUS-15, B12)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guanxi.kernel.actor import Actor, Level
from guanxi.kernel.events import changes_of
from guanxi.kernel.models import Event
from guanxi.surfaces.fields import Field
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.records import RecordType

_PARTS = frozenset({"changes", "personal_fields"})


@dataclass(frozen=True)
class Change:
    """One field before and after; `is_masked` when the reader sees it masked."""

    name: str
    label: str
    old: Any
    new: Any
    is_masked: bool
    field: Field | None


@dataclass(frozen=True)
class Entry:
    """One event of a record's life."""

    event: Event
    changes: Sequence[Change]
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class History:
    """A stretch of a record's life, newest first; `next_before` continues it, 0 ends it."""

    entries: Sequence[Entry]
    next_before: int


def read_history(
    record_type: RecordType,
    pk: Any,
    *,
    before: int = 0,
    size: int = 50,
    actor: Actor,
    at: datetime,
) -> History:
    """The events of a record in scope, or NotFound; hidden fields are left out of them."""
    listing = Listing(record_type, actor, at=at)
    listing.stand_before(pk)
    rows = Event.objects.filter(subject_type=record_type.key, subject_id=str(pk))
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("detail").order_by("-pk")[: size + 1])
    entries = [as_entry(listing, event) for event in found[:size]]
    return History(entries, found[size - 1].pk if len(found) > size else 0)


def as_entry(listing: Listing, event: Event) -> Entry:
    """An event with its changes as the reader of this listing may see them."""
    facts = {name: value for name, value in event.data.items() if name not in _PARTS}
    return Entry(event, list(_changes(listing, event)), facts)


def _changes(listing: Listing, event: Event) -> Iterator[Change]:
    for name, (old, new) in changes_of(event).items():
        field = listing.every_field.get(name)
        # A custom field that is gone has lost its group: nobody can tell who may see it.
        is_gone = field is None and name.startswith("x_")
        level = listing.actor.level(field.group if field else None)
        if is_gone or level is Level.HIDDEN:
            continue
        yield Change(
            name=name,
            label=str(field.label) if field else name,
            old=listing.seen(name, old),
            new=listing.seen(name, new),
            is_masked=level is Level.MASKED,
            field=field,
        )
