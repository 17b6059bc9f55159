"""`manage.py up` as its users meet it: real processes, a real port, a data folder of its own."""

import json
import os
import re
import signal
import socket
import sqlite3
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.once]

NO_DEMO = {"GUANXI_DEMO": "0"}


def status(url: str) -> int:
    """The status of a page, after its redirects."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def stylesheets(url: str) -> list[str]:
    """The stylesheets that the first page names."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return re.findall(r'href="([^"]+[.]css)"', answer.read().decode())


def are_gone(pids: list[int], seconds: float) -> bool:
    """Whether all these processes end within the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(is_running(pid) for pid in pids):
            return True
        time.sleep(0.1)
    return False


def is_running(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def everyone(site) -> list[int]:
    """Every process of the product."""
    return [site.process.pid, *(pid for pids in site.processes().values() for pid in pids)]


def wait_until(condition, seconds: float = 30) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def refusal(site) -> str:
    """What the product says when it refuses to start, with its exit code checked."""
    site.launch()
    assert site.process.wait(60) != 0
    return site.said


@pytest.fixture
def empty_site(new_site, migrated_folder):
    """A product whose database was made before: no test of these is one of the first start."""
    site = new_site(**NO_DEMO)
    migrated_folder(site.data)
    return site


def test_serves_restarts_what_dies_and_stops_clean(new_site):
    site = new_site(**NO_DEMO).start()
    assert status(site.url) == 200
    assert [status(site.url + path) for path in stylesheets(site.url)] == [200, 200]
    wait_until(lambda: set(site.processes()) >= {"web", "worker", "live"})
    before = everyone(site)

    (worker,) = site.processes()["worker"]
    os.kill(worker, signal.SIGKILL)
    site.wait_for("worker ended (signal SIGKILL); starting it again", 10)
    wait_until(lambda: site.processes().get("worker", [worker]) != [worker])

    for pid in site.processes()["web"]:
        os.kill(pid, signal.SIGKILL)
    site.wait_for("web ended", 10)
    wait_until(lambda: "web" in site.processes())
    wait_until(lambda: answers(site.url))

    before += everyone(site)
    assert site.stop(signal.SIGINT) == 0
    assert are_gone(before, 1)


def test_no_command_line_tells_the_passwords_of_the_demo(new_site):
    site = new_site().start()
    password = json.loads((site.data / "demo-signins.json").read_text())["password"]
    assert password in site.said
    wait_until(lambda: set(site.processes()) >= {"web", "worker", "live"})
    for pid in everyone(site):
        assert password not in Path(f"/proc/{pid}/cmdline").read_text()
    for pid in everyone(site)[1:]:
        assert password not in Path(f"/proc/{pid}/environ").read_text()


def answers(url: str) -> bool:
    """Whether the page is there."""
    try:
        return status(url) == 200
    except OSError:
        return False


def test_second_start_is_quick_and_keeps_the_data(empty_site):
    site = empty_site.start()
    assert site.stop() == 0
    secret = (site.data / "secret_key").read_text()
    site.start()
    # What a start costs, free of what else the machine does: the preparation, then the web
    # processes one after the other. On an idle machine this is the time that passes.
    assert sum(map(cpu_seconds, [site.process.pid, *site.processes()["web"]])) < 8
    assert (site.data / "secret_key").read_text() == secret
    assert site.stop() == 0


def test_no_process_outlives_a_killed_parent(empty_site):
    site = empty_site.start()
    wait_until(lambda: set(site.processes()) >= {"web", "worker", "live"})
    pids = everyone(site)
    assert len(pids) > 3
    site.process.kill()
    assert are_gone(pids, 20)


def test_web_and_worker_stay_within_400_megabytes(empty_site):
    site = empty_site.start()
    for _ in range(20):
        status(site.url)
    # The worker begins when the first page is there; it counts once it has loaded what it needs.
    wait_until(lambda: [p for p in site.processes().get("worker", []) if memory(p) > 50_000_000])
    found = site.processes()
    pids = found["web"] + found["worker"]
    assert sum(map(memory, pids)) <= 400 * 1024 * 1024


def cpu_seconds(pid: int) -> float:
    """The processor time that a process has used, its ended children included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """The memory a process holds alone, plus its share of what it shares."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no memory figure for {pid}")


def test_a_port_in_use_is_refused(new_site):
    site = new_site(**NO_DEMO)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", site.port + 1))
        taken.listen()
        assert f"Port {site.port + 1} of 127.0.0.1 cannot be used" in refusal(site)


def test_a_second_start_on_the_same_folder_is_refused(empty_site, new_site):
    first, second = empty_site.start(), new_site(**NO_DEMO)
    second.environment["GUANXI_DATA"] = str(first.data)
    said = refusal(second)
    assert "already runs on" in said
    assert str(first.process.pid) in said
    assert status(first.url) == 200


def test_a_failed_migration_refuses_to_serve(new_site):
    site = new_site(**NO_DEMO)
    site.data.mkdir()
    with closing(sqlite3.connect(site.data / "guanxi.sqlite3")) as database:
        database.execute("CREATE TABLE kernel_event (id INTEGER)")
    said = refusal(site)
    assert "could not be brought to this version, so nothing was started" in said
    assert "already exists" in said
    assert "Traceback" not in said


def test_a_database_of_a_newer_version_is_refused(empty_site):
    site = empty_site.start()
    site.stop()
    with closing(sqlite3.connect(site.data / "guanxi.sqlite3")) as database, database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('kernel', '9999_from_the_future', '2099-01-01')"
        )
    assert "kernel.9999_from_the_future" in refusal(site)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "eighty", "invalid int value: 'eighty'"),
        ("GUANXI_DEBUG", "perhaps", "GUANXI_DEBUG must be 1 or 0"),
        ("GUANXI_DATABASE_URL", "mysql://a/b", "must start with sqlite:/// or postgresql://"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(new_site, name, value, words):
    assert words in refusal(new_site(**NO_DEMO, **{name: value}))
