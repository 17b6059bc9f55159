"""What happened with a customer, newest first: the audit log read as a story (COM-1).

A page costs the same number of queries whatever it shows, and an import of five hundred
rows is one entry. Talk alone is read from its own table, by the time when it took place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from guanxi.customers import queries
from guanxi.customers.access import closed_kinds
from guanxi.customers.models import Attachment, Interaction, TimelinePin
from guanxi.customers.queries import OpenedId
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor, Channel
from guanxi.kernel.models import Event
from guanxi.surfaces.events import RecordCreated
from guanxi.surfaces.records import record_types

ENTRIES: Final = 20
WINDOW: Final = 200
MOST_PINS: Final = 10
MOST_PEOPLE: Final = 500

#: What the choices above the timeline show, as record types.
SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "changes": ("customers.customer", "customers.contact"),
    "orders": ("customers.order", "customers.payment"),
    "files": ("customers.attachment",),
}


class Moment(NamedTuple):
    """A place in the timeline, from which earlier entries are read on."""

    at: datetime
    id: int


@dataclass(frozen=True)
class Wanted:
    """Which part of a timeline a reader asks for."""

    show: str = ""
    channel: str = ""
    person: int | None = None
    since: date | None = None
    until: date | None = None
    before: Moment | None = None

    @property
    def is_talk(self) -> bool:
        """Whether only talk is wanted: a channel is a property of talk."""
        return self.show == "talk" or bool(self.channel)

    @property
    def is_narrowed(self) -> bool:
        """Whether channel, person or days narrow the timeline."""
        return bool(self.channel or self.person or self.since or self.until)


class Line(NamedTuple):
    """An event as the timeline first reads it: enough to place and to group it."""

    id: int
    at: datetime
    channel: str
    request_id: str
    kind: str
    subject_type: str
    actor_user_id: int | None
    actor_label: str


class Talk(NamedTuple):
    """A talk as the timeline tells it."""

    pk: int
    channel: str
    direction: str
    content: str
    occurred_at: datetime
    next_contact_at: datetime | None
    archived_at: datetime | None
    contact_id: int | None
    contact__name: str | None
    contact__position: str | None
    user__name: str | None


@dataclass
class Group:
    """Events that make one entry of the timeline: one by itself, or those of an import's run."""

    lines: list[Line] = field(default_factory=list)

    @property
    def first(self) -> Line:
        """The newest of them."""
        return self.lines[0]


@dataclass(frozen=True)
class Stretch:
    """A page of the timeline: its groups, the events read already, and where the next begins."""

    groups: Sequence[Group]
    next: Moment | None
    events: Mapping[int, Event] = field(default_factory=dict)


class Timeline:
    """One reader's view of what happened with one customer; made per request."""

    def __init__(self, customer_id: OpenedId, actor: Actor) -> None:
        self.customer_id, self.actor = customer_id, actor

    @cached_property
    def types(self) -> frozenset[str]:
        """The record types whose events the reader may see; usually known without a query."""
        belonging = (t for t in record_types() if t.customer_path)
        return frozenset(t.key for t in belonging if self._covers(t.allows("view")))

    def _covers(self, code: str) -> bool:
        return queries.covers(code, self.customer_id, self.actor)

    @cached_property
    def _closed_files(self) -> list[str]:
        """The files of this customer of a kind that the reader may not open (B15)."""
        kinds = closed_kinds(self.actor)
        if "customers.attachment" not in self.types or not kinds:
            return []
        closed = Attachment.objects.filter(customer_id=self.customer_id, kind__in=kinds)
        return [str(pk) for pk in closed.values_list("pk", flat=True)]

    @cached_property
    def customer_ids(self) -> list[int]:
        """The customer and those that were merged into it, whose history is its own."""
        return [self.customer_id, *queries.list_merged_ids(self.customer_id)]

    def _events(self, types: Sequence[str]) -> QuerySet[Event]:
        events = Event.objects.filter(is_on_timeline=True, subject_type__in=types)
        if len(self.customer_ids) == 1:  # Nearly always: read in the order of the index.
            events = events.filter(customer_id=self.customer_id)
        else:
            events = events.filter(customer_id__in=self.customer_ids)
        if not self._closed_files:
            return events
        return events.exclude(
            subject_type="customers.attachment", subject_id__in=self._closed_files
        )

    def page(self, wanted: Wanted) -> Stretch:
        """One page of everything that happened, as narrowed by the reader."""
        types = sorted(self.types & set(SHOWN.get(wanted.show, self.types)))
        rows = self._events(types)
        if wanted.show == "pinned":
            pins = TimelinePin.objects.filter(customer_id=self.customer_id)
            rows = rows.filter(pk__in=pins.values("event"))
        if wanted.person:
            rows = rows.filter(actor_user_id=wanted.person)
        rows = _before(self._between(rows, wanted, "at"), wanted.before, "at")
        found = list(rows.select_related("detail")[: ENTRIES + 1])
        if not any(event.channel == Channel.IMPORT for event in found):
            return _apart(found)
        return _grouped([Line(*row) for row in rows.values_list(*Line._fields)[: WINDOW + 1]])

    def talk(self, wanted: Wanted) -> tuple[list[Talk], Moment | None]:
        """One page of talk by the time when it took place, imported talk included."""
        rows = Interaction.objects.filter(customer_id=self.customer_id, archived_at=None)
        rows = visible(self.actor, "interactions.view", rows)
        if wanted.channel:
            rows = rows.filter(channel=wanted.channel)
        if wanted.person:
            rows = rows.filter(user_id=wanted.person)
        rows = self._between(rows, wanted, "occurred_at")
        rows = _before(rows, wanted.before, "occurred_at")
        found = [Talk(*row) for row in rows.values_list(*Talk._fields)[: ENTRIES + 1]]
        if len(found) <= ENTRIES:
            return found, None
        last = found[ENTRIES - 1]
        return found[:ENTRIES], Moment(last.occurred_at, last.pk)

    def pinned(self) -> list[int]:
        """The pinned events, last pinned first; the reader may not see all of them."""
        pins = TimelinePin.objects.filter(customer_id=self.customer_id).order_by("-pk")
        return list(pins.values_list("event_id", flat=True)[:MOST_PINS])

    @cached_property
    def has_downloads(self) -> bool:
        """Whether the files that are told of may be downloaded, too."""
        return self._covers("attachments.download")

    def tells(self, event: Event) -> bool:
        """Whether the reader may see this event: what `page` asks of the database, of one."""
        return (
            event.customer_id in self.customer_ids
            and event.subject_type in self.types
            and event.subject_id not in self._closed_files
        )

    def people(self) -> list[tuple[int, str]]:
        """Who did something with the customer lately, for the filter."""
        latest = _before(self._events(sorted(self.types)), None, "at").exclude(actor_user_id=None)
        pairs = list(latest.values_list("actor_user_id", "actor_label")[:MOST_PEOPLE])
        return sorted(dict(reversed(pairs)).items(), key=lambda pair: pair[1])

    def _between(self, rows: QuerySet[Any], wanted: Wanted, column: str) -> QuerySet[Any]:
        """Whole days of the reader's zone."""
        zone = ZoneInfo(self.actor.time_zone)
        if wanted.since:
            start = datetime.combine(wanted.since, time.min, zone)
            rows = rows.filter(**{f"{column}__gte": start})
        if wanted.until:
            end = datetime.combine(wanted.until + timedelta(days=1), time.min, zone)
            rows = rows.filter(**{f"{column}__lt": end})
        return rows


