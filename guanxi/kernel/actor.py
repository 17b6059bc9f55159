"""Who acts: passed to every service and query, never looked up from a thread."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Self

from django.utils.translation import gettext_lazy as _


class Channel(StrEnum):
    """The way an action came in."""

    WEB = "web"
    API = "api"
    IMPORT = "import"
    JOB = "job"
    COMMAND = "command"
    SYSTEM = "system"


class Reach(IntEnum):
    """How far a granted permission reaches over records."""

    OWN = 1
    TEAM = 2
    BRANCH = 3
    ALL = 4

    @property
    def label(self) -> str:
        """The word for it on pages."""
        words = {1: _("Own"), 2: _("Team"), 3: _("Department and below"), 4: _("All")}
        return str(words[self.value])


class Level(IntEnum):
    """How clearly a group of fields is shown."""

    HIDDEN = 0
    MASKED = 1
    CLEAR = 2

    @property
    def label(self) -> str:
        """The word for it on pages."""
        return str({0: _("Hidden"), 1: _("Masked"), 2: _("Clear")}[self.value])


_EMPTY: Mapping[str, Reach] = MappingProxyType({})
_NO_LEVELS: Mapping[str, Level] = MappingProxyType({})


Ids = tuple[tuple[str, tuple[int, ...]], ...]
"""Ids of records by the key of their kind."""


class AtWork:
    """What a person's open work is about, looked up once and not before it is asked for."""

    def __init__(self, find: Callable[[], Ids]) -> None:
        self._find = find

    @cached_property
    def reads(self) -> Ids:
        """The ids of the records, for reading."""
        return self._find()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AtWork) and self.reads == other.reads

    def __hash__(self) -> int:
        return hash(self.reads)


@dataclass(frozen=True, slots=True)
class Openings:
    """What was opened to a person beyond their reach: shared records, people they stand for, work.

    `reads` and `writes` hold ids by record key; what may be written may be read, too.
    """

    reads: Ids = ()
    writes: Ids = ()
    people: tuple[tuple[int, str], ...] = ()
    work: AtWork | None = None

    def ids(self, record_key: str, *, may_write: bool) -> tuple[int, ...]:
        """The ids of this kind of record that are open for reading, or for writing."""
        return _of_kind(self.writes if may_write else self.reads, record_key)

    def ids_at_work(self, record_key: str) -> tuple[int, ...]:
        """The ids of this kind of record that the person's open work is about."""
        return _of_kind(self.work.reads, record_key) if self.work else ()

    @property
    def person_ids(self) -> tuple[int, ...]:
        """The people for whom the actor stands now."""
        return tuple(pk for pk, _label in self.people)


def _of_kind(pairs: Ids, record_key: str) -> tuple[int, ...]:
    return next((ids for key, ids in pairs if key == record_key), ())


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, token, job or the system itself, with everything access needs to decide."""

    user_id: int | None
    label: str
    channel: Channel
    grants: Mapping[str, Reach] = field(default_factory=lambda: _EMPTY, repr=False)
    levels: Mapping[str, Level] = field(default_factory=lambda: _NO_LEVELS, repr=False)
    department_id: int | None = None
    team_ids: frozenset[int] = frozenset()
    branch_ids: frozenset[int] = frozenset()
    ip: str = ""
    request_id: str = ""
    token_id: int | None = None
    session_key: str = field(default="", repr=False)
    is_system: bool = False
    locale: str = "zh-hans"
    time_zone: str = "Asia/Shanghai"
    authenticated_at: datetime | None = None
    openings: Openings | None = None

    def can(self, permission: str) -> bool:
        """Whether the permission is granted at all, however far it reaches."""
        return self.is_system or permission in self.grants

    def reach(self, permission: str) -> Reach | None:
        """How far the permission reaches, or None when it is not granted."""
        return Reach.ALL if self.is_system else self.grants.get(permission)

    def level(self, group: str | None) -> Level:
        """How clearly fields of a group are shown; a field outside any group is clear."""
        if group is None or self.is_system:
            return Level.CLEAR
        return self.levels.get(group, Level.HIDDEN)

    def masking(self, groups: Collection[str]) -> Self:
        """The same actor before a record that shows these groups masked at most."""
        levels = {g: min(self.level(g), Level.MASKED) for g in groups}
        return replace(self, levels={**self.levels, **levels}) if levels else self

    def through(self, channel: Channel) -> Self:
        """The same actor acting by another channel (a job that runs for a person)."""
        return replace(self, channel=channel)

    def within(self, request_id: str) -> Self:
        """The same actor inside one request or run, so that its events can be told together."""
        return replace(self, request_id=request_id)


def system_actor(label: str = "system", channel: Channel = Channel.SYSTEM) -> Actor:
    """The product itself: all rights, named in the audit."""
    return Actor(user_id=None, label=label, channel=channel, is_system=True)


ANONYMOUS = Actor(user_id=None, label="", channel=Channel.WEB)


ActorSource = Callable[[int, Channel], Actor]
_sources: list[ActorSource] = []


def provide_actors(source: ActorSource) -> None:
    """Say where a person's present rights are read; the people app does, at start."""
    _sources[:] = [source]


def get_actor(user_id: int | None, channel: Channel) -> Actor:
    """The actor that a person is now, for work done in their name; nobody's work is the system's.

    A person who was deactivated meanwhile has no rights any more.
    """
    if user_id is None:
        return system_actor(channel=channel)
    return _sources[0](user_id, channel)
