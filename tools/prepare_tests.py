"""Makes sure that the tests find Chromium, a Chinese font, PostgreSQL, nginx and RabbitMQ.

As root on Debian it installs what is missing; elsewhere it names what is missing and how to get
it, and fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Need:
    """One program or font of the tests, how to see it, and Debian's package for it."""

    words: str
    package: str
    is_there: Callable[[], bool]


def has_chromium() -> bool:
    """Whether a Chromium can be started."""
    named = os.environ.get("CHROME")
    names = ("chromium", "chromium-headless-shell", "google-chrome", "google-chrome-stable")
    return bool(named and Path(named).exists()) or any(map(shutil.which, names))


def has_chinese_font() -> bool:
    """Whether some installed font draws Chinese."""
    if shutil.which("fc-list"):
        listed = subprocess.run(
            ["fc-list", ":lang=zh-cn", "family"], capture_output=True, check=False
        )
        return bool(listed.stdout.strip())
    return any(Path("/usr/share/fonts").rglob("*wqy*")) or any(
        Path("/usr/share/fonts").rglob("*CJK*")
    )


def has_postgresql() -> bool:
    """Whether PostgreSQL's server programs are installed."""
    return bool(shutil.which("initdb")) or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def has_nginx() -> bool:
    """Whether nginx is installed, on the path of root at least."""
    return bool(shutil.which("nginx")) or Path("/usr/sbin/nginx").exists()


def has_rabbitmq() -> bool:
    """Whether RabbitMQ is installed; its start command is on the path of root at most."""
    return bool(shutil.which("rabbitmq-server")) or Path("/usr/sbin/rabbitmq-server").exists()


NEEDS = [
    Need("Chromium, for the browser journeys", "chromium", has_chromium),
    Need("a Chinese font, for the screenshots", "fonts-wqy-microhei", has_chinese_font),
    Need("PostgreSQL 15 or newer", "postgresql", has_postgresql),
    Need("nginx, as in production", "nginx-light", has_nginx),
    Need("RabbitMQ, which wakes Celery workers", "rabbitmq-server", has_rabbitmq),
]


def install(packages: list[str]) -> None:
    """Install Debian packages without questions."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = ["apt-get", "-qq", "-o=Dpkg::Use-Pty=0"]
    subprocess.run([*quiet, "update"], check=False, env=environment)
    subprocess.run(
        [*quiet, "install", "-y", "--no-install-recommends", *packages],
        check=False,
        env=environment,
        stdout=subprocess.DEVNULL,
    )


def main() -> int:
    """Install or name what is missing."""
    missing = [need for need in NEEDS if not need.is_there()]
    is_debian = bool(shutil.which("apt-get")) and Path("/etc/debian_version").exists()
    if missing and is_debian and os.getuid() == 0:
        print("Installing for the tests:", *(need.words for need in missing), sep="\n  ")
        install([need.package for need in missing])
        missing = [need for need in missing if not need.is_there()]
    if not missing:
        return 0
    packages = " ".join(need.package for need in missing)
    print("The tests cannot run; missing:", *(need.words for need in missing), sep="\n  ")
    print(f"On Debian or Ubuntu: sudo apt-get install --no-install-recommends {packages}")
    print("Elsewhere install the like, and name Chromium in CHROME if it is not found.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
