"""A worker is killed during an import, again and again; nothing is lost or doubled (H02)."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from guanxi.customers.models import Customer
from guanxi.kernel.actor import system_actor
from guanxi.kernel.files import keep_generated
from guanxi.kernel.models import Event, Run
from guanxi.surfaces.importing import services
from guanxi.surfaces.models import Import, ImportState, SearchDoc
from guanxi.surfaces.records import get_record_type

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
ROWS, CHUNK = 1200, 50

#: A worker of its own process that takes small steps and is soon taken for dead.
WORKER = """
import sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"], settings.FILES_DIR = sys.argv[1:3]
django.setup()
from datetime import timedelta
from guanxi.kernel import jobs
from guanxi.surfaces.importing.services import applying
jobs.LEASE, jobs.MAX_ATTEMPTS, applying.CHUNK = timedelta(seconds=0.5), 100, int(sys.argv[3])
print("ready", flush=True)
from django.core.management import call_command
call_command("worker")
"""


def a_worker(files: Path) -> subprocess.Popen:
    """Start a worker on this test's database and files."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"]), files, str(CHUNK)],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert worker.stdout.readline() == "ready\n"
    return worker


def wait(condition, seconds: float = 120) -> None:
    """Until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def source(settings, tmp_path: Path) -> Import:
    """An import that waits for a worker."""
    settings.FILES_DIR = tmp_path / "files"
    path = tmp_path / "customers.csv"
    lines = "".join(f"E{i},云岭客户{i}有限公司,{i}\n" for i in range(ROWS))
    path.write_text(f"外部编号,客户名称,员工人数\n{lines}")
    actor, at = system_actor(), timezone.now()
    kind = get_record_type("customers.customer")
    file = keep_generated(path, "customers.csv", "text/csv")
    made = services.create_import(kind, file, actor=actor, at=at)
    Import.objects.filter(pk=made.pk).update(state=ImportState.READY)
    return services.start_import(made.pk, actor=actor, at=at)


def test_h02_each_row_of_an_import_is_applied_once_whatever_dies(source, settings):
    def done() -> int:
        return Import.objects.values_list("done_rows", flat=True).get(pk=source.pk)

    for _ in range(3):
        before, worker = done(), a_worker(settings.FILES_DIR)
        try:
            wait(lambda before=before: done() > before)
            time.sleep(random.uniform(0, 0.2))
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            worker.stdout.close()
    assert 0 < done() < ROWS
    worker = a_worker(settings.FILES_DIR)
    try:
        wait(lambda: Run.objects.get(pk=source.run_id).state == "done")
    finally:
        worker.kill()
        worker.wait()
        worker.stdout.close()
    source.refresh_from_db()
    assert source.state == ImportState.DONE
    assert source.counts["created"] == source.done_rows == ROWS
    numbers = Counter(Customer.objects.values_list("external_id", flat=True))
    assert (len(numbers), set(numbers.values())) == (ROWS, {1})
    assert Event.objects.filter(kind="record.created").count() == ROWS
    assert SearchDoc.objects.filter(group="").count() == ROWS
    assert Event.objects.filter(kind="import.finished").count() == 1
    chunks = source.chunks.filter(is_preview=False).order_by("position")
    assert list(chunks.values_list("position", flat=True)) == list(range(0, ROWS, CHUNK))
