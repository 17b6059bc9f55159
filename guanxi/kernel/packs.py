"""What a pack of YAML files may hold: domains declare sections, each with its own objects.

A section turns a written entry into plain JSON values, tells what is here now in the same form,
and writes what is decided.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Message

Values = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where something stands: a file and a line."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class PackFault(Exception):
    """What is wrong with a pack, and on which line."""

    def __init__(self, place: Place, message: Message, /, **params: Any) -> None:
        super().__init__(place, message, params)
        self.place, self.message, self.params = place, message, params

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"

    @property
    def text(self) -> str:
        """What is wrong, in the reader's language."""
        return str(self.message) % self.params if self.params else str(self.message)


@dataclass(frozen=True)
class Part:
    """A mapping of a pack's file; whoever reads a value that is wrong faults on its line."""

    place: Place
    values: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    name: str = ""

    def fault(self, message: Message, key: str = "", /, **params: Any) -> PackFault:
        """Something wrong with a key, or with the whole."""
        return PackFault(self.places.get(key, self.place), message, **params)

    def only(self, *known: str) -> None:
        """Refuse keys that nobody reads: mostly slips of the pen."""
        for key in self.values:
            if key not in known:
                raise self.fault(_("“%(key)s” is not known here."), key, key=key[:60])

    def text(self, key: str, *, is_required: bool = False, longest: int = 200) -> str:
        """A text, blank when it is not there."""
        value = self.values.get(key)
        if value is None:
            value = ""
        if not isinstance(value, str):
            raise self.fault(_("“%(key)s” must be a text; put it in quotes."), key, key=key)
        if is_required and not value.strip():
            raise self.fault(_("“%(key)s” is missing."), key, key=key)
        if len(value) > longest:
            message = _("“%(key)s” is longer than %(longest)s characters.")
            raise self.fault(message, key, key=key, longest=longest)
        return value.strip()

    def choice(self, key: str, allowed: Collection[str], default: str = "") -> str:
        """One of some words."""
        value = self.values.get(key, default)
        if value not in allowed:
            words = ", ".join(allowed)
            message = _("“%(key)s” must be one of %(words)s, not “%(value)s”.")
            raise self.fault(message, key, key=key, words=words, value=str(value)[:60])
        return str(value)

    def number(self, key: str, smallest: int, largest: int, default: int | None = None) -> int:
        """A whole number between two bounds."""
        value = self.values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.fault(_("“%(key)s” must be a whole number."), key, key=key)
        if not smallest <= value <= largest:
            message = _("“%(key)s” must lie between %(smallest)s and %(largest)s.")
            raise self.fault(message, key, key=key, smallest=smallest, largest=largest)
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Yes or no."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.fault(_("“%(key)s” must be true or false."), key, key=key)
        return value

    def texts(self, key: str) -> list[str]:
        """A list of texts, none when it is not there."""
        value = self.values.get(key) or []
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.fault(_("“%(key)s” must be a list of texts."), key, key=key)
        return list(value)

    def part(self, key: str) -> "Part":
        """A mapping inside this one, an empty one when it is not there."""
        value = self.values.get(key)
        if value is None:
            return Part(self.places.get(key, self.place))
        if not isinstance(value, Part):
            raise self.fault(_("“%(key)s” must be a mapping of keys to values."), key, key=key)
        return value

    def parts(self, key: str) -> "list[Part]":
        """A list of mappings, none when it is not there."""
        value = self.values.get(key) or []
        if not isinstance(value, list) or not all(isinstance(each, Part) for each in value):
            raise self.fault(_("“%(key)s” must be a list of mappings."), key, key=key)
        return list(value)

    def plain(self) -> Values:
        """Everything as plain values: what a condition, say, is written in."""
        return {key: _plain(value) for key, value in self.values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Part):
        return value.plain()
    return [_plain(each) for each in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Section:
    """One kind of object that packs bring, under its key in the files.

    `read` checks an entry and returns its values. `current` gives every object that is here by
    name, None for one that was archived here. `write` creates or changes the named ones so that
    they hold these values, through the domain's services and in the caller's transaction; it
    asks for the actor's rights. `merged` are the keys whose mappings are compared key by key.
    `origin` tells what a pack wrote before packs were remembered.
    """

    name: str
    label: Message
    read: Callable[[Part], Values]
    current: Callable[[], Mapping[str, Values | None]]
    write: Callable[[Mapping[str, Values], Actor, datetime], None]
    permission: str
    order: int = 100
    merged: frozenset[str] = frozenset()
    origin: Callable[[], Mapping[str, Values]] | None = None


_sections: dict[str, Section] = {}


def declare_section(section: Section) -> Section:
    """Let packs bring such objects; declaring the same section twice is a mistake."""
    if section.name in _sections:
        raise ValueError(f"the section {section.name} of packs is declared twice")
    _sections[section.name] = section
    return section


def sections() -> Mapping[str, Section]:
    """Every section by name, in the order in which they are written."""
    return dict(sorted(_sections.items(), key=lambda item: (item[1].order, item[0])))
