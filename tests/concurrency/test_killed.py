"""A worker that is killed in the middle: another goes on, and each row counts once (H02, H05)."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from guanxi.kernel.models import Heartbeat, NumberSeries, Run
from tests.fixtures.company import AT

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
ROWS = 40

#: A worker of its own process with one kind of work: count rows, each in its transaction.
WORKER = """
import sys, time, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from datetime import timedelta
from django.db import transaction
from django.db.models import F
from guanxi.kernel import jobs
from guanxi.kernel.models import NumberSeries
jobs.LEASE = timedelta(seconds=0.5)

@jobs.job("tests.count")
def count(context):
    for row in range(context.run.progress_done, context.run.params["rows"]):
        with transaction.atomic():
            NumberSeries.objects.filter(pk="rows").update(last=F("last") + 1)
            context.progress(row + 1, context.run.params["rows"])
        print(row, flush=True)
        time.sleep(0.02)
    return {"rows": context.run.params["rows"]}

from django.core.management import call_command
call_command("worker")
"""


def a_worker() -> subprocess.Popen:
    """Start a worker on this test's database."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"])],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_for(worker: subprocess.Popen, rows: int) -> None:
    """Until the worker has said that it did so many rows."""
    for _ in range(rows):
        line = worker.stdout.readline()
        assert line, worker.stderr.read()


def finished(run: Run, seconds: float) -> Run:
    """The run when it is over."""
    end = time.monotonic() + seconds
    while run.state not in {"done", "failed"} and time.monotonic() < end:
        time.sleep(0.1)
        run.refresh_from_db()
    return run


def test_h02_a_killed_run_is_finished_by_the_next_worker_with_each_row_once():
    NumberSeries.objects.create(pk="rows", last=0)
    run = Run.objects.create(
        kind="tests.count", params={"rows": ROWS}, actor_label="t", created_at=AT, due_at=AT
    )
    workers = []
    try:
        for rows_before_death in (5, 6):
            workers.append(a_worker())
            wait_for(workers[-1], rows_before_death)
            workers[-1].send_signal(signal.SIGKILL)
            workers[-1].wait()
        run.refresh_from_db()
        assert run.state == "running"
        assert 11 <= run.progress_done < ROWS
        workers.append(a_worker())
        run = finished(run, 60)
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    assert (run.state, run.result, run.progress_done) == ("done", {"rows": ROWS}, ROWS)
    assert run.attempts == 3
    assert NumberSeries.objects.get(pk="rows").last == ROWS


def test_h08_a_worker_that_was_stopped_and_woke_up_late_counts_nothing_twice():
    NumberSeries.objects.create(pk="rows", last=0)
    run = Run.objects.create(
        kind="tests.count", params={"rows": ROWS}, actor_label="t", created_at=AT, due_at=AT
    )
    sleeper, second = a_worker(), None
    try:
        wait_for(sleeper, 5)
        sleeper.send_signal(signal.SIGSTOP)
        second = a_worker()
        wait_for(second, 5)
        sleeper.send_signal(signal.SIGCONT)
        run = finished(run, 60)
    finally:
        for worker in filter(None, (sleeper, second)):
            worker.kill()
            worker.communicate()
    assert run.state == "done"
    assert NumberSeries.objects.get(pk="rows").last == ROWS


def test_a_worker_asked_to_stop_ends_in_time():
    worker = a_worker()
    end = time.monotonic() + 60
    while not Heartbeat.objects.filter(name="worker").exists() and time.monotonic() < end:
        time.sleep(0.1)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    worker.communicate()