def _before(rows: QuerySet[Any], mark: Moment | None, column: str) -> QuerySet[Any]:
    """The keyset step, in the form that stays on the index."""
    if mark is not None:
        tie = Q(**{column: mark.at, "pk__lt": mark.id})
        earlier = Q(**{f"{column}__lt": mark.at}) | tie
        rows = rows.filter(Q(**{f"{column}__lte": mark.at}), earlier)
    return rows.order_by(f"-{column}", "-pk")


def _apart(events: Sequence[Event]) -> Stretch:
    """Every event an entry by itself."""
    taken = events[:ENTRIES]
    groups = [Group([Line(*(getattr(event, name) for name in Line._fields))]) for event in taken]
    last = taken[-1] if len(events) > ENTRIES else None
    following = Moment(last.at, last.pk) if last else None
    return Stretch(groups, following, {event.pk: event for event in taken})


def _grouped(lines: Sequence[Line]) -> Stretch:
    """The first groups of a window of events; the next page goes on after the last one taken."""
    groups: list[Group] = []
    runs: dict[tuple[Any, ...], Group] = {}
    for number, line in enumerate(lines):
        run = _run(line)
        is_full = number == WINDOW or (len(groups) == ENTRIES and (run is None or run not in runs))
        if is_full:
            last = lines[number - 1]
            return Stretch(groups, Moment(last.at, last.id))
        if run is not None and run in runs:
            runs[run].lines.append(line)
            continue
        groups.append(Group([line]))
        if run is not None:
            runs[run] = groups[-1]
    return Stretch(groups, None)


def _run(line: Line) -> tuple[Any, ...] | None:
    """What makes imported events one entry: the run, or the minute where no run is known."""
    if line.channel != Channel.IMPORT:
        return None
    return (line.actor_user_id, line.request_id or line.at.replace(second=0, microsecond=0))


# What stands behind the entries of a page: one query per kind of row -----------------------------
def get_events(ids: Sequence[int]) -> dict[int, Event]:
    """Events by id with their personal details."""
    rows = Event.objects.filter(pk__in=ids).select_related("detail")
    return {event.pk: event for event in rows}


def get_talk(ids: Sequence[str]) -> dict[str, Talk]:
    """Talk by its id as events name it, with whom it was."""
    rows = Interaction.objects.filter(pk__in=ids).values_list(*Talk._fields)
    return {str(row[0]): Talk(*row) for row in rows}


def get_creations(key: str, ids: Sequence[int]) -> dict[str, int]:
    """The event that tells of each record's creation, by the record's id."""
    rows = Event.objects.filter(
        subject_type=key, subject_id__in=[str(pk) for pk in ids], kind=RecordCreated.kind
    )
    return dict(rows.values_list("subject_id", "pk"))
