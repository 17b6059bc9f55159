"""`manage.py up`: keeps the product's processes running as children of one parent.

It imports nothing but the standard library, so it begins at once and stays small. One child makes
the data ready while the web process loads, which serves nothing before that is done.
"""

import argparse
import ctypes
import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

HELP = "Starts web, worker and live updates, after checks, migrations and the first demo data."
ROOT = Path(__file__).resolve().parents[2]
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared with, not bound to
#: Settings that make no sense end the preparation within this; nothing else is started then.
HEAD_START_SECONDS = 0.5
GRACE_SECONDS = 10.0
FIRST_PAGE_SECONDS = 120.0
LIVE_SECONDS = 15.0
FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
STEADY_SECONDS = 60.0
TICK_SECONDS = 0.1
PR_SET_PDEATHSIG = 1
#: Where the preparation tells that it is done; where the web process learns that it may serve.
PREPARED_VARIABLE = "GUANXI_PREPARED"
GATE_VARIABLE = "GUANXI_GATE"


@dataclass(frozen=True)
class Plan:
    """What to run, the one whose page answers first, and where."""

    commands: dict[str, list[str]]
    host: str
    port: int
    environment: dict[str, str]

    @property
    def address(self) -> str:
        """The host as an address of the web has it."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/"


def make_plan(host: str, port: int) -> Plan:
    """The three processes and their surroundings."""
    reachable = ANYWHERE.get(host, host)
    address = f"http://{f'[{reachable}]' if ':' in reachable else reachable}"
    workers = os.environ.get("GUANXI_WEB_WORKERS") or "1"
    web = ["--workers", workers, "--blocking-threads", "4", "--log-level", "warning"]
    # A page may finish when asked to stop; a stream of live updates never would.
    web += ["--workers-kill-timeout", "8"]
    live = ["--log-level", "error", "--workers-kill-timeout", "1"]
    return Plan(
        commands={
            "web": [*granian("wsgi", host, port), *web, "guanxi.config.wsgi:application"],
            "worker": manage("worker"),
            "live": [*granian("asgi", host, port + 1), *live, "guanxi.config.asgi:application"],
        },
        host=reachable,
        port=port,
        environment={
            "PORT": str(port),
            "GUANXI_LIVE_URL": os.environ.get("GUANXI_LIVE_URL") or f"{address}:{port + 1}",
        },
    )


def granian(interface: str, host: str, port: int) -> list[str]:
    """The server's command, without what the product does not use."""
    listen = ["--host", host, "--port", str(port), "--no-ws", "--no-access-log"]
    return [sys.executable, "-m", "granian", "--interface", interface, *listen]


def manage(command: str) -> list[str]:
    """A command of `manage.py`."""
    return [sys.executable, str(ROOT / "manage.py"), command]


@dataclass
class Child:
    """One process of the product, in a process group of its own."""

    name: str
    command: list[str]
    environment: dict[str, str]
    kept: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    delay: float = FIRST_DELAY

    def start(self) -> None:
        """Begin the process; the kernel ends it when this parent dies without a word."""
        self.started_at, self.start_again_at = time.monotonic(), 0.0
        parent = os.getpid()
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env={**os.environ, **self.environment},
            pass_fds=self.kept,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: die_with(parent),  # noqa: PLW1509  this process has one thread
        )

    def has_ended(self) -> bool:
        """Whether it is not running now, nor waiting to be started again."""
        return self.process is not None and self.process.poll() is not None

    def plan_restart(self, now: float) -> str:
        """Choose when to start again: later each time, unless it had run well for a while."""
        how = self.how_it_ended()
        self.kill_group()
        self.process = None
        if now - self.started_at >= STEADY_SECONDS:
            self.delay = FIRST_DELAY
        self.start_again_at = now + self.delay
        notice = f"{self.name} ended ({how}); starting it again in {self.delay:g} s"
        self.delay = min(self.delay * 2, LONGEST_DELAY)
        return notice

    def how_it_ended(self) -> str:
        """The exit code as people say it."""
        code = self.process.returncode if self.process else 0
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def finish(self) -> None:
        """Wait for the end of a process that has done its work."""
        if self.process is not None:
            self.process.wait()

    def ask_to_stop(self) -> None:
        """Let it finish what it is doing."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def kill_group(self) -> None:
        """End whatever the process left behind in its group, and the process itself."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return


