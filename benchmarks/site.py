"""The product as `manage.py up` runs it, beside PostgreSQL, with somebody signed in."""

import http.client
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import processes
from tests.fixtures.visitor import Visitor

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 300


@dataclass
class Site:
    """Web, worker and live updates of one data folder and database."""

    data: Path
    port: int
    password: str = ""
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    postmaster: int = 0

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """The three processes with the product's own commands and GUANXI_WEB_WORKERS."""
        from django.db import connection, connections

        from guanxi.kernel.supervisor import make_plan

        plan = make_plan("127.0.0.1", self.port)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.postmaster = processes.parent_of(cursor.fetchone()[0])
        connections.close_all()
        for name, command in plan.commands.items():
            environment = {**os.environ, **plan.environment}
            self.running[name] = subprocess.Popen(command, env=environment, cwd=ROOT)
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                visitor = Visitor(self.url)
                status = visitor.get("/accounts/login/").status
                visitor.close()
            except (OSError, http.client.HTTPException):
                time.sleep(0.2)
                continue
            if status == 200:
                return
            raise RuntimeError(f"the sign-in page answers {status}")
        raise RuntimeError(f"no page within {PATIENCE} seconds")

    def stop(self) -> None:
        """End the processes."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait(20)

    def sign_in(self, username: str) -> Visitor:
        """Somebody of the demo company with a session."""
        return Visitor(self.url).sign_in(username, self.password)

    def token(self, username: str) -> str:
        """An API key of somebody of the demo company."""
        command = [sys.executable, "manage.py", "create_token", username]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    # Costs --------------------------------------------------------------------------------------
    def roots(self, *names: str) -> list[int]:
        """The roots of the named process trees; `database` is PostgreSQL."""
        return [self.postmaster if n == "database" else self.running[n].pid for n in names]

    def cpu(self) -> dict[str, float]:
        """Processor seconds used so far, by part."""
        application = self.roots("web", "worker", "live")
        return {
            "application": processes.cpu_seconds(application),
            "database": processes.cpu_seconds(self.roots("database") if self.postmaster else ()),
        }

    def memory(self) -> float:
        """Megabytes of web and worker together."""
        return processes.resident_megabytes(self.roots("web", "worker"))


def free_port() -> int:
    """A port whose neighbour is free too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


def ask(visitor: Visitor, path: str, **headers: str) -> Any:
    """One GET that must succeed."""
    answer = visitor.get(path, **headers)
    if answer.status != 200:
        raise RuntimeError(f"{path} answers {answer.status}: {answer.text[:500]}")
    return answer
