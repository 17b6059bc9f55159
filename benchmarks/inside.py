"""The product's WSGI application in this very process, so that a request's cost can be told apart.

The same middleware, views, templates and statements as behind the server; only the socket is
missing.
"""

import io
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks import processes
from tests.fixtures.visitor import Answer, Visitor

ADDRESS = "http://127.0.0.1"


@dataclass(frozen=True)
class Cost:
    """What one request took: by the clock, and of the processor on either side, in milliseconds."""

    wall: float
    application: float
    status: int
    size: int


class Inside(Visitor):
    """A person whose requests go straight into the application."""

    def __init__(self) -> None:
        super().__init__(ADDRESS)
        from guanxi.config.wsgi import application

        self.application: Any = application
        self.last = Cost(0, 0, 0, 0)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send one request; a dictionary goes as a form, bytes go as they are."""
        sent = {name.replace("-", "_").upper(): value for name, value in headers.items()}
        kind = sent.pop("CONTENT_TYPE", "")
        if isinstance(body, dict):
            kind, body = "application/x-www-form-urlencoded", urlencode(body).encode()
        environ = self._environ(method, path, body or b"", kind)
        environ |= {f"HTTP_{name}": value for name, value in sent.items()}
        answer = self._run(environ)
        for line in answer.headers.get_all("Set-Cookie") or ():  # type: ignore[attr-defined]
            name, _is, value = line.split(";", 1)[0].partition("=")
            self.cookies[name] = value
        return answer

    def _environ(self, method: str, path: str, body: bytes, kind: str) -> dict[str, Any]:
        parts = urlsplit(path)
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": parts.path.encode().decode("latin-1"),
            "QUERY_STRING": parts.query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": kind,
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0),
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if self.cookies:
            environ["HTTP_COOKIE"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        return environ

    def _run(self, environ: Mapping[str, Any]) -> Answer:
        head = Message()
        status = 0

        def start(line: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
            nonlocal status
            status = int(line.split(maxsplit=1)[0])
            for name, value in headers:
                head[name] = value

        began, used = time.perf_counter(), time.process_time()
        found = self.application(environ, start)
        content = b"".join(found)
        if hasattr(found, "close"):
            found.close()
        wall, spent = time.perf_counter() - began, time.process_time() - used
        self.last = Cost(wall * 1000, spent * 1000, status, len(content))
        return Answer(status, head, content)  # type: ignore[arg-type]


@dataclass
class Statements:
    """The statements of a request, with how long each took."""

    found: list[tuple[float, str, Any]] = field(default_factory=list)

    def note(self, execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        """Time one statement."""
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.found.append(((time.perf_counter() - began) * 1000, sql, params))


@contextmanager
def statements() -> Iterator[Statements]:
    """Watch the statements of a block."""
    from django.db import connection

    watched = Statements()
    with connection.execute_wrapper(watched.note):
        yield watched


def database_seconds() -> float:
    """Processor seconds of this connection's PostgreSQL process; SQLite works in ours."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    return processes.cpu_seconds([pid])


def prepare(data: str, database: str = "") -> None:
    """Settings for a data folder that is already filled."""
    os.environ |= {"GUANXI_DATA": data, "DJANGO_SETTINGS_MODULE": "guanxi.config.settings"}
    if database:
        os.environ["GUANXI_DATABASE_URL"] = database
    import django

    django.setup()
    from guanxi.kernel import bootstrap

    bootstrap.collect_static_files()
