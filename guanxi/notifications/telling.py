"""Notifications as their receiver reads them: in their language, with their rights, their zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext

from guanxi.kernel.actor import Actor
from guanxi.notifications.declarations import Kind, kinds
from guanxi.notifications.models import Notification
from guanxi.notifications.rules import in_one_line
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.naming import titles_of
from guanxi.surfaces.records import RecordType, get_record_type

LONGEST_NAME: Final = 80


@dataclass(frozen=True)
class Told:
    """One notification in words; out of the receiver's scope it names no record, leads nowhere."""

    id: str
    kind: str
    label: str
    icon: str
    title: str
    url: str
    at: datetime
    is_new: bool
    is_settled: bool


class _Words(dict[str, str]):
    """Params of a title; what an older version did not write is blank."""

    def __missing__(self, key: str) -> str:
        return ""


def tell_all(rows: Sequence[Notification], actor: Actor, at: datetime) -> list[Told]:
    """Put notifications into words for their receiver: one query for each type of record."""
    names, formatter = _names(rows, actor), Formatter(actor, at)
    return [_tell(row, names.get((row.subject_type, row.subject_id)), formatter) for row in rows]


def _tell(row: Notification, name: str | None, formatter: Formatter) -> Told:
    kind = kinds().get(row.kind) or Kind(row.kind, row.kind, gettext("Notification"))
    record_type = _type_of(row)
    words = _Words(
        (key, _moment(value, formatter) if key.endswith("_at") else str(value))
        for key, value in row.params.items()
    )
    words["record"] = name or (str(record_type.label) if record_type else "")
    is_shown = record_type is not None and name is not None
    return Told(
        id=str(row.pk),
        kind=row.kind,
        label=str(kind.label),
        icon=kind.icon,
        title=in_one_line(str(kind.title) % words),
        url=f"/{record_type.plural}/{row.subject_id}/" if is_shown and record_type else "",
        at=row.not_before,
        is_new=row.read_at is None and row.settled_at is None,
        is_settled=row.settled_at is not None,
    )


def _moment(value: Any, formatter: Formatter) -> str:
    try:
        return formatter.moment(datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _type_of(row: Notification) -> RecordType | None:
    try:
        return get_record_type(row.subject_type)
    except KeyError:
        return None


def _names(rows: Sequence[Notification], actor: Actor) -> Mapping[tuple[str, str], str]:
    """What the subjects are called, as far as the receiver sees them."""
    wanted: dict[str, set[str]] = {}
    for row in rows:
        wanted.setdefault(row.subject_type, set()).add(row.subject_id)
    found: dict[tuple[str, str], str] = {}
    for key, ids in wanted.items():
        record_type = next((t for t in map(_type_of, rows) if t and t.key == key), None)
        if record_type is not None and actor.can(record_type.allows("view")):
            found |= {(key, pk): name for pk, name in _names_of(record_type, ids, actor)}
    return found


def _names_of(record_type: RecordType, ids: set[str], actor: Actor) -> list[tuple[str, str]]:
    found = titles_of(record_type, record_type.in_scope(actor).filter(pk__in=ids), actor)
    return [(str(pk), title[:LONGEST_NAME]) for pk, title in found.items()]
