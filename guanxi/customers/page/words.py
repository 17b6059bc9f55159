"""What events say about fields, in words and no clearer than the reader's levels allow (B12)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext

from guanxi.customers import queries
from guanxi.kernel.access import masked
from guanxi.kernel.actor import Actor
from guanxi.kernel.events import changes_of
from guanxi.kernel.models import Event
from guanxi.surfaces import parsing
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html.formats import BLANK, Formatter, national
from guanxi.surfaces.listing import Money
from guanxi.surfaces.records import get_record_type

LONGEST: Final = 160


@dataclass(frozen=True)
class Change:
    """One changed field: what it said and what it says now."""

    name: str
    label: str
    before: str
    after: str

    @property
    def is_short(self) -> bool:
        """Whether old and new fit into the sentence itself."""
        return len(self.before) + len(self.after) <= 32


def cut(text: str, longest: int = LONGEST) -> str:
    """The beginning of a long text."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


class FieldWords:
    """Writes the field values of events for one reader; loads the names they refer to at once."""

    def __init__(self, actor: Actor, formatter: Formatter) -> None:
        self.actor, self.formatter = actor, formatter
        self._fields: dict[str, Mapping[str, Field]] = {}
        self._labels: dict[tuple[str, int], str] = {}

    def load(self, events: Iterable[Event]) -> None:
        """Read the names of every record that these events refer to."""
        wanted: dict[str, set[int]] = {}
        for event in events:
            for name, pair in changes_of(event).items():
                field = self.field(event.subject_type, name)
                if field is not None and field.type in {"ref", "refs"}:
                    wanted.setdefault(field.ref, set()).update(_ids(pair))
        missing = {
            key: {pk for pk in ids if (key, pk) not in self._labels} for key, ids in wanted.items()
        }
        found = {key: ids for key, ids in missing.items() if ids}
        self._labels.update(queries.get_labels(found, self.actor))

    def field(self, key: str, name: str) -> Field | None:
        """A declared or custom field of a record type."""
        if key not in self._fields:
            self._fields[key] = get_record_type(key).declared()
        if name.startswith("x_") and name not in self._fields[key]:
            self._fields[key] = get_record_type(key).all_fields()
        return self._fields[key].get(name)

    def changes(self, event: Event) -> list[Change]:
        """The changes of an event that the reader may see, in the order of the record's fields."""
        pairs = changes_of(event)
        names = sorted(pairs, key=self._place(event.subject_type))
        found = (self.change(event, name, pairs[name]) for name in names)
        return [change for change in found if change is not None]

    def _place(self, key: str) -> Any:
        self.field(key, "")
        order = {name: number for number, name in enumerate(self._fields[key])}
        return lambda name: order.get(name, len(order))

    def change(self, event: Event, name: str, pair: list[Any]) -> Change | None:
        """One change in words; None when the field is hidden from the reader or gone."""
        field = self.field(event.subject_type, name)
        if field is None or not field.is_visible(self.actor):
            return None
        currency = str((changes_of(event).get("currency") or ["", "CNY"])[1] or "CNY")
        before, after = (self.value(field, raw, currency) for raw in pair)
        return Change(name, str(field.label), before, after)

    def value(self, field: Field, raw: Any, currency: str = "CNY") -> str:
        """One value as the event keeps it, in words."""
        if raw in BLANK:
            return ""
        if not field.is_clear(self.actor):
            return masked(field.group, raw)
        if field.type == "phone":
            return national(str(raw), self.actor.locale)
        return cut(self.formatter.text(field, self._typed(field, raw, currency)))

    def _typed(self, field: Field, raw: Any, currency: str) -> Any:
        if field.type == "ref":
            return {"id": raw, "label": self.name(field.ref, raw)}
        if field.type == "refs":
            return [{"id": pk, "label": self.name(field.ref, pk)} for pk in raw]
        if field.type == "money" and isinstance(raw, int):
            return Money(raw, currency)
        return parsing.from_stored(field, raw)

    def name(self, key: str, pk: int) -> str:
        """What a referenced record is called, if the reader may know."""
        return self._labels.get((key, pk)) or gettext("another record")


def _ids(pair: Iterable[Any]) -> set[int]:
    found: set[int] = set()
    for value in pair:
        found.update(value if isinstance(value, list) else [value] if value else [])
    return {pk for pk in found if isinstance(pk, int)}
