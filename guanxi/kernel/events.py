"""What happened, written with the change itself; reactions follow through the outbox.

`record()` inserts one Event, its personal detail and one Delivery per subscriber in the
caller's transaction. Nothing is sent from memory: a crash after commit loses nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, Final, TypeVar

from django.db import models
from django.utils.translation import gettext

from guanxi.kernel.access import stands_for
from guanxi.kernel.actor import Actor
from guanxi.kernel.broker import wake_for_deliveries
from guanxi.kernel.db.rows import as_instant, as_json, insert_rows, insert_values, take_ids
from guanxi.kernel.errors import Message
from guanxi.kernel.models import AccessEntry, Delivery, Event, EventDetail
from guanxi.kernel.values import to_json


@dataclass(frozen=True)
class EventBase:
    """A fact in the past tense; its fields are the event's public data.

    `said` and `icon` tell it on a timeline, after the name of who did it. An alert is shown
    to those who watch over the system.
    """

    kind: ClassVar[str] = ""
    is_on_timeline: ClassVar[bool] = True
    said: ClassVar[Message] = ""
    icon: ClassVar[str] = "circle-dot"
    is_alert: ClassVar[bool] = False

    def data(self) -> dict[str, Any]:
        """The facts as JSON values."""
        return {name: to_json(getattr(self, name)) for name in _names(type(self))}


_known: dict[type[EventBase], tuple[str, ...]] = {}


def _names(cls: type[EventBase]) -> tuple[str, ...]:
    """The names of an event's facts, looked up once."""
    if cls not in _known:
        _known[cls] = tuple(each.name for each in fields(cls))
    return _known[cls]


E = TypeVar("E", bound=type[EventBase])
Reaction = Callable[[Sequence[Event]], None]


@dataclass(frozen=True)
class Subscription:
    """A reaction: which events, by which name, how many at once."""

    consumer: str
    kinds: frozenset[str]
    subjects: frozenset[str]
    react: Reaction
    batch: int
    only: Callable[[Any], bool] | None = None

    def wants(self, kind: str, subject: models.Model) -> bool:
        """Whether an event of a kind that happens to this record concerns this reaction."""
        if kind not in self.kinds:
            return False
        if self.subjects and subject_type(type(subject)) not in self.subjects:
            return False
        return self.only is None or self.only(subject)


_kinds: dict[str, type[EventBase]] = {}
_subscriptions: dict[str, Subscription] = {}


def event(kind: str) -> Callable[[E], E]:
    """Register an event class under its dotted kind (`customers.customer.created`)."""

    def register(cls: E) -> E:
        if kind in _kinds:
            raise ValueError(f"event {kind} is declared twice")
        cls.kind = kind
        _kinds[kind] = cls
        return cls

    return register


def on(
    *classes: type[EventBase],
    subjects: Iterable[str] = (),
    batch: int = 200,
    only: Callable[[Any], bool] | None = None,
) -> Callable[[Reaction], Reaction]:
    """Subscribe an idempotent reaction to events (of these record types); it gets batches.

    `only` says of a record, as it is when the event is written, whether it is concerned at all:
    what concerns few of many costs the others nothing.
    """

    def register(react: Reaction) -> Reaction:
        consumer = f"{react.__module__.removeprefix('guanxi.')}.{react.__name__}"
        kinds = frozenset(c.kind for c in classes)
        about = frozenset(subjects)
        _subscriptions[consumer] = Subscription(consumer, kinds, about, react, batch, only)
        return react

    return register


def event_kinds() -> dict[str, type[EventBase]]:
    """The catalogue of events."""
    return dict(_kinds)


def subscriptions() -> dict[str, Subscription]:
    """Who reacts to what."""
    return dict(_subscriptions)


def changes_of(row: Event) -> dict[str, list[Any]]:
    """Old and new of every field that an event names, personal ones until they are erased."""
    public: dict[str, list[Any]] = dict(row.data.get("changes") or {})
    detail: EventDetail | None = getattr(row, "detail", None)
    if detail is None or detail.erased_at is not None:
        return public
    return {**public, **detail.values}


@dataclass(frozen=True)
class Happening:
    """An event together with what it happened to, ready to be written.

    A past that is told afterwards (the demo company's) names its own actor and instant.
    """

    event: EventBase
    subject: models.Model
    customer_id: int | None = None
    changes: Mapping[str, tuple[Any, Any]] | None = None
    personal: Mapping[str, tuple[Any, Any]] | None = None
    actor: Actor | None = None
    at: datetime | None = None


def subject_type(model: type[models.Model]) -> str:
    """The record key of a model (`customers.customer`)."""
    return f"{model._meta.app_label}.{model._meta.model_name}"


