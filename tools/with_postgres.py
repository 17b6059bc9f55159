"""Runs a command beside a private PostgreSQL cluster that vanishes with it.

    tools/with_postgres.py [--durable] COMMAND …

The command finds the cluster's address in GUANXI_TEST_POSTGRES.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PR_SET_PDEATHSIG = 1
START_SECONDS = 30
#: A crash of the machine may lose this cluster; nothing else may.
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
COMMON = ("max_connections=200", "shared_buffers=256MB", "listen_addresses=127.0.0.1")


def programs() -> Path:
    """The folder of initdb and postgres, of the newest version there is."""
    folders = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    folders += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name)
    )
    if not folders:
        sys.exit("PostgreSQL's server programs are missing: apt-get install postgresql")
    return folders[-1]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_with_parent() -> None:
    """Linux stops the cluster at once when this process dies without a word."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


@contextlib.contextmanager
def cluster(*, durable: bool) -> Iterator[str]:
    """A cluster in a folder of its own; its address, until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="guanxi-postgres-"))
    folder.chmod(0o755)
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    surroundings = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    data, port = folder / "data", free_port()
    initdb = [programs() / "initdb", "-D", data, "-U", "guanxi", "-A", "trust", "-E", "UTF8"]
    # With the locale C the trigram and case functions see no Chinese.
    subprocess.run(
        [*initdb, "--locale=C.UTF-8", "-N"],
        check=True,
        user=user,
        cwd=folder,
        env=surroundings,
        stdout=subprocess.DEVNULL,
    )
    settings = [*COMMON, *(() if durable else FORGETFUL)]
    options = [word for setting in settings for word in ("-c", setting)]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [programs() / "postgres", "-D", data, "-p", str(port), "-k", folder, *options],
            user=user,
            cwd=folder,
            env=surroundings,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509  this process has one thread
        )
    try:
        wait_until_ready(server, port, folder / "log")
        yield f"postgresql://guanxi@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def wait_until_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Come back when the server takes connections, or say why it does not."""
    ask = [programs() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    end = time.monotonic() + START_SECONDS
    while subprocess.run(ask, check=False).returncode:
        if server.poll() is not None or time.monotonic() > end:
            sys.exit(f"PostgreSQL did not start:\n{log.read_text()}")
        time.sleep(0.05)


def main() -> int:
    """Run the command; its exit code."""
    words = sys.argv[1:]
    durable = words[:1] == ["--durable"]
    command = words[1:] if durable else words
    if not command:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with cluster(durable=durable) as address:
        environment = {**os.environ, "GUANXI_TEST_POSTGRES": address}
        running = subprocess.Popen(command, env=environment)
        try:
            return running.wait()
        except KeyboardInterrupt:
            return running.wait()
        except SystemExit:
            running.terminate()
            running.wait()
            raise


if __name__ == "__main__":
    sys.exit(main())
