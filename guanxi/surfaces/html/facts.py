"""A record's fields as facts: read first, edited in place."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from guanxi.surfaces.fields import NUMERIC, Field
from guanxi.surfaces.html import maps
from guanxi.surfaces.html.cells import EDITABLE
from guanxi.surfaces.html.formats import BLANK, Formatter
from guanxi.surfaces.html.requests import record_url
from guanxi.surfaces.listing import Listing, Row
from guanxi.surfaces.records import RecordType

COPYABLE = frozenset({"code", "phone", "email", "url"})
EDITED_HERE = EDITABLE | {"longtext", "refs", "multichoice"}


@dataclass(frozen=True)
class Fact:
    """One field's value and what can be done with it."""

    name: str
    label: str
    html: Any
    title: str = ""
    copy: str = ""
    edit_url: str = ""
    history_url: str = ""
    reveal_url: str = ""


@dataclass(frozen=True)
class FactSection:
    """Facts under a heading."""

    key: str
    label: str
    facts: list[Fact]
    is_open: bool = True


def sections(
    listing: Listing, row: Row, formatter: Formatter, *, can_change: bool
) -> list[FactSection]:
    """The sections of a record's page; a section without any fact is left out."""
    record_type = listing.type
    found = []
    for section in record_type.sections:
        fields = [
            f
            for f in listing.fields.values()
            if ("custom" if f.is_custom else f.section) == section.key
        ]
        facts = [
            on_map(listing, row, f, one_fact(record_type, row, f, formatter, can_change=can_change))
            for f in fields
        ]
        if facts:
            found.append(FactSection(section.key, str(section.label), facts, section.is_open))
    return found


def on_map(listing: Listing, row: Row, field: Field, fact: Fact) -> Fact:
    """An address leads to the map; anything else stays as it is."""
    if field.look != maps.ADDRESS or not fact.html or not field.is_clear(listing.actor):
        return fact
    return replace(fact, html=maps.linked(str(fact.html), maps.map_url(listing, row)))


def one_fact(
    record_type: RecordType, row: Row, field: Field, formatter: Formatter, *, can_change: bool
) -> Fact:
    """A field of a record as this reader sees it."""
    value = row.values.get(field.name)
    is_clear = field.is_clear(formatter.actor)
    is_blank = value in BLANK and value is not False
    may_edit = can_change and is_clear and not field.readonly and field.type in EDITED_HERE
    may_reveal = (
        not is_clear and not is_blank and record_type.reveal
        and formatter.actor.can(record_type.reveal) and not row.is_veiled
    )  # fmt: skip
    return Fact(
        field.name,
        str(field.label),
        "" if is_blank else _html(field, value, formatter),
        title=formatter.moment(value) if isinstance(value, datetime) else "",
        copy=str(value)
        if (field.type in COPYABLE or field.look == maps.ADDRESS) and is_clear and not is_blank
        else "",
        edit_url=record_url(record_type, row.pk, f"fact/{field.name}/") if may_edit else "",
        history_url=record_url(record_type, row.pk, f"history/{field.name}/")
        if not field.readonly
        else "",
        reveal_url=record_url(record_type, row.pk, f"reveal/{field.name}/") if may_reveal else "",
    )


def _html(field: Field, value: Any, formatter: Formatter) -> Any:
    if isinstance(value, datetime) and field.look != "deadline":
        return formatter.moment(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if field.type in NUMERIC:
        return formatter.text(field, value)
    return formatter.html(field, value)