def record(
    happened: EventBase,
    *,
    subject: models.Model,
    customer_id: int | None = None,
    actor: Actor,
    at: datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    personal: Mapping[str, tuple[Any, Any]] | None = None,
) -> Event:
    """Write one event with its deliveries; `changes` and `personal` map field to (old, new)."""
    happening = Happening(happened, subject, customer_id, changes, personal)
    row = Event(**_facts(happening, actor, at))
    insert_rows([row])
    if personal:
        insert_rows([EventDetail(event=row, values=_pairs(personal))])
    wanted = [name for name, each in _subscriptions.items() if each.wants(row.kind, subject)]
    insert_rows([Delivery(event=row, consumer=name, due_at=at) for name in wanted])
    if wanted:
        wake_for_deliveries()
    return row


def record_many(happenings: Iterable[Happening], *, actor: Actor, at: datetime) -> int:
    """Write many events in a few statements, whatever their number; how many they were."""
    items = list(happenings)
    if not items:
        return 0
    ids = take_ids(Event, len(items))
    facts = [_facts(item, item.actor or actor, item.at or at) for item in items]
    insert_values(Event, _COLUMNS, map(_as_row, ids, facts))
    details = (
        (pk, as_json(_pairs(item.personal)))
        for pk, item in zip(ids, items, strict=True)
        if item.personal
    )
    insert_values(EventDetail, ("event", "values"), details)
    due = as_instant(at)
    deliveries = [
        (pk, name, due, "due", 0, "")
        for pk, item in zip(ids, items, strict=True)
        for name, each in _subscriptions.items()
        if each.wants(item.event.kind, item.subject)
    ]
    columns = ("event", "consumer", "due_at", "state", "attempts", "error")
    insert_values(Delivery, columns, deliveries)
    if deliveries:
        wake_for_deliveries()
    return len(items)


def _facts(item: Happening, actor: Actor, at: datetime) -> dict[str, Any]:
    """The columns of an event."""
    data = item.event.data()
    if item.changes:
        data["changes"] = _pairs(item.changes)
    if item.personal:
        data["personal_fields"] = sorted(item.personal)
    person = stands_for(actor, item.subject)
    if person is not None:
        data["stands_for"] = {"id": person[0], "label": person[1]}
    return {
        "kind": item.event.kind,
        "subject_type": subject_type(type(item.subject)),
        "subject_id": str(item.subject.pk),
        "subject_label": str(item.subject)[:200],
        "customer_id": item.customer_id,
        "actor_user_id": actor.user_id,
        "actor_label": _named(actor, person)[:150],
        "channel": actor.channel.value,
        "at": at,
        "data": data,
        "request_id": actor.request_id,
        "ip": actor.ip or None,
        "is_on_timeline": item.event.is_on_timeline,
    }


_COLUMNS: Final = (
    "id", "kind", "subject_type", "subject_id", "subject_label", "customer_id", "actor_user_id",
    "actor_label", "channel", "at", "data", "request_id", "ip", "is_on_timeline",
)  # fmt: skip


def _as_row(pk: int, facts: dict[str, Any]) -> tuple[Any, ...]:
    """An event as the database takes it."""
    facts["at"], facts["data"] = as_instant(facts["at"]), as_json(facts["data"])
    return (pk, *facts.values())


def _named(actor: Actor, person: tuple[int, str] | None) -> str:
    """Who did it; both people where one stood for the other."""
    if person is None:
        return actor.label
    return gettext("%(who)s for %(person)s") % {"who": actor.label, "person": person[1]}


def _pairs(changes: Mapping[str, tuple[Any, Any]] | None) -> dict[str, list[Any]]:
    return {name: [to_json(old), to_json(new)] for name, (old, new) in (changes or {}).items()}


@dataclass(frozen=True)
class Seen:
    """What was looked at, for the access log."""

    action: str
    subject_type: str
    subject_id: str = ""
    customer_id: int | None = None
    fields: tuple[str, ...] = ()
    reason: str = ""


def record_access(seen: Seen, *, actor: Actor, at: datetime) -> AccessEntry:
    """Write one line of the access log: a sensitive read, reveal, export, print or refusal."""
    return AccessEntry.objects.create(
        action=seen.action,
        subject_type=seen.subject_type,
        subject_id=str(seen.subject_id),
        customer_id=seen.customer_id,
        actor_user_id=actor.user_id,
        actor_label=actor.label[:150],
        channel=actor.channel.value,
        at=at,
        fields=list(seen.fields),
        reason=seen.reason[:500],
        request_id=actor.request_id,
        ip=actor.ip or None,
    )
