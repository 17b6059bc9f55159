"""The parts of the live updates: topics, headers, a stream's queue, and reading without loss."""

import pytest
from django.db import connection
from django.urls import Resolver404, resolve

from guanxi.kernel.models import Event
from guanxi.surfaces import live
from guanxi.surfaces.live import MOST_WAITING, PATH, Reader, Stream
from guanxi.surfaces.live_topics import NoSuchTopic, Occurrence, Topic, read_events, read_topics
from tests.fixtures.company import AT

CUSTOMER = Topic("customers.customer", "7")


def happen(number: int, **columns) -> Event:
    given = {
        "id": number,
        "kind": "record.changed",
        "subject_type": "customers.customer",
        "subject_id": "7",
        "customer_id": 7,
        "actor_label": "x",
        "channel": "web",
        "at": AT,
    }
    return Event.objects.create(**given | columns)


# Topics -----------------------------------------------------------------------------------------
def test_topics_are_read_once_each():
    written = "customers.customer:7,customers.customer:7,people.user:1"
    assert read_topics(written) == (CUSTOMER, Topic("people.user", "1"))


@pytest.mark.parametrize(
    "written",
    [
        "",
        ",",
        "customers.customer",
        "customers.customer:",
        "customers.customer:-1",
        "customers.customer:%",
        "customers.customer:7 ",
        "customers.customer:1234567890123456789",
        "customers.customer:٧",
        "unknown.thing:7",
        "run:7x",
        ",".join(f"customers.customer:{n}" for n in range(21)),
    ],
)
def test_crooked_topics_are_refused(written):
    with pytest.raises(NoSuchTopic):
        read_topics(written)


# Headers ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"origin": "https://crm.example"}, True),
        ({"origin": "https://crm.example:8443"}, False),
        ({"origin": "http://crm.example"}, False),
        ({"origin": "https://crm.example.evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://evil.example", "sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({}, False),
    ],
)
def test_only_our_pages_may_ask(settings, headers, is_ours):
    settings.SITE_URL = "https://crm.example/"
    assert live.is_from_our_pages(headers) is is_ours


@pytest.mark.parametrize(
    ("cookie", "key"),
    [
        ("guanxi=abc123; csrf=x", "abc123"),
        ("csrf=x", ""),
        ("guanxi=a/../b", ""),
        ("guanxi=" + "a" * 41, ""),
        ("\x00;;;=", ""),
        ("", ""),
    ],
)
def test_the_session_key_is_taken_out_of_the_cookies(cookie, key):
    assert live.session_key_of(cookie) == key


# Streams ----------------------------------------------------------------------------------------
def occurrence(number: int = 1, *topics: str) -> Occurrence:
    return Occurrence(frozenset(topics or {"customers.customer:7"}), "record", {}, number)


def test_a_stream_queues_only_what_it_follows_and_each_event_once():
    stream = Stream("key", 1, (CUSTOMER,))
    stream.offer(occurrence(1, "customers.customer:8"))
    assert not stream.news.is_set()
    for number in (2, 2, 3):
        stream.offer(occurrence(number))
    assert stream.news.is_set()
    assert [each.event_id for each in stream.take_all()] == [2, 3]
    stream.offer(occurrence(3))
    assert stream.take_all() == []


def test_a_stream_that_does_not_keep_up_is_let_go():
    stream = Stream("key", 1, (CUSTOMER,))
    for number in range(MOST_WAITING):
        stream.offer(occurrence(number + 1))
    assert not stream.is_over
    stream.offer(occurrence(MOST_WAITING + 1))
    assert stream.is_over


def test_a_message_holds_ids_and_kinds_only():
    told = Occurrence(
        frozenset({"a.b:1"}), "record", {"kind": "record.changed", "user": 3}, 9, "a.b", "1"
    )
    assert told.message("a.b:1") == (
        b'id: 9\nevent: record\ndata: {"topic":"a.b:1","kind":"record.changed","user":3}\n\n'
    )


# Reading ----------------------------------------------------------------------------------------
def test_a_customer_s_topic_includes_what_belongs_to_it(db):
    happen(1, customer_id=8, subject_id="8")
    happen(2, subject_type="customers.order", subject_id="55")
    happen(3)
    found = read_events([CUSTOMER], after=0)
    assert [each.event_id for each in found] == [2, 3]
    assert found[0].topics == {"customers.order:55", "customers.customer:7"}
    assert read_events([CUSTOMER], after=2)[0].event_id == 3


def test_the_reader_tells_each_event_once_and_late_ones_too(db):
    reader = Reader(newest=10)
    happen(12)
    assert [o.event_id for o in reader.read([CUSTOMER], now=0.0)] == [12]
    assert reader.read([CUSTOMER], now=1.0) == []
    if connection.vendor == "postgresql":
        happen(11)  # begun before 12, committed after it
        assert [o.event_id for o in reader.read([CUSTOMER], now=2.0)] == [11]
        assert reader.read([CUSTOMER], now=3.0) == []
        reader.read([CUSTOMER], now=live.LATE_SECONDS + 3.5)
    assert reader.floor == 12
    happen(13)
    assert [o.event_id for o in reader.read([CUSTOMER], now=100.0)] == [13]


def test_no_page_has_the_address_of_the_stream():
    # A proxy tells the two processes apart by the path alone.
    with pytest.raises(Resolver404):
        resolve(PATH)
