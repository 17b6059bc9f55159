"""A PostgreSQL behind a bad network, and one whose disk is full (H10, H11)."""

import subprocess
import time

import psycopg
import pytest

from tests.crash.load import Caller
from tests.crash.product import Product
from tests.fixtures.proxy import Proxy
from tests.fixtures.site import children_of

#: Once: it brings its own PostgreSQL.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.once,
    pytest.mark.server,
    pytest.mark.xdist_group("crash"),
]
PATIENCE = 6
#: What a busy machine may add to what is measured.
SLACK = 20


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slow")
    made = Product(folder, postgresql=True, GUANXI_DATABASE_PATIENCE_SECONDS=str(PATIENCE))
    proxy = Proxy(made.cluster.port)
    try:
        key = made.prepare()
        address = made.cluster.url.replace(str(made.cluster.port), str(proxy.port))
        made.environment["GUANXI_DATABASE_URL"] = address
        made.start()
        caller = Caller(made.ports[:1], key)
        assert caller.send("GET", "me/").status == 200
        yield proxy, caller, made
        caller.close()
    finally:
        made.stop()
        proxy.close()


def refused_in_time(caller: Caller, number: str) -> None:
    """A read and a write each end soon, with the reason and when to come again."""
    for method, path, body in (("GET", "customers/", None), ("POST", "customers/", {"name": "云"})):
        start = time.monotonic()
        answer = caller.once(method, path, body, **{"Idempotency-Key": number} if body else {})
        assert (answer.status, answer.body["code"]) == (503, "unavailable"), answer
        assert answer.headers["retry-after"] == "5"
        assert time.monotonic() - start < PATIENCE + SLACK


def comes_back(caller: Caller, number: str) -> None:
    """By itself, and what was refused is done once when it is sent again."""
    start = time.monotonic()
    made = caller.send(
        "POST", "customers/", {"name": f"云 {number}"}, **{"Idempotency-Key": number}
    )
    assert made.status == 201
    assert time.monotonic() - start < PATIENCE + SLACK
    listed = caller.send("GET", "customers/?columns=name").body["results"]
    assert [row["name"] for row in listed].count(f"云 {number}") == 1


@pytest.mark.parametrize("fault", ["slow", "silent", "cut"])
def test_h10_a_bad_network_to_the_database_is_said_in_time_and_heals(site, fault):
    proxy, caller, made = site
    comes_back(caller, f"before-{fault}")
    if fault == "slow":
        proxy.delay = 5
    elif fault == "silent":
        proxy.is_silent = True
    else:
        proxy.cut()
    refused_in_time(caller, f"at-{fault}")
    proxy.mend()
    if fault == "silent":
        proxy.cut()  # What was swallowed does not come back: those connections are lost.
        proxy.mend()
    comes_back(caller, f"after-{fault}")
    assert all(part.process.poll() is None for part in made.parts.values())


#: Fills the trail until its file is longer than any other and than a piece of the write-ahead log;
#: short lines follow the long ones, so that no page has room left for an event.
BALLAST = """
INSERT INTO kernel_event (kind, subject_type, subject_id, subject_label, actor_label, channel, at,
                          data, request_id, is_on_timeline)
SELECT 'ballast', 'x', n::text, repeat('x', 200 * (n < 12000)::int), 'test', 'system', now(),
       '{}', '', false
FROM generate_series(1, 15000) n
"""


def no_file_beyond(made: Product, size: int | str) -> None:
    """PostgreSQL's processes may make no file longer: to it, a full disk; no mount is needed."""
    postmaster = made.cluster.part.process.pid
    for pid in (postmaster, *children_of(postmaster)):
        # Only its own user may say so; root of a container may not.
        command = ["prlimit", f"--pid={pid}", f"--fsize={size}:"]
        subprocess.run(command, check=True, user=made.cluster.user)


def test_h11_a_full_disk_of_postgresql_refuses_clearly_and_loses_nothing(site):
    """No change without its line in the trail; lists are read; it heals without a restart."""
    _proxy, caller, made = site
    with psycopg.connect(made.cluster.url, autocommit=True) as database:
        database.execute(BALLAST)
        database.execute("CHECKPOINT")
        (size,) = database.execute("SELECT pg_relation_size('kernel_event')").fetchone()
        before = rows(database)
        no_file_beyond(made, size)
        done, refused = [], None
        for number in range(400):
            once = {"Idempotency-Key": f"full-{number}"}
            answer = caller.once("POST", "customers/", {"name": f"满 {number}"}, **once)
            if answer.status != 201:
                refused = answer
                break
            done.append(answer.body["id"])
        assert refused is not None, "the disk was never full"
        assert (refused.status, refused.body["code"]) == (503, "disk_full"), refused
        assert refused.headers["retry-after"]
        for path in ("customers/", "orders/", "me/"):
            assert caller.once("GET", path).status == 200
        assert rows(database) == (before[0] + len(done), before[1] + len(done))
        no_file_beyond(made, "unlimited")
        comes_back(caller, "after-full")
        assert rows(database)[0] == before[0] + len(done) + 1
    assert "corrupt" not in made.cluster.part.log.read_text()


def rows(database: psycopg.Connection) -> tuple[int, int]:
    """How many customers there are, and how many the trail knows to have been made."""
    made = "SELECT count(*) FROM customers_customer"
    told = "SELECT count(*) FROM kernel_event WHERE kind = 'record.created'"
    told += " AND subject_type = 'customers.customer'"
    return database.execute(made).fetchone()[0], database.execute(told).fetchone()[0]
