"""Live updates: one small process tells open pages by server-sent events what has changed.

The event table is the truth: one poller reads it for all streams, a page that comes back goes
on from its Last-Event-ID. Who asks is known by the session cookie, from the pages' own origin
only; rights are asked for when a stream begins, at each delivery and at each heartbeat.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.surfaces import live_topics as topics_of
from guanxi.surfaces.editors import Person, read_editors
from guanxi.surfaces.live_topics import NoSuchTopic, Occurrence, Topic
from guanxi.surfaces.parsing import is_number

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Identify = Callable[[str, datetime], Actor]
T = TypeVar("T")

PATH: Final = "/stream/"
POLL_SECONDS: Final = 0.5
POLLS_PER_LOOK_AT_EDITORS: Final = 4
HEARTBEAT_SECONDS: Final = 15.0
#: On PostgreSQL an event becomes visible when its transaction ends, after later ones perhaps.
LATE_SECONDS: Final = 30.0
MOST_WAITING: Final = 100
MOST_STREAMS: Final = 1000
MOST_STREAMS_EACH: Final = 12
THREADS: Final = 3


class Refused(Exception):
    """Why there is no stream: a status, and not a word more."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(eq=False)
class Stream:
    """One open page: what it follows and what waits to be told."""

    session_key: str
    user_id: int | None
    topics: tuple[Topic, ...]
    waiting: deque[Occurrence] = field(default_factory=deque)
    told: deque[int] = field(default_factory=lambda: deque(maxlen=2 * MOST_WAITING))
    news: asyncio.Event = field(default_factory=asyncio.Event)
    is_over: bool = False

    def offer(self, occurrence: Occurrence) -> None:
        """Queue what this page follows; one that does not keep up is let go and comes back."""
        if occurrence.topics.isdisjoint(map(str, self.topics)):
            return
        if len(self.waiting) < MOST_WAITING:
            self.waiting.append(occurrence)
            self.news.set()
        else:
            self.end()

    def end(self) -> None:
        """Let the page go."""
        self.is_over = True
        self.news.set()

    def take_all(self) -> list[Occurrence]:
        """Everything that waits, each event once."""
        self.news.clear()
        found = []
        while self.waiting:
            occurrence = self.waiting.popleft()
            if occurrence.event_id not in self.told:
                found.append(occurrence)
            if occurrence.event_id:
                self.told.append(occurrence.event_id)
        return found


