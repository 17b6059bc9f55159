"""Records as JSON: what a row of a list and a single record look like to one reader."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from guanxi.kernel.access import row_levels
from guanxi.kernel.actor import Level
from guanxi.surfaces.fields import Field
from guanxi.surfaces.history import Entry
from guanxi.surfaces.listing import Listing, Masked, Money, Row

Document = dict[str, Any]


def documents(listing: Listing, columns: Iterable[Field], rows: Sequence[Row]) -> list[Document]:
    """The rows of a page; no object is built, the values are the listing's own."""
    write = writer(listing, list(columns))
    return [write(row) for row in rows]


def document(listing: Listing, row: Row) -> Document:
    """One record with every field that the reader sees."""
    return writer(listing, list(listing.fields.values()))(row)


def writer(listing: Listing, columns: Sequence[Field]) -> Callable[[Row], Document]:
    """A function from a row to its document; masked fields are named once per record."""
    masked = [c.name for c in columns if listing.actor.level(c.group) is Level.MASKED]
    money = _needing_currency(columns, masked)
    guards = {guard.group for guard in row_levels(listing.type.model)}
    guarded = [c.name for c in columns if c.group in guards and c.name not in masked]

    def write(row: Row) -> Document:
        found: Document = {
            "id": row.pk,
            "version": row.version,
            "archived_at": row.archived_at,
            **row.values,
            "_masked": masked + [n for n in guarded if isinstance(row.values[n], Masked)],
        }
        for name in money:
            if isinstance(row.values[name], Money):
                found["currency"] = row.values[name].currency
        return found

    return write


def _needing_currency(columns: Sequence[Field], masked: Sequence[str]) -> list[str]:
    """Amounts whose currency is not a column of its own."""
    if any(c.name == "currency" for c in columns):
        return []
    return [
        c.name for c in columns if c.type == "money" and c.currency_path and c.name not in masked
    ]


def entry_document(entry: Entry) -> Document:
    """One event of a record's history."""
    event = entry.event
    return {
        "id": event.pk,
        "kind": event.kind,
        "at": event.at,
        "actor": {"id": event.actor_user_id, "label": event.actor_label},
        "channel": event.channel,
        "changes": [
            {
                "field": change.name,
                "label": change.label,
                "old": change.old,
                "new": change.new,
                "is_masked": change.is_masked,
            }
            for change in entry.changes
        ],
        "facts": entry.facts,
    }
