"""Reads the YAML files of a pack: entries by section and name, each value with its line."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml
from django.utils.translation import gettext_lazy as _
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.packs import PackFault, Part, Place, Section, Values, sections

STANDARD: Final = Path(__file__).parent / "standard"
LARGEST: Final = 1_000_000
MOST_VALUES: Final = 100_000
#: A place for what several entries share by anchors; nothing else reads it.
SHARED: Final = "common"


@dataclass(frozen=True)
class Entry:
    """One object of a pack: where it is written, and its checked values."""

    section: Section
    name: str
    place: Place
    values: Values


@dataclass(frozen=True)
class PackFiles:
    """A pack as it is written: its name, its entries, and what is wrong with it."""

    name: str
    digest: str
    entries: tuple[Entry, ...]
    faults: tuple[PackFault, ...]


def read_pack(folder: Path) -> PackFiles:
    """Read and check every file of a folder; the folder's name is the pack's."""
    faults: list[PackFault] = []
    found: dict[tuple[str, str], Entry] = {}
    files = sorted(folder.glob("*.yaml"))
    if not files:
        faults.append(PackFault(Place(folder.name, 0), _("There is no .yaml file here.")))
    for path in files:
        for entry in _checked(path, faults):
            first = found.setdefault((entry.section.name, entry.name), entry)
            if first is not entry:
                message = _("“%(name)s” is already written at %(place)s.")
                faults.append(PackFault(entry.place, message, name=entry.name, place=first.place))
    return PackFiles(folder.name, digest_of(folder), tuple(found.values()), tuple(faults))


def digest_of(folder: Path) -> str:
    """What tells one state of a pack's files from another."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.yaml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _checked(path: Path, faults: list[PackFault]) -> Iterator[Entry]:
    """The entries of a file that are sound; the faults of the others are collected."""
    try:
        written = list(_written(path))
    except PackFault as fault:
        faults.append(fault)
        return
    except RecursionError:
        faults.append(PackFault(Place(path.name, 0), _("The file is nested too deeply.")))
        return
    for section, part in written:
        try:
            yield Entry(section, part.name, part.place, section.read(part))
        except PackFault as fault:
            faults.append(fault)
        except RuleViolation as refused:
            faults.append(PackFault(part.place, refused.message, **refused.params))


def _written(path: Path) -> Iterator[tuple[Section, Part]]:
    """Every entry of a file with its section, as written."""
    top = _Reader(path).top()
    for key, value in top.values.items():
        if key == SHARED:
            continue
        section = sections().get(key)
        if section is None:
            known = ", ".join(sections())
            message = _("No section is called “%(key)s”; there are %(known)s.")
            raise top.fault(message, key, key=key[:60], known=known)
        for part in _named(value, top, key):
            yield section, part


def _named(value: Any, top: Part, key: str) -> Iterator[Part]:
    """Entries by name: a mapping of names to entries, or a list of entries that say theirs."""
    if isinstance(value, Part):
        for name in value.values:
            entry = value.part(name)
            yield Part(value.places[name], entry.values, entry.places, name)
        return
    for entry in top.parts(key):
        name = entry.text("name", is_required=True, longest=120)
        rest = {k: v for k, v in entry.values.items() if k != "name"}
        yield Part(entry.place, rest, entry.places, name)


class _Reader:
    """Turns the nodes of one YAML file into values that know their lines."""

    def __init__(self, path: Path) -> None:
        self.path, self.left = path, MOST_VALUES
        self.maker = yaml.constructor.SafeConstructor()

    def top(self) -> Part:
        """The mapping that a file is."""
        if self.path.stat().st_size > LARGEST:
            raise PackFault(Place(self.path.name, 0), _("The file is too large for a pack."))
        try:
            node = yaml.compose(self.path.read_text("utf-8"), Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            message = _("This is no YAML: %(problem)s.")
            place = Place(self.path.name, mark.line + 1 if mark else 0)
            raise PackFault(place, message, problem=error.problem or "") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise PackFault(
                Place(self.path.name, 0), _("This is no YAML: %(problem)s."), problem=str(error)
            ) from error
        if not isinstance(node, MappingNode):
            raise PackFault(Place(self.path.name, 1), _("A file names its sections as keys."))
        return self.mapping(node)

    def place(self, node: Node) -> Place:
        """Where a node begins."""
        return Place(self.path.name, node.start_mark.line + 1)

    def value(self, node: Node) -> Any:
        """A node as a value; one that repeats itself without end is refused."""
        self.left -= 1
        if self.left < 0:
            raise PackFault(self.place(node), _("The file holds too many values."))
        if isinstance(node, MappingNode):
            return self.mapping(node)
        if isinstance(node, SequenceNode):
            return [self.value(each) for each in node.value]
        return self.scalar(node)

    def scalar(self, node: Node) -> Any:
        """A text, number, yes or no; a date as text, and what has a tag of its own is refused."""
        try:
            made = self.maker.construct_object(node)
            return node.value if isinstance(made, date) else made
        except (yaml.YAMLError, ValueError) as error:
            message = _("“%(value)s” cannot be read.")
            raise PackFault(self.place(node), message, value=str(node.value)[:60]) from error

    def mapping(self, node: MappingNode) -> Part:
        """A mapping, with what it takes over from others; a key that comes twice is refused."""
        own = [key.value for key, _value in node.value if isinstance(key, ScalarNode)]
        twice = next((key for key in own if own.count(key) > 1), None)
        if twice is not None:
            last = [key for key, _value in node.value if key.value == twice][-1]
            raise PackFault(self.place(last), _("“%(key)s” comes twice."), key=str(twice)[:60])
        try:
            self.maker.flatten_mapping(node)
        except yaml.MarkedYAMLError as error:
            raise PackFault(self.place(node), _("This cannot be taken over.")) from error
        values: dict[str, Any] = {}
        places: dict[str, Place] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                raise PackFault(self.place(key), _("A key must be a text."))
            values[key.value], places[key.value] = self.value(value), self.place(key)
        return Part(self.place(node), values, places)


def by_name(files: PackFiles) -> Mapping[tuple[str, str], Entry]:
    """The entries by section and name."""
    return {(entry.section.name, entry.name): entry for entry in files.entries}
