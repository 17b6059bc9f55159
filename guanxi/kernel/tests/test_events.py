"""An event is written with its change or not at all; personal values stay apart."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import ClassVar

import pytest
from django.db import DatabaseError, connection, transaction

from guanxi.kernel import append_only, events
from guanxi.kernel.actor import Actor, Channel, system_actor
from guanxi.kernel.events import EventBase, Happening, Seen, event, on, record, record_many
from guanxi.kernel.models import AccessEntry, Delivery, Event, EventDetail, StoredFile

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)
ACTOR = Actor(
    user_id=7, label="张伟", channel=Channel.API, ip="192.0.2.1", request_id="r-1", token_id=3
)


@pytest.fixture
def catalogue(monkeypatch):
    """An own copy of the catalogue, so that these events are known to these tests only."""
    monkeypatch.setattr(events, "_kinds", dict(events._kinds))
    monkeypatch.setattr(events, "_subscriptions", {})


@pytest.fixture
def kinds(catalogue):
    """Two events: one on the timeline, one not."""

    @event("tests.filed")
    @dataclass(frozen=True)
    class Filed(EventBase):
        on_day: date
        pages: int = 1

    @event("tests.seen")
    @dataclass(frozen=True)
    class Noticed(EventBase):
        is_on_timeline: ClassVar[bool] = False

    return Filed, Noticed


@pytest.fixture
def subject():
    """What the events happen to."""
    return StoredFile.objects.create(name="a", size=1, created_at=AT)


def test_an_event_says_who_what_when_and_how(kinds, subject):
    filed, _ = kinds
    happened = filed(date(2026, 3, 1), pages=2)
    row = record(
        happened, subject=subject, customer_id=5, actor=ACTOR, at=AT, changes={"name": (None, "a")}
    )
    row = Event.objects.get(pk=row.pk)
    assert (row.kind, row.subject_type, row.subject_id) == (
        "tests.filed", "kernel.storedfile", str(subject.pk),
    )  # fmt: skip
    assert (row.actor_user_id, row.actor_label, row.channel) == (7, "张伟", "api")
    assert (row.at, row.ip, row.request_id, row.customer_id) == (AT, "192.0.2.1", "r-1", 5)
    assert row.data == {"on_day": "2026-03-01", "pages": 2, "changes": {"name": [None, "a"]}}
    assert row.is_on_timeline
    assert not hasattr(row, "detail")


def test_personal_values_stand_only_in_the_detail(kinds, subject):
    filed, _ = kinds
    canary = "13800138000"
    row = record(
        filed(date(2026, 3, 1)), subject=subject, actor=ACTOR, at=AT,
        changes={"name": ("a", "b")}, personal={"phone": ("", canary), "birthday": (None, None)},
    )  # fmt: skip
    stored = Event.objects.filter(pk=row.pk).values().get()
    assert canary not in str(stored)
    assert stored["data"]["personal_fields"] == ["birthday", "phone"]
    detail = EventDetail.objects.get(pk=row.pk)
    assert detail.values == {"phone": ["", canary], "birthday": [None, None]}


def test_an_erasure_blanks_the_detail_and_leaves_the_event(kinds, subject):
    filed, _ = kinds
    row = record(
        filed(date(2026, 3, 1)), subject=subject, actor=ACTOR, at=AT, personal={"phone": ("", "1")}
    )
    EventDetail.objects.filter(pk=row.pk).update(values={}, erased_at=AT)
    assert Event.objects.get(pk=row.pk).detail.values == {}


def test_what_is_not_for_the_timeline_says_so(kinds, subject):
    _, noticed = kinds
    assert not record(noticed(), subject=subject, actor=system_actor(), at=AT).is_on_timeline


def test_one_delivery_per_interested_reaction(kinds, subject):
    filed, noticed = kinds

    @on(filed, noticed)
    def both(rows):
        """Takes both."""

    @on(filed, subjects=["kernel.storedfile"])
    def ours(rows):
        """Takes files only."""

    @on(filed, subjects=["customers.customer"])
    def others(rows):
        """Takes customers only."""

    @on(filed, only=lambda file: file.pk != subject.pk)
    def unconcerned(rows):
        """Takes what happens to other files."""

    first = record(filed(date(2026, 3, 1)), subject=subject, actor=ACTOR, at=AT)
    second = record(noticed(), subject=subject, actor=ACTOR, at=AT)
    found = [(d.event_id, d.consumer.rpartition(".")[2], d.state, d.due_at)
             for d in Delivery.objects.order_by("event_id", "consumer")]  # fmt: skip
    wanted = [(first.pk, "both"), (first.pk, "ours"), (second.pk, "both")]
    assert found == [(event_id, name, "due", AT) for event_id, name in wanted]


def test_many_events_cost_few_statements(kinds, subject, django_assert_max_num_queries):
    filed, _ = kinds

    @on(filed)
    def takes(rows):
        """Takes all."""

    many = [
        Happening(filed(date(2026, 3, 1)), subject, personal={"phone": (None, str(n))})
        for n in range(40)
    ]
    with django_assert_max_num_queries(4):
        assert record_many(many, actor=ACTOR, at=AT) == 40
    assert Event.objects.count() == 40
    assert Delivery.objects.count() == 40
    assert [row.detail.values["phone"][1] for row in Event.objects.order_by("pk")] == [
        str(n) for n in range(40)
    ]


def test_nothing_recorded_is_nothing_written(kinds, django_assert_num_queries):
    assert record_many([], actor=ACTOR, at=AT) == 0


def test_a_rollback_leaves_neither_event_nor_detail_nor_delivery(kinds, subject):
    filed, _ = kinds

    @on(filed)
    def takes(rows):
        """Takes all."""

    def write_and_stop():
        record(filed(date(2026, 3, 1)), subject=subject, actor=ACTOR, at=AT, personal={"x": (1, 2)})
        assert [m.objects.count() for m in (Event, EventDetail, Delivery)] == [1, 1, 1]
        raise KeyError

    with pytest.raises(KeyError), transaction.atomic():
        write_and_stop()
    counts = [m.objects.count() for m in (Event, EventDetail, Delivery)]
    assert counts == [0, 0, 0]


def test_long_labels_are_cut_not_refused(kinds, subject):
    _, noticed = kinds
    long = Actor(user_id=1, label="长" * 400, channel=Channel.WEB)
    assert record(noticed(), subject=subject, actor=long, at=AT).actor_label == "长" * 150


def test_a_kind_is_declared_once(kinds):
    with pytest.raises(ValueError, match="declared twice"):
        event("tests.filed")(EventBase)


def test_every_kind_of_the_product_has_words():
    kinds = events.event_kinds()
    assert len(kinds) > 25
    for kind, cls in kinds.items():
        assert kind.count("."), kind
        assert cls.kind == kind
        assert cls.said, kind
        # A dataclass without words of its own is described by its signature.
        assert not cls.__doc__.startswith(f"{cls.__name__}("), kind


def test_what_an_event_changed_is_told_until_it_is_erased(kinds, subject):
    _, noticed = kinds
    changes, personal = {"tier": ("core", "ordinary")}, {"phone": ("1", "2")}
    row = record(noticed(), subject=subject, changes=changes, personal=personal, actor=ACTOR, at=AT)
    row = Event.objects.select_related("detail").get(pk=row.pk)
    assert events.changes_of(row) == {"tier": ["core", "ordinary"], "phone": ["1", "2"]}
    row.detail.erased_at = AT
    assert events.changes_of(row) == {"tier": ["core", "ordinary"]}


# Accesses -----------------------------------------------------------------------------------------
def test_an_access_says_what_was_seen_and_why(subject):
    seen = Seen("reveal", "customers.contact", "9", 5, ("phone",), "回访" * 400)
    row = events.record_access(seen, actor=ACTOR, at=AT)
    row = AccessEntry.objects.get(pk=row.pk)
    assert (row.action, row.subject_type, row.subject_id) == ("reveal", "customers.contact", "9")
    assert (row.customer_id, row.fields, len(row.reason)) == (5, ["phone"], 500)
    assert (row.actor_user_id, row.ip, row.at, row.request_id) == (7, "192.0.2.1", AT, "r-1")


# Append-only --------------------------------------------------------------------------------------
@pytest.fixture
def written(kinds, subject):
    """One event and one access."""
    _, noticed = kinds
    record(noticed(), subject=subject, actor=ACTOR, at=AT)
    events.record_access(Seen("view", "kernel.storedfile"), actor=ACTOR, at=AT)


@pytest.mark.parametrize("model", [Event, AccessEntry])
@pytest.mark.parametrize("verb", ["update", "delete", "raw update", "raw delete"])
def test_the_database_refuses_to_rewrite_history(written, model, verb):
    table = model._meta.db_table
    tries = {
        "update": lambda: model.objects.update(actor_label="nobody"),
        "delete": lambda: model.objects.all()._raw_delete(using="default"),
        "raw update": lambda: run(f"UPDATE {table} SET at = at"),
        "raw delete": lambda: run(f"DELETE FROM {table} WHERE id > 0"),
    }
    before = list(model.objects.values())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        tries[verb]()
    assert list(model.objects.values()) == before


def run(statement: str) -> None:
    """Send a statement as an operator would."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_replacing_a_row_is_rewriting_it_too(written):
    if connection.vendor != "sqlite":
        tried = "TRUNCATE kernel_accessentry"
    else:
        tried = "INSERT OR REPLACE INTO kernel_accessentry SELECT * FROM kernel_accessentry"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(tried)
    assert AccessEntry.objects.count() == 1


def test_the_triggers_come_and_go_together(written):
    append_only.remove(connection)
    append_only.install(connection)
    append_only.remove(connection)
    append_only.remove(connection)
    run("UPDATE kernel_accessentry SET at = at")
    append_only.install(connection)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run("UPDATE kernel_accessentry SET at = at")
