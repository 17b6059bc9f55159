"""Clients that write through the API whatever happens, and keep what was acknowledged.

Each client changes only what it made itself, so that the history says exactly what must be there.
A request whose answer is lost is sent again under its Idempotency-Key until it is answered.
"""

import http.client
import json
import random
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

PATIENCE = 90.0
PAUSE = 0.05


class Unanswered(Exception):
    """The product did not come back in time."""


@dataclass
class Answer:
    """What the API said."""

    status: int
    body: Any
    headers: dict[str, str]


class Caller:
    """A program with one connection, made anew to the next web process when it breaks."""

    def __init__(self, ports: Sequence[int], key: str) -> None:
        self.ports, self.key = cycle(ports), key
        self.connection: http.client.HTTPConnection | None = None
        self.longest_outage, self.refused_503 = 0.0, 0

    def once(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One try, of the API or (with a path from the root) of a page; any break is raised."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", next(self.ports), timeout=30)
        sent = body if isinstance(body, bytes) else json.dumps(body).encode() if body else None
        given = {"Authorization": f"Bearer {self.key}", "Accept-Language": "en"}
        given |= {"Content-Type": "application/json"} | headers
        try:
            whole = path if path.startswith("/") else f"/api/v1/{path}"
            self.connection.request(method, whole, sent, given)
            answer = self.connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        found = {name.lower(): value for name, value in answer.getheaders()}
        is_json = "json" in found.get("content-type", "")
        return Answer(answer.status, json.loads(content) if is_json else content, found)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Until it is answered; a 503 asks to come again, and says when."""
        start = time.monotonic()
        while True:
            try:
                answer = self.once(method, path, body, **headers)
                if answer.status == 503:
                    assert answer.headers.get("retry-after"), answer
                    self.refused_503 += 1
                elif answer.status < 500:
                    break
                else:
                    raise AssertionError(f"{method} {path} answered {answer.status}: {answer.body}")
            except (OSError, http.client.HTTPException, json.JSONDecodeError):
                pass
            if time.monotonic() - start > PATIENCE:
                raise Unanswered(f"{method} {path}")
            time.sleep(PAUSE)
        self.longest_outage = max(self.longest_outage, time.monotonic() - start)
        return answer

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Desk:
    """The same person in a browser: what only pages offer."""

    def __init__(self, caller: Caller, password: str) -> None:
        self.caller, self.token = caller, secrets.token_hex(16)
        answer = self.post("/accounts/login/", [("login", "crash"), ("password", password)])
        cookie = SimpleCookie(answer.headers.get("set-cookie", ""))
        assert answer.status == 302, answer
        self.session = cookie["guanxi"].value

    session = ""

    def post(self, path: str, pairs: list[tuple[str, str]]) -> Answer:
        """Send a form until it is answered."""
        form = urlencode([("csrfmiddlewaretoken", self.token), *pairs]).encode()
        cookie = f"csrf={self.token}" + (f"; guanxi={self.session}" if self.session else "")
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
        return self.caller.send("POST", path, form, Authorization="", **kind)


@dataclass
class Made:
    """A customer as its client knows it: what the last acknowledged answer said."""

    pk: int
    name: str
    version: int
    focus: str = ""
    changes: int = 0
    orders: dict[str, int] = field(default_factory=dict)
    changes_at_once: int = 0


@dataclass
class History:
    """What one client got acknowledged."""

    customers: list[Made] = field(default_factory=list)
    imports: dict[str, list[str]] = field(default_factory=dict)
    bulk_changes: int = 0
    acknowledged: int = 0
    replayed: int = 0
    problems: list[str] = field(default_factory=list)


class Client(threading.Thread):
    """Writes until it is told to stop."""

    def __init__(
        self, name: str, caller: Caller, seed: int, *, imports: bool, desk: Desk | None = None
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.caller, self.random, self.imports = caller, random.Random(seed), imports
        self.desk, self.free = desk, []  # free: what no background work will change any more
        self.history, self.stop, self.number = History(), threading.Event(), 0
        self.waiting: dict[str, list[str]] = {}

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                self.act()
        except Exception as error:  # noqa: BLE001  told by the checker
            self.history.problems.append(f"{self.name}: {type(error).__name__}: {error}")
        finally:
            self.caller.close()

    def act(self) -> None:
        chance = self.random.random()
        known = self.free
        if self.waiting and chance < 0.1:
            self.start_imports()
        elif self.imports and chance < 0.15 and len(self.waiting) < 3:
            self.bring_in()
        elif self.desk and len(known) > 3 and (chance < 0.25 or not self.history.bulk_changes):
            self.change_many(known[:3])
        elif not known or chance < 0.4:
            self.create()
        elif chance < 0.75:
            self.change(self.random.choice(known[-20:]))
        else:
            self.order(self.random.choice(known[-20:]))

    def write(self, method: str, path: str, body: Any, expected: int, **headers: str) -> Answer:
        """A write under a key of its own, counted when it is acknowledged."""
        self.number += 1
        key = {"Idempotency-Key": f"{self.name}-{self.number}"}
        answer = self.caller.send(method, path, body, **key, **headers)
        assert answer.status == expected, f"{method} {path} {answer.status} {answer.body}"
        self.history.acknowledged += 1
        self.history.replayed += answer.headers.get("idempotency-replayed") == "true"
        return answer

    def create(self) -> None:
        name = f"{self.name} 客户 {self.number} 🌊"
        made = self.write("POST", "customers/", {"name": name}, 201).body
        self.history.customers.append(Made(made["id"], name, made["version"]))
        self.free.append(self.history.customers[-1])

    def change(self, made: Made) -> None:
        focus = f"{self.name} {self.number} {self.random.random()}"
        version = {"If-Match": f'"{made.version}"'}
        body = self.write("PATCH", f"customers/{made.pk}/", {"focus": focus}, 200, **version).body
        made.version, made.focus, made.changes = body["version"], focus, made.changes + 1

    def order(self, made: Made) -> None:
        number = f"{self.name}-{self.number}"
        amount = self.random.randrange(1, 10**6)
        body = {"customer": made.pk, "number": number, "amount_minor": amount,
                "placed_at": "2026-03-01T10:00:00Z"}  # fmt: skip
        self.write("POST", "orders/", body, 201)
        made.orders[number] = amount

    def change_many(self, some: list[Made]) -> None:
        """A change of several at once, in the background: acknowledged, it must come, once."""
        self.number += 1
        focus = f"{self.name} at once {self.number}"
        pairs = [("id", str(made.pk)) for made in some]
        pairs += [("set", "focus"), ("focus", focus)]
        pairs += [("seen_at", datetime.now(UTC).isoformat())]
        answer = self.desk.post("/customers/bulk/start/", pairs)
        assert answer.headers.get("location", "").startswith("/runs/"), answer
        self.history.acknowledged += 1
        self.history.bulk_changes += 1
        for made in some:
            made.version, made.focus = made.version + 1, focus
            made.changes_at_once += 1
            self.free.remove(made)

    def bring_in(self) -> None:
        """A file of forty rows: taken in and looked through."""
        self.number += 1
        mark = f"{self.name}-i{self.number}"
        rows = [f"{mark}-{n}" for n in range(40)]
        table = "external_id,name\n" + "".join(f"{r},导入 {r}\n" for r in rows)
        edge = "----guanxi"
        parts = [("type", None, "customers"), ("file", f"{mark}.csv", table)]
        parts.append(("mapping", None, '{"external_id": "external_id", "name": "name"}'))
        body = "".join(
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"'
            + (f'; filename="{file}"\r\nContent-Type: text/csv' if file else "")
            + f"\r\n\r\n{content}\r\n"
            for name, file, content in parts
        )
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        sent = f"{body}--{edge}--\r\n".encode()
        made = self.write("POST", "imports/", sent, 201, **kind).body
        self.write("POST", f"imports/{made['id']}/preview/", None, 202)
        self.waiting[made["id"]] = rows

    def start_imports(self) -> None:
        """Start the imports that have been looked through; an acknowledged start must be done."""
        for pk in list(self.waiting):
            if self.caller.send("GET", f"imports/{pk}/").body["state"] == "ready":
                self.write("POST", f"imports/{pk}/start/", None, 202)
                self.history.imports[pk] = self.waiting.pop(pk)
