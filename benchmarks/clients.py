"""Many clients in one process with one thread: little of the processor is theirs."""

import asyncio
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    @property
    def text(self) -> str:
        """As a page."""
        return self.body.decode()

    def json(self) -> Any:
        """As a document."""
        return json.loads(self.body)


@dataclass
class Client:
    """One keep-alive connection with headers that every request carries."""

    url: str
    headers: Mapping[str, str]
    csrf: str = ""
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @classmethod
    def of_session(cls, url: str, cookies: Mapping[str, str], csrf: str) -> Self:
        """Somebody who is signed in with a browser."""
        written = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return cls(url, {"Cookie": written, "Origin": url, "Referer": f"{url}/"}, csrf)

    @classmethod
    def of_token(cls, url: str, token: str) -> Self:
        """A program with an API key."""
        return cls(url, {"Authorization": f"Bearer {token}"})

    async def get(self, path: str, **headers: str) -> Answer:
        """Read a page."""
        return await self.ask("GET", path, b"", headers)

    async def post(self, path: str, values: Mapping[str, Any], **headers: str) -> Answer:
        """Send a form as a page of ours would."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        sent = urlencode({"csrfmiddlewaretoken": self.csrf, **values}).encode()
        return await self.ask("POST", path, sent, {**headers, **kind})

    async def send(self, path: str, values: Any) -> Answer:
        """Send a document to the API."""
        sent = json.dumps(values, ensure_ascii=False).encode() if values is not None else b""
        return await self.ask("POST", path, sent, {"Content-Type": "application/json"})

    async def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """One request and its whole answer."""
        parts = urlsplit(self.url)
        if self._streams is None:
            self._streams = await asyncio.open_connection(parts.hostname, parts.port)
        reader, writer = self._streams
        named = {"Host": parts.netloc, **self.headers, "Content-Length": str(len(body))}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        head = await reader.readuntil(b"\r\n\r\n")
        return Answer(int(head[9:12]), await _content(reader, head.lower()))

    async def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _content(reader: asyncio.StreamReader, head: bytes) -> bytes:
    if b"\r\ntransfer-encoding: chunked" in head:
        parts = []
        while size := int(await reader.readline(), 16):
            parts.append(await reader.readexactly(size))
            await reader.readline()
        await reader.readline()
        return b"".join(parts)
    _before, named, after = head.partition(b"\r\ncontent-length:")
    return await reader.readexactly(int(after.partition(b"\r\n")[0])) if named else b""


@dataclass
class Tally:
    """How long each operation took, by its kind, in milliseconds."""

    walls: dict[str, list[float]] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)
    cpu_began: float = field(default_factory=time.process_time)
    seconds: float = 0.0
    cpu: float = 0.0

    def note(self, kind: str, began: float) -> None:
        """One operation has been answered."""
        self.walls.setdefault(kind, []).append((time.perf_counter() - began) * 1000)

    def end(self) -> Self:
        """No more operations come."""
        self.seconds = time.perf_counter() - self.began
        self.cpu = time.process_time() - self.cpu_began
        return self

    @property
    def all(self) -> list[float]:
        """The times of all operations."""
        return [wall for walls in self.walls.values() for wall in walls]

    @property
    def per_second(self) -> float:
        """Operations in a second."""
        return len(self.all) / self.seconds


def p95(walls: Sequence[float]) -> float:
    """What nineteen of twenty keep within."""
    return statistics.quantiles(walls, n=20, method="inclusive")[-1] if len(walls) > 1 else 0.0
