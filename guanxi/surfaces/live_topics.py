"""What a live stream may be about, who may follow it, and what has happened there since."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Max, Q

from guanxi.kernel.actor import Actor
from guanxi.kernel.models import Event, Run
from guanxi.surfaces.editors import Person, read_editors
from guanxi.surfaces.records import RecordType, get_record_type, record_types

RUN: Final = "run"
MOST_TOPICS: Final = 20
AT_ONCE: Final = 200
_TOPIC = re.compile(
    r"([a-z_]{1,40}(?:\.[a-z_]{1,40})?):([0-9]{1,18}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
)


class NoSuchTopic(Exception):
    """A topic that does not exist or is not for this reader: the two look the same."""


@dataclass(frozen=True)
class Topic:
    """One record that a page shows, or something that it follows beside records."""

    key: str
    id: str

    def __str__(self) -> str:
        return f"{self.key}:{self.id}"

    @cached_property
    def type(self) -> RecordType:
        """The record type of a record's topic."""
        return get_record_type(self.key)


@dataclass(frozen=True)
class Occurrence:
    """One thing to tell the pages: ids, kinds and who is editing, never a record's values."""

    topics: frozenset[str]
    name: str
    data: Mapping[str, Any]
    event_id: int = 0
    subject_type: str = ""
    subject_id: str = ""

    def message(self, topic: str) -> bytes:
        """The occurrence as a server-sent event about one topic."""
        told = json.dumps({"topic": topic, **self.data}, separators=(",", ":"))
        mark = f"id: {self.event_id}\n" if self.event_id else ""
        return f"{mark}event: {self.name}\ndata: {told}\n\n".encode()


def read_topics(written: str) -> tuple[Topic, ...]:
    """The topics of a query string; anything else than plain keys and ids is refused."""
    parts = written.split(",") if written else []
    found = [_TOPIC.fullmatch(part) for part in parts]
    if not found or len(found) > MOST_TOPICS or None in found:
        raise NoSuchTopic
    topics = tuple(dict.fromkeys(Topic(m[1], m[2]) for m in found if m))
    known = {t.key for t in record_types()} | _standings.keys()
    if any(topic.key not in known for topic in topics):
        raise NoSuchTopic
    return topics


# Beside records -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Standing:
    """What pages follow beside records: they are told how it stands, whenever that changes.

    `read` gives how each of some ids stands at an instant, `may_follow` says whose they are.
    """

    key: str
    may_follow: Callable[[Actor, str], bool]
    read: Callable[[Collection[str], datetime], Mapping[str, Mapping[str, Any]]]


_standings: dict[str, Standing] = {}


def declare_standing(standing: Standing) -> None:
    """Let pages follow `<key>:<id>`; the message that they get is called by the key."""
    _standings[standing.key] = standing


def read_standings(topics: Iterable[Topic], at: datetime) -> list[Occurrence]:
    """How everything that is followed beside records stands."""
    by_key: dict[str, list[str]] = {}
    for topic in topics:
        if topic.key in _standings:
            by_key.setdefault(topic.key, []).append(topic.id)
    return [
        Occurrence(topics=frozenset({f"{key}:{pk}"}), name=key, data=data)
        for key, ids in by_key.items()
        for pk, data in _standings[key].read(ids, at).items()
    ]


def _runs(ids: Collection[str], at: datetime) -> Mapping[str, Mapping[str, Any]]:
    """How far these runs are."""
    del at
    rows = Run.objects.filter(pk__in=ids).values("id", "state", "progress_done", "progress_total")
    return {
        str(row["id"]): {
            "state": row["state"],
            "done": row["progress_done"],
            "total": row["progress_total"],
        }
        for row in rows
    }


def _is_own_run(actor: Actor, pk: str) -> bool:
    return Run.objects.filter(pk=pk, actor_user_id=actor.user_id).exists()


declare_standing(Standing(RUN, _is_own_run, _runs))


# Rights -------------------------------------------------------------------------------------------
def may_follow(actor: Actor, topics: Iterable[Topic]) -> bool:
    """Whether the reader sees all of this at this moment."""
    return all(_sees(actor, topic) for topic in topics)


def _sees(actor: Actor, topic: Topic) -> bool:
    if actor.user_id is None:
        return False
    try:
        if topic.key in _standings:
            return _standings[topic.key].may_follow(actor, topic.id)
        return topic.type.in_scope(actor).filter(pk=topic.id).exists()
    except (ValueError, ValidationError):  # an id of the other kind
        return False


def may_hear(actor: Actor, occurrence: Occurrence, topic: Topic) -> bool:
    """Whether the reader may know that this happened; its topic was checked just before.

    What belongs to a customer is told on the customer's page only to who sees that, too.
    """
    subject = Topic(occurrence.subject_type, occurrence.subject_id)
    if occurrence.event_id == 0 or subject == topic:
        return True
    if subject.key not in {t.key for t in record_types()}:
        return False
    return _sees(actor, subject)


# Reading ------------------------------------------------------------------------------------------
def latest_event() -> int:
    """The id of the newest event."""
    return int(Event.objects.aggregate(last=Max("id"))["last"] or 0)


def read_events(topics: Iterable[Topic], after: int, limit: int = AT_ONCE) -> list[Occurrence]:
    """What happened to these records since an event, oldest first."""
    wanted = Q()
    for key, ids in _by_key(topics).items():
        wanted |= Q(subject_type=key, subject_id__in=ids)
        if get_record_type(key).customer_path == "self":
            wanted |= Q(customer_id__in=ids)
    if not wanted:
        return []
    rows = Event.objects.filter(wanted, id__gt=after).order_by("id")
    columns = ("id", "kind", "subject_type", "subject_id", "customer_id", "actor_user_id")
    return [_occurrence(row) for row in rows.values(*columns)[:limit]]


def _by_key(topics: Iterable[Topic]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for topic in topics:
        if topic.key not in _standings:
            found.setdefault(topic.key, []).append(topic.id)
    return found


def _occurrence(row: Mapping[str, Any]) -> Occurrence:
    subject = f"{row['subject_type']}:{row['subject_id']}"
    holders = [t.key for t in record_types() if t.customer_path == "self"]
    of_customer = {f"{key}:{row['customer_id']}" for key in holders if row["customer_id"]}
    return Occurrence(
        topics=frozenset({subject, *of_customer}),
        name="record",
        data={"kind": row["kind"], "subject": subject, "user": row["actor_user_id"]},
        event_id=row["id"],
        subject_type=row["subject_type"],
        subject_id=row["subject_id"],
    )


def editing(topic: str, people: list[Person]) -> Occurrence:
    """Who is editing a record now: their names, for those who see the record."""
    return Occurrence(frozenset({topic}), "editing", {"people": people})


def read_editing(topics: Iterable[Topic], at: datetime) -> list[Occurrence]:
    """Who is editing these records."""
    wanted = {str(topic) for topic in topics}
    found = read_editors(at)
    return [editing(topic, people) for topic, people in found.items() if topic in wanted]
