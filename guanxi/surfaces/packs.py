"""Sections of packs for plain records: what the generic services write needs no code."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.packs import Part, Section, Values, declare_section
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import RecordType, get_record_type
from guanxi.surfaces.services import change_record, create_record

Reader = Callable[[Part, Field], Any]
First = Callable[[Values, datetime], Values]
MOST: Final = 2**31 - 1


def _text(part: Part, field: Field) -> str:
    longest = field.max_length or 20_000
    return part.text(field.name, is_required=bool(field.required), longest=longest)


def _choice(part: Part, field: Field) -> str:
    allowed = [str(value) for value, _label in field.choices or ()]
    if not field.required and field.name not in part.values:
        return ""
    return part.choice(field.name, allowed)


def _integer(part: Part, field: Field) -> int | None:
    if field.is_ever_blank and field.name not in part.values:
        return None
    return part.number(field.name, -MOST, MOST)


READERS: Final[Mapping[str, Reader]] = {
    "text": _text,
    "longtext": _text,
    "code": _text,
    "choice": _choice,
    "integer": _integer,
    "boolean": lambda part, field: part.flag(field.name),
    "condition": lambda part, field: part.part(field.name).plain(),
    "json": lambda part, field: part.part(field.name).plain(),
}


def declare_records(
    section: str,
    record_key: str,
    fields: tuple[str, ...],
    *,
    name: str = "name",
    order: int = 100,
    first: First | None = None,
) -> Section:
    """Let packs bring records of a type: `fields` beside the one that names them.

    Only fields of the types in READERS; what refers to other records takes a section of its own.
    A new record also gets what is true `first`, by its values and when it is made.
    """
    kind = get_record_type(record_key)
    wanted = {field: kind.declared()[field] for field in fields}

    def read(part: Part) -> Values:
        part.only(*wanted)
        values = {key: READERS[field.type](part, field) for key, field in wanted.items()}
        if kind.hooks.check:
            try:
                kind.hooks.check({name: part.name, **values}, {})
            except RuleViolation as error:
                raise part.fault(error.message, error.field or "", **error.params) from error
        return values

    def current() -> Mapping[str, Values | None]:
        rows = kind.model._base_manager.values(name, "archived_at", *wanted)
        return {
            row[name]: None if row["archived_at"] else {key: row[key] for key in wanted}
            for row in rows
        }

    def write(entries: Mapping[str, Values], actor: Actor, at: datetime) -> None:
        added = {key: {**(first(v, at) if first else {}), **v} for key, v in entries.items()}
        _write(kind, name, entries, added, actor=actor, at=at)

    return declare_section(
        Section(section, kind.label_plural, read, current, write, kind.allows("change"), order)
    )


def _write(
    kind: RecordType,
    name: str,
    entries: Mapping[str, Values],
    added: Mapping[str, Values],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    rows = kind.model._base_manager.filter(**{f"{name}__in": list(entries)})
    here = {key: (pk, version) for key, pk, version in rows.values_list(name, "pk", "version")}
    for key, values in entries.items():
        if key in here:
            pk, version = here[key]
            change_record(kind, pk, values, version=version, actor=actor, at=at)
        else:
            create_record(kind, {name: key, **added[key]}, actor=actor, at=at)
