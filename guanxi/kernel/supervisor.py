"""Keeps the product's processes running as children of one parent, and stops them together.

It imports nothing but the standard library: `manage.py up` prepares the data, then turns itself
into this small process: `python -m guanxi.kernel.supervisor`, with a `Plan` as JSON in the
environment, which nobody else on the machine can read: a command line everybody can.
"""

import ctypes
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from types import FrameType

GRACE_SECONDS = 10.0
FIRST_PAGE_SECONDS = 120.0
LIVE_SECONDS = 15.0
FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
STEADY_SECONDS = 60.0
TICK_SECONDS = 0.1
PR_SET_PDEATHSIG = 1
PLAN_VARIABLE = "GUANXI_PLAN"


@dataclass(frozen=True)
class Plan:
    """What to run, the one whose page answers first, where, and what to say once it does."""

    commands: dict[str, list[str]]
    host: str
    port: int
    live_port: int
    welcome: str
    environment: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """The plan as the supervising process reads it."""
        return json.dumps(asdict(self))


@dataclass
class Child:
    """One process of the product, in a process group of its own."""

    name: str
    command: list[str]
    environment: dict[str, str]
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
            env={**os.environ, **self.environment},
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
    """Starts the children, waits for the first page, restarts what dies, and stops all together."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.children = [
            Child(name, command, plan.environment) for name, command in plan.commands.items()
        ]
        self.stops_asked = 0

    def run(self) -> int:
        """Run until asked to stop; the exit code is 0 unless the first page never came."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        # The page comes first: what nobody waits for yet would only take the processor from it.
        first, *others = self.children
        first.start()
        try:
            if not self._wait_for_first_page():
                return 0 if self.stops_asked else 1
            for child in others:
                child.start()
            self._wait_for_live_updates()
            say(self.plan.welcome)
            self._keep_running()
        finally:
            self._stop_all()
        return 0

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
            if is_open(self.plan.host, self.plan.live_port):
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
        for child in self.children:
            child.ask_to_stop()
        end = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < end and self.stops_asked <= max(asked_before, 1):
            if all(child.process is None or child.has_ended() for child in self.children):
                break
            time.sleep(TICK_SECONDS / 2)
        for child in self.children:
            child.kill_group()
            if child.process is not None:
                child.process.wait()


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


def main() -> int:
    """Carry out the plan that `manage.py up` has made, and keep it from the children."""
    return Supervisor(Plan(**json.loads(os.environ.pop(PLAN_VARIABLE)))).run()


if __name__ == "__main__":
    sys.exit(main())
