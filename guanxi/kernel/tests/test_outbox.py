"""Reactions happen once, later, whatever dies in between (H05, H08, H15)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError
from django.db.models import Q

from guanxi.kernel import events, outbox
from guanxi.kernel.actor import system_actor
from guanxi.kernel.events import EventBase, event, on, record
from guanxi.kernel.models import Delivery, Heartbeat, NumberSeries, StoredFile

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DUE = Q(state="due")


@pytest.fixture
def filed(monkeypatch):
    """An event that only the reactions of these tests hear."""
    monkeypatch.setattr(events, "_kinds", {})
    monkeypatch.setattr(events, "_subscriptions", {})

    @event("tests.filed")
    @dataclass(frozen=True)
    class Filed(EventBase):
        page: int = 1

    return Filed


@pytest.fixture
def write(filed):
    """Record so many events now; their ids."""
    subject = StoredFile.objects.create(name="a", size=1, created_at=AT)

    def write(count: int = 1) -> list[int]:
        return [
            record(filed(n), subject=subject, actor=system_actor(), at=AT).pk for n in range(count)
        ]

    return write


@pytest.fixture
def heard(filed):
    """What a well-behaved reaction heard: batches of event ids."""
    batches: list[list[int]] = []

    @on(filed)
    def listen(rows):
        """Writes down what it hears."""
        batches.append([row.pk for row in rows])

    return batches


def states() -> list[str]:
    """The states of all deliveries in order."""
    return list(Delivery.objects.order_by("id").values_list("state", flat=True))


def only() -> Delivery:
    """The one delivery of the test."""
    return Delivery.objects.get()


def test_a_reaction_hears_every_event_once_and_in_order(write, heard):
    ids = write(5)
    assert outbox.deliver_due(at=AT) == 5
    assert heard == [ids]
    assert states() == ["done"] * 5
    assert only_done_at() == {AT}
    assert outbox.deliver_due(at=AT + SECOND) == 0
    assert heard == [ids]


def only_done_at() -> set[datetime]:
    """When the deliveries were done."""
    return set(Delivery.objects.values_list("done_at", flat=True))


def test_a_batch_is_as_large_as_the_reaction_wants(filed, write):
    sizes = []

    @on(filed, batch=2)
    def listen(rows):
        """Wants pairs."""
        sizes.append(len(rows))

    write(5)
    outbox.deliver_due(at=AT)
    assert sizes == [2, 2, 1]


def test_what_is_not_due_waits(write, heard):
    write(2)
    assert outbox.deliver_due(at=AT - SECOND) == 0
    assert heard == []


def test_no_more_is_claimed_than_asked_for(write, heard):
    write(5)
    assert outbox.deliver_due(at=AT, limit=2) == 2
    assert states() == ["done", "done", "due", "due", "due"]


# Failing ------------------------------------------------------------------------------------------
def test_a_failed_reaction_leaves_no_half_effect_and_comes_back(filed, write):
    @on(filed)
    def stumble(rows):
        """Writes, then fails."""
        NumberSeries.objects.create(pk="half")
        raise KeyError("stumbled")

    write()
    outbox.deliver_due(at=AT)
    assert not NumberSeries.objects.exists()
    row = only()
    assert (row.state, row.attempts, row.due_at) == ("due", 1, AT + outbox.FIRST_DELAY)
    assert (row.token, row.lease_until) == (None, None)
    assert "stumbled" in row.error


def test_an_error_of_the_database_inside_a_reaction_harms_nothing(filed, write, heard):
    @on(filed)
    def twice(rows):
        """Breaks a constraint."""
        for _ in range(2):
            NumberSeries.objects.create(pk="one")

    write()
    outbox.deliver_due(at=AT)
    by_name = dict(Delivery.objects.values_list("consumer", "state"))
    assert sorted(by_name.values()) == ["done", "due"]
    assert len(heard) == 1
    assert not NumberSeries.objects.exists()


def test_the_delay_doubles_and_after_the_last_try_the_delivery_is_parked(filed, write):
    @on(filed)
    def never(rows):
        """Always fails."""
        raise IntegrityError("no")

    write()
    at, delays = AT, []
    for _ in range(outbox.MAX_ATTEMPTS - 1):
        outbox.deliver_due(at=at)
        delays.append((only().due_at - at).total_seconds())
        assert outbox.deliver_due(at=only().due_at - SECOND) == 0
        at = only().due_at
    first = outbox.FIRST_DELAY.total_seconds()
    assert delays == [first * 2**n for n in range(len(delays))]
    outbox.deliver_due(at=at)
    row = only()
    assert (row.state, row.attempts) == ("parked", outbox.MAX_ATTEMPTS)
    assert "IntegrityError" in row.error
    assert outbox.deliver_due(at=at + timedelta(days=30)) == 0


def test_the_delay_has_an_end(filed, write):
    @on(filed)
    def never(rows):
        """Always fails."""
        raise KeyError

    write()
    Delivery.objects.update(attempts=outbox.MAX_ATTEMPTS - 2)
    outbox.deliver_due(at=AT)
    assert only().due_at - AT <= outbox.LONGEST_DELAY


def test_a_poisoned_event_holds_nobody_up(filed, write):
    heard = []

    @on(filed)
    def picky(rows):
        """Fails on the third."""
        if any(row.data["page"] == 2 for row in rows):
            raise KeyError("page 2")
        heard.extend(row.data["page"] for row in rows)

    write(5)
    outbox.deliver_due(at=AT)
    assert heard == [0, 1, 3, 4]
    assert states() == ["done", "done", "due", "done", "done"]


def test_a_reaction_that_is_gone_is_shown_not_forgotten(write, heard):
    write()
    Delivery.objects.update(consumer="long.gone")
    outbox.deliver_due(at=AT)
    row = only()
    assert row.state == "parked"
    assert "long.gone" in row.error
    assert heard == []


# Leases -------------------------------------------------------------------------------------------
def test_a_claimed_delivery_is_nobody_elses_until_the_lease_ends(write, heard):
    write(3)
    assert len(outbox._claim(DUE, AT, 10)) == 3
    assert outbox.deliver_due(at=AT + SECOND) == 0
    assert outbox.deliver_due(at=AT + outbox.LEASE) == 0
    assert heard == []


def test_what_a_killed_worker_held_is_taken_over(write, heard):
    ids = write(3)
    outbox._claim(DUE, AT, 10)
    later = AT + outbox.LEASE + SECOND
    while outbox.deliver_due(at=later):
        pass
    assert sorted(pk for batch in heard for pk in batch) == ids
    assert states() == ["done"] * 3


def test_a_worker_that_woke_up_too_late_does_nothing(filed, write, heard):
    write(2)
    mine = outbox._claim(DUE, AT, 10)
    later = AT + outbox.LEASE + SECOND
    while outbox.deliver_due(at=later):
        pass
    before = list(Delivery.objects.order_by("id").values())
    heard.clear()
    subscription = next(iter(events.subscriptions().values()))
    outbox._deliver(subscription, mine, later)
    assert heard == []
    assert list(Delivery.objects.order_by("id").values()) == before


def test_a_worker_that_loses_its_lease_while_reacting_leaves_no_effect(filed, write):
    @on(filed)
    def slow(rows):
        """Is overtaken by another worker while it works."""
        NumberSeries.objects.create(pk="effect of the slow one")
        Delivery.objects.update(token=None)

    write()
    mine = outbox._claim(DUE, AT, 10)
    outbox._deliver(next(iter(events.subscriptions().values())), mine, AT)
    assert not NumberSeries.objects.exists()


def test_an_event_that_kills_its_worker_is_parked_and_takes_no_other_with_it(filed, write):
    """A killed worker writes nothing down, so only the claim can count the tries (H15)."""
    heard = []

    @on(filed)
    def listen(rows):
        """Dies of page 1, as of a lack of memory: no code of ours runs after it."""
        if any(row.data["page"] == 1 for row in rows):
            raise KeyboardInterrupt
        heard.extend(row.data["page"] for row in rows)

    write(4)
    at = AT
    for _ in range(4 * outbox.MAX_ATTEMPTS):
        try:
            while outbox.deliver_due(at=at):
                pass
        except KeyboardInterrupt:
            at += outbox.LEASE / 2 + SECOND
        else:
            at += outbox.LEASE + SECOND
    assert heard == [0, 2, 3]
    assert states() == ["done", "parked", "done", "done"]
    assert "died" in Delivery.objects.get(state="parked").error


# The command --------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_the_worker_drains_what_is_due_and_says_that_it_lives(write, heard):
    write(3)
    call_command("worker", once=True)
    assert states() == ["done"] * 3
    assert Heartbeat.objects.filter(name="worker").exists()