class LiveUpdates:
    """The ASGI application; `identify` tells who a session key stands for."""

    def __init__(self, identify: Identify) -> None:
        self.identify = identify
        self.streams: set[Stream] = set()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="live")
        self._poller: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            try:
                stream, after = await self._begin(scope)
            except Refused as refused:
                await _refuse(refused.status, send)
                return
            await self._serve(stream, after, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Begin and end with the server; at the end every stream is let go."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                for stream in self.streams:
                    stream.end()
                await send({"type": "lifespan.shutdown.complete"})
                return

    # Beginning ----------------------------------------------------------------------------------
    async def _begin(self, scope: Scope) -> tuple[Stream, int]:
        """The stream that a request asks for, and the event after which it goes on."""
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        if scope["path"] != PATH:
            raise Refused(404)
        if scope["method"] != "GET":
            raise Refused(405)
        if not is_from_our_pages(headers):
            raise Refused(403)
        query = parse_qs(scope["query_string"].decode("latin-1")[:4000])
        key = session_key_of(headers.get("cookie", ""))
        try:
            topics = topics_of.read_topics(",".join(query.get("topics", [])))
        except NoSuchTopic:
            raise Refused(404 if key else 401) from None
        if not key:
            raise Refused(401)
        actor = await self._in_thread(self._enter, key, topics)
        self._count(actor)
        after = headers.get("last-event-id", "") or "".join(query.get("after", [])[:1])
        return Stream(key, actor.user_id, topics), int(after) if is_number(after) else 0

    def _enter(self, key: str, topics: Sequence[Topic]) -> Actor:
        actor = self.identify(key, timezone.now())
        if actor.user_id is None:
            raise Refused(401)
        if not topics_of.may_follow(actor, topics):
            raise Refused(404)
        return actor

    def _count(self, actor: Actor) -> None:
        mine = sum(1 for stream in self.streams if stream.user_id == actor.user_id)
        if mine >= MOST_STREAMS_EACH:
            raise Refused(429)
        if len(self.streams) >= MOST_STREAMS:
            raise Refused(503)

    # Telling ------------------------------------------------------------------------------------
    async def _serve(self, stream: Stream, after: int, receive: Receive, send: Send) -> None:
        """Tell the page what happens until it goes away or may not know any more."""
        gone = asyncio.create_task(_wait_until_gone(receive))
        self.streams.add(stream)
        try:
            self._keep_polling()
            await send({"type": "http.response.start", "status": 200, "headers": stream_headers()})
            await self._tell(b"retry: 3000\n\n", send)
            await self._catch_up(stream, after)
            while not (stream.is_over or gone.done()):
                messages = await self._in_thread(self._allowed, stream, stream.take_all())
                if messages is None:
                    break
                await self._tell(b"".join(messages) or b": still here\n\n", send)
                await _wait_for_more(stream, gone)
            if not gone.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self.streams.discard(stream)
            gone.cancel()

    async def _tell(self, body: bytes, send: Send) -> None:
        await send({"type": "http.response.body", "body": body, "more_body": True})

    async def _catch_up(self, stream: Stream, after: int) -> None:
        """What the page has missed; when that is much, it is told to read itself anew."""
        missed = await self._in_thread(_missed, stream.topics, after)
        if len(missed) >= MOST_WAITING:
            reset = {"kind": "reset"}
            every = frozenset(map(str, stream.topics))
            missed = [Occurrence(every, "reset", reset)]
        for occurrence in missed:
            stream.offer(occurrence)

    def _allowed(self, stream: Stream, found: Sequence[Occurrence]) -> list[bytes] | None:
        """The messages that the reader may get now, or None when the stream is over."""
        actor = self.identify(stream.session_key, timezone.now())
        if actor.user_id != stream.user_id or not topics_of.may_follow(actor, stream.topics):
            return None
        return [
            occurrence.message(str(topic))
            for occurrence in found
            for topic in stream.topics
            if str(topic) in occurrence.topics and topics_of.may_hear(actor, occurrence, topic)
        ]

    # Polling ------------------------------------------------------------------------------------
    def _keep_polling(self) -> None:
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())

    async def _poll(self) -> None:
        """Read for all streams at once, as long as there is one."""
        reader = Reader(await self._in_thread(topics_of.latest_event))
        editors, polls = Editors(), 0
        while self.streams:
            topics = {topic for stream in self.streams for topic in stream.topics}
            try:
                found = await self._in_thread(reader.read, topics, time.monotonic())
                if polls % POLLS_PER_LOOK_AT_EDITORS == 0:
                    found += await self._in_thread(editors.read, timezone.now())
            except Exception:  # noqa: BLE001  a database that is away comes back
                found = []
            for occurrence in found:
                for stream in self.streams:
                    stream.offer(occurrence)
            polls += 1
            await asyncio.sleep(POLL_SECONDS)

    async def _in_thread(self, work: Callable[..., T], *given: Any) -> T:
        """Ask the database without holding up the other streams."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _with_sound_connection, work, given)


def _with_sound_connection(work: Callable[..., T], given: Sequence[Any]) -> T:
    close_old_connections()
    return work(*given)


class Reader:
    """Reads each event once, those included that become visible late."""

    def __init__(self, newest: int) -> None:
        self.floor = newest
        self._newest = newest
        self._seen: set[int] = set()
        self._marks: deque[tuple[float, int]] = deque()
        self._standing: dict[frozenset[str], Any] = {}

    def read(self, topics: Iterable[Topic], now: float) -> list[Occurrence]:
        """What is new at this moment."""
        topics = list(topics)
        found = topics_of.read_events(topics, self.floor, limit=2000)
        new = [each for each in found if each.event_id not in self._seen]
        self._seen.update(each.event_id for each in new)
        self._newest = max([self._newest, *(each.event_id for each in new)])
        self._forget(now)
        return new + self._moved(topics_of.read_standings(topics, timezone.now()))

    def _forget(self, now: float) -> None:
        """Let go of what is too old to have late neighbours; SQLite writes one after the other."""
        self._marks.append((now, self._newest))
        patience = LATE_SECONDS if connection.vendor == "postgresql" else 0.0
        while self._marks and self._marks[0][0] <= now - patience:
            self.floor = self._marks.popleft()[1]
        self._seen = {each for each in self._seen if each > self.floor}

    def _moved(self, found: Iterable[Occurrence]) -> list[Occurrence]:
        """What stands otherwise than at the last look."""
        moved = [each for each in found if self._standing.get(each.topics) != each.data]
        self._standing.update((each.topics, each.data) for each in moved)
        return moved


class Editors:
    """Tells when somebody begins or ends editing; the pages are told who does so altogether."""

    def __init__(self) -> None:
        self._known: dict[str, list[Person]] = {}

    def read(self, at: datetime) -> list[Occurrence]:
        """Every record where it is not the same people as at the last look."""
        found = read_editors(at)
        ended: dict[str, list[Person]] = {t: [] for t in self._known.keys() - found.keys()}
        moved = {t: people for t, people in found.items() if self._known.get(t) != people}
        self._known = found
        return [topics_of.editing(topic, people) for topic, people in (moved | ended).items()]


def _missed(topics: Sequence[Topic], after: int) -> list[Occurrence]:
    events = topics_of.read_events(topics, after, limit=MOST_WAITING) if after else []
    present = topics_of.read_editing(topics, timezone.now())
    return events + present + topics_of.read_standings(topics, timezone.now())


async def _wait_for_more(stream: Stream, gone: "asyncio.Task[None]") -> None:
    """Until something is there to tell, the page is gone, or it is time for a sign of life."""
    news = asyncio.create_task(stream.news.wait())
    await asyncio.wait({news, gone}, timeout=HEARTBEAT_SECONDS, return_when="FIRST_COMPLETED")
    news.cancel()


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


# Headers ------------------------------------------------------------------------------------------
def our_origin() -> str:
    """Where the pages come from."""
    parts = urlsplit(settings.SITE_URL)
    return f"{parts.scheme}://{parts.netloc}"


def is_from_our_pages(headers: MutableMapping[str, str]) -> bool:
    """A browser says where a request comes from; what does not say so gets nothing (A16)."""
    origin = headers.get("origin")
    if origin is not None:
        return origin == our_origin()
    return headers.get("sec-fetch-site") == "same-origin"


def session_key_of(written: str) -> str:
    """The session key in a Cookie header, or nothing."""
    try:
        found = SimpleCookie(written).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    key = found.value if found else ""
    return key if key.isascii() and key.isalnum() and len(key) <= 40 else ""


def stream_headers() -> list[tuple[bytes, bytes]]:
    """How a stream is sent: never kept, never framed, readable by our pages only."""
    return [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        (b"access-control-allow-origin", our_origin().encode()),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin, Cookie"),
        *_SAFE,
    ]


_SAFE: Final = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)


async def _refuse(status: int, send: Send) -> None:
    headers = [(b"content-length", b"0"), (b"cache-control", b"no-store"), *_SAFE]
    if status == 405:
        headers.append((b"allow", b"GET"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