def die_with(parent: int) -> None:
    """Ask Linux to end this process when its parent ends; elsewhere nothing can be asked."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


class Supervisor:
    """Prepares, starts the children, restarts what dies, and stops all together."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stops_asked = 0
        self.gate, self._go = os.pipe()
        self._told, preparing = socket.socketpair()
        told = {PREPARED_VARIABLE: str(preparing.fileno())}
        kept = (preparing.detach(),)
        self.preparation = Child("preparation", manage("prepare"), plan.environment | told, kept)
        self.children = [
            Child(name, command, plan.environment) for name, command in plan.commands.items()
        ]
        first = self.children[0]
        first.environment = plan.environment | {GATE_VARIABLE: str(self.gate)}
        first.kept = (self.gate,)

    def run(self) -> int:
        """Run until asked to stop; the exit code is 0 unless it could not start."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        # The page comes first: what nobody waits for yet would only take the processor from it.
        first, *others = self.children
        try:
            welcome = self._prepare(first)
            if welcome is None or not self._wait_for_first_page():
                return 0 if self.stops_asked else 1
            for child in others:
                child.start()
            self._wait_for_live_updates()
            say(f"\n  Guanxi 关系   {self.plan.address}\n{welcome}\n\n  Ctrl-C stops everything.\n")
            self._keep_running()
        finally:
            self._stop_all()
        return 0

    def _prepare(self, first: Child) -> str | None:
        """Make the data ready while the first one loads; what to say of it, None if refused."""
        self.preparation.start()
        os.close(self.preparation.kept[0])
        begin = time.monotonic()
        while not self.stops_asked:
            if select.select([self._told], [], [], TICK_SECONDS)[0]:
                # With the words comes the hold on the data folder, which is kept to the end.
                words, _locks, _flags, _from = socket.recv_fds(self._told, 1 << 16, 1)
                if not words:
                    return None
                os.write(self._go, b"go")
                self.preparation.finish()
                return words.decode()
            if first.process is None and time.monotonic() - begin > HEAD_START_SECONDS:
                first.start()
        return None

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stops_asked += 1

    def _wait_for_first_page(self) -> bool:
        end = time.monotonic() + FIRST_PAGE_SECONDS
        while not self.stops_asked and time.monotonic() < end:
            for child in self.children:
                if child.has_ended():
                    say(f"{child.name} could not start ({child.how_it_ended()}; see above)")
                    return False
            if answers(self.plan.host, self.plan.port):
                return True
            time.sleep(TICK_SECONDS)
        if not self.stops_asked:
            say(f"no page came within {FIRST_PAGE_SECONDS:g} s; run `manage.py doctor`")
        return False

    def _wait_for_live_updates(self) -> None:
        """A while only: pages ask now and then where no stream comes."""
        end = time.monotonic() + LIVE_SECONDS
        while not self.stops_asked and time.monotonic() < end:
            if is_open(self.plan.host, self.plan.port + 1):
                return
            time.sleep(TICK_SECONDS)

    def _keep_running(self) -> None:
        while not self.stops_asked:
            now = time.monotonic()
            for child in self.children:
                if child.has_ended():
                    say(child.plan_restart(now))
                elif child.start_again_at and now >= child.start_again_at:
                    child.start()
            time.sleep(TICK_SECONDS)

    def _stop_all(self) -> None:
        """Ask, wait a while, then insist; a second Ctrl-C insists at once."""
        asked_before = self.stops_asked
        running = [self.preparation, *self.children]
        for child in running:
            child.ask_to_stop()
        end = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < end and self.stops_asked <= max(asked_before, 1):
            if all(child.process is None or child.has_ended() for child in running):
                break
            time.sleep(TICK_SECONDS / 2)
        for child in running:
            child.kill_group()
            child.finish()


def answers(host: str, port: int) -> bool:
    """Whether a page comes back whole from the address."""
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except OSError:
        return False
    finally:
        connection.close()


def is_open(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def say(words: str) -> None:
    """Tell the person at the terminal."""
    print(words, flush=True)  # noqa: T201  the terminal is this process's only face


def wait_at_gate() -> None:
    """Go on when the data is ready, at once where nobody prepares it; never if it cannot be."""
    gate = os.environ.get(GATE_VARIABLE)
    if not gate:
        return
    waiting = select.poll()
    waiting.register(int(gate), select.POLLIN)  # What is there to read stays for the next process.
    if not waiting.poll()[0][1] & select.POLLIN:
        sys.exit("the data was not made ready")


def free_port_fault(host: str, port: int) -> str:
    """Why an address cannot be served, or nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return (
                f"Port {port} of {host} cannot be used ({error.strerror}). "
                f"Stop what uses it, or choose another: PORT={port + 10} make run"
            )
    return ""


def main(arguments: list[str]) -> int:
    """Carry out `manage.py up`: where to listen is said by the environment, too."""
    parser = argparse.ArgumentParser("manage.py up", description=HELP)
    parser.add_argument("--host", default=os.environ.get("GUANXI_HOST") or "127.0.0.1")
    parser.add_argument("--port", type=int, default=os.environ.get("PORT") or "8000")
    chosen = parser.parse_args(arguments)
    for number in (chosen.port, chosen.port + 1):
        if fault := free_port_fault(chosen.host, number):
            sys.exit(fault)
    return Supervisor(make_plan(chosen.host, chosen.port)).run()
