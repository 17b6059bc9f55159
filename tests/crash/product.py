"""The product's processes, each of which can be killed and started again at any moment."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.fixtures.processes import ROOT, Part
from tests.fixtures.site import free_port
from tools import with_postgres

START_SECONDS = 90
WEB = ("web", "web too")

#: The database, the static files (no page is made without them, that of an outage included), one
#: administrator who has chosen a password, and the key of a program of theirs.
PREPARE = """
from django.core.management import call_command
from guanxi.kernel.bootstrap import collect_static_files
from guanxi.people.models import User
call_command("migrate", verbosity=0)
collect_static_files()
call_command("create_user", "crash", role=["administrator"], make_password=True)
user = User.objects.get(username="crash")
user.set_password("%s")
user.must_change_password = False
user.save()
call_command("create_token", "crash")
"""
PASSWORD = "Riverbank-Lantern-42"

#: The worker itself, but soon taken for dead, and not parked for having been killed a lot.
WORKER = """
import django
from datetime import timedelta
django.setup()
from guanxi.kernel import jobs, outbox
jobs.LEASE = outbox.LEASE = timedelta(seconds=8)
jobs.MAX_ATTEMPTS = outbox.MAX_ATTEMPTS = 10_000
from django.core.management import call_command
call_command("worker")
"""


class Product:
    """Web, worker and (with PostgreSQL) the database, on a folder of their own."""

    def __init__(self, folder: Path, *, postgresql: bool = False, **environment: str) -> None:
        self.folder, self.ports = folder, [free_port() for _ in WEB]
        self.log = folder / "log"
        inherited = {
            k: v for k, v in os.environ.items() if not k.startswith(("GUANXI_", "DJANGO_"))
        }
        self.environment = {
            **inherited,
            "GUANXI_DATA": str(folder / "data"),
            "GUANXI_DEMO": "0",
            "GUANXI_API_BURST": "1000000",
            "GUANXI_API_REQUESTS_PER_MINUTE": "1000000",
            "GUANXI_METRICS_TOKEN": secrets.token_hex(8),
            "DJANGO_SETTINGS_MODULE": "guanxi.config.settings",
            "PORT": str(self.ports[0]),
            **environment,
        }
        self.parts: dict[str, Part] = {}
        self.cluster = Cluster(folder) if postgresql else None
        if self.cluster:
            self.environment["GUANXI_DATABASE_URL"] = self.cluster.url
            self.parts["database"] = self.cluster.part
        for name, port in zip(WEB, self.ports, strict=True):
            web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
                   "--port", str(port), "--no-ws", "--no-access-log", "--workers", "1",
                   "--blocking-threads", "4", "--log-level", "warning",
                   "guanxi.config.wsgi:application"]  # fmt: skip
            self.parts[name] = self.part(web)
        self.parts["worker"] = self.part([sys.executable, "-c", WORKER])

    def part(self, command: list[str]) -> Part:
        return Part(command, self.environment, self.log)

    def manage(self, *words: str) -> str:
        """Run a command on the same data; its standard output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def prepare(self) -> str:
        """The database with one administrator; the key of a program of theirs."""
        if self.cluster:
            self.cluster.start()
        return self.manage("shell", "--no-imports", "-c", PREPARE % PASSWORD).split()[-1]

    def start(self) -> None:
        for name in (*WEB, "worker"):
            self.parts[name].start()

    def stop(self) -> None:
        for part in self.parts.values():
            if part.process is not None:
                part.kill()
        if self.cluster:
            self.cluster.remove()

    def crash(self, victims: list[str]) -> None:
        """Kill parts at the same moment, then start them again."""
        for name in victims:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.parts[name].process.pid, signal.SIGKILL)
        for name in victims:
            self.parts[name].kill()
        if "database" in victims:
            self.cluster.start()
        for name in victims:
            if name != "database":
                self.parts[name].start()


class Cluster:
    """A PostgreSQL that keeps its word: fsync on, crashed and recovered again and again."""

    def __init__(self, folder: Path) -> None:
        # Its folder must be reachable for the user that it runs as.
        self.folder = Path(tempfile.mkdtemp(prefix="guanxi-crash-pg-"))
        self.folder.chmod(0o755)
        self.user = "postgres" if os.getuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        self.port = with_postgres.free_port()
        self.url = f"postgresql://guanxi@127.0.0.1:{self.port}/postgres"
        surroundings = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        data, programs = self.folder / "data", with_postgres.programs()
        initdb = [programs / "initdb", "-D", data, "-U", "guanxi", "-A", "trust", "-E", "UTF8"]
        # Short pieces of the log: they are turned often, and tables outgrow them (H11).
        initdb += ["--wal-segsize=1"]
        subprocess.run([*initdb, "--locale=C.UTF-8", "-N"], check=True, user=self.user,
                       cwd=self.folder, env=surroundings, stdout=subprocess.DEVNULL)  # fmt: skip
        options = [word for s in with_postgres.COMMON for word in ("-c", s)]
        command = [str(programs / "postgres"), "-D", str(data), "-p", str(self.port)]
        command += ["-k", str(self.folder), *options]
        self.part = Part(command, surroundings, folder / "postgres.log", user=self.user)
        self.part.cwd = self.folder

    def start(self) -> None:
        """Start, and come back when it takes connections: recovery is over then."""
        self.part.start()
        ask = [with_postgres.programs() / "pg_isready", "-q", "-h", "127.0.0.1"]
        end = time.monotonic() + START_SECONDS
        while subprocess.run([*ask, "-p", str(self.port)], check=False).returncode:
            assert time.monotonic() < end, "PostgreSQL does not come back"
            if self.part.process.poll() is not None:
                self.part.start()  # The shared memory of the dead one was not free yet.
            time.sleep(0.05)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def product(folder: Path, *, postgresql: bool, **environment: str) -> Iterator[tuple[Product, str]]:
    """A running product and the key of a program; gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Product(folder, postgresql=postgresql, **environment)
    try:
        key = made.prepare()
        made.start()
        yield made, key
    finally:
        made.stop()
