"""The rows of an export: those of the screen, as far as the export right reaches (B08)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext

from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor
from guanxi.kernel.identifiers import shown_phone
from guanxi.surfaces.amounts import in_major
from guanxi.surfaces.exporting.writing import Column, Value
from guanxi.surfaces.fields import Field
from guanxi.surfaces.listing import Listing, ListRequest, Masked

_KINDS = {
    "integer": "integer",
    "decimal": "decimal",
    "money": "money",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "longtext": "longtext",
}


class ExportListing(Listing):
    """The list as its reader sees it, narrowed to the rows that they may take out."""

    ids: tuple[int, ...] = ()

    def base(
        self, *paths: str, asked: frozenset[str] | None = None, is_walked: bool = False
    ) -> QuerySet[Any]:
        """Rows in sight that the export right covers, the ticked ones when some were ticked."""
        every = super().base(*paths, asked=asked, is_walked=is_walked)
        rows = visible(self.actor, self.type.allows("export"), every)
        return rows.filter(pk__in=self.ids) if self.ids else rows

    def sheet_columns(self, request: ListRequest) -> list[Column]:
        """The headings, typed as far as the values come out typed."""
        return [
            Column(str(f.label), _KINDS.get(f.type, "text") if f.is_clear(self.actor) else "text")
            for f in self.columns(request)
        ]

    def sheet_rows(
        self, request: ListRequest, note: Callable[[int], None]
    ) -> Iterator[list[Value]]:
        """Every row as sheet values; `note` hears after each chunk how many have come."""
        writers = [(f.name, _writer(f, self.actor)) for f in self.columns(request)]
        done = 0
        for rows in self.iterate(request):
            for row in rows:
                yield [_written(write, row.values[name]) for name, write in writers]
            done += len(rows)
            note(done)


def _written(write: Callable[[Any], Value], value: Any) -> Value:
    """A value as its column is written; what this row masks stays as it is shown."""
    return str(value) if isinstance(value, Masked) else write(value)


def _writer(field: Field, actor: Actor) -> Callable[[Any], Value]:
    """How a value of a field stands in a sheet; a masked one is text already."""
    if not field.is_clear(actor):
        return lambda value: "" if value is None else str(value)
    if field.type in {"choice", "multichoice"}:
        return partial(_choices, {key: str(label) for key, label in field.choices})
    if field.type == "datetime":
        return partial(_moment, ZoneInfo(actor.time_zone))
    return _WRITERS.get(field.type, _plain)


def _plain(value: Any) -> Value:
    if value is None or isinstance(value, str | int | float | Decimal | bool | date):
        return value
    return str(value)


def _choices(labels: Mapping[str, str], value: Any) -> str:
    chosen = value if isinstance(value, list) else [value]
    return gettext(", ").join(labels.get(item, str(item)) for item in chosen if item)


def _moment(zone: ZoneInfo, value: Any) -> Value:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.astimezone(zone).replace(tzinfo=None) if value else None


def _money(value: Any) -> Value:
    return None if value is None else in_major(value, getattr(value, "currency", "CNY"))


def _reference(value: Any) -> str:
    return str(value["label"]) if value else ""


def _several(value: Any) -> str:
    return gettext(", ").join(str(item["label"]) for item in value or [])


def _phone(value: Any) -> str:
    return shown_phone(str(value)) if value else ""


_WRITERS: dict[str, Callable[[Any], Value]] = {
    "money": _money,
    "ref": _reference,
    "refs": _several,
    "phone": _phone,
}
