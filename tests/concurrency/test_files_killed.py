"""A process dies in the middle of an upload or an export: no record without its file (H06, H07)."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from guanxi.customers.models import Attachment
from guanxi.kernel.files import collect_orphans, stored_path
from guanxi.kernel.models import Event, Run, StoredFile
from guanxi.surfaces.exporting import services
from guanxi.surfaces.models import Export, ExportState
from guanxi.surfaces.records import get_record_type
from tests.concurrency.test_import_killed import ROOT, wait
from tests.fixtures.company import Founder, model

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BEGIN = """
import io, os, signal, sys, django
from pathlib import Path
from django.conf import settings
settings.DATABASES["default"]["NAME"], settings.FILES_DIR = sys.argv[1], Path(sys.argv[2])
django.setup()
"""
#: Files a document, and dies as soon as the named step has been done.
UPLOAD = (
    BEGIN
    + """
from importlib import import_module
from django.utils import timezone
from guanxi.customers import services
from guanxi.kernel import files
from guanxi.kernel.actor import system_actor

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

place, _, step = sys.argv[4].rpartition(".")
if place:
    module = import_module(place)
    true = getattr(module, step)
    setattr(module, step, lambda *args, **kwargs: die(true(*args, **kwargs)))
accepted = files.accept_upload(io.BytesIO(b"paper" * 9000), "a.txt", max_bytes=10**6)
services.add_attachment(
    int(sys.argv[3]), accepted=accepted, filing=services.Filing("contract", 2026, "", ""),
    actor=system_actor(), at=timezone.now(),
)
die()
"""
)
#: A worker that is soon taken for dead.
WORKER = (
    BEGIN
    + """
from datetime import timedelta
from guanxi.kernel import jobs
jobs.LEASE, jobs.MAX_ATTEMPTS = timedelta(seconds=0.5), 100
from django.core.management import call_command
call_command("worker")
"""
)


def start(script: str, files: Path, *more: str) -> subprocess.Popen:
    """A process of its own on this test's database and files."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    name = str(connection.settings_dict["NAME"])
    return subprocess.Popen(
        [sys.executable, "-c", script, name, str(files), *more],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture
def company(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    return Founder().found()


def on_disk(folder: Path) -> list[Path]:
    """Every byte that lies about, but for the young: their writer may still be at it."""
    return [path for path in folder.rglob("*") if path.is_file()]


def sweep(folder: Path) -> None:
    """What the chore does a day later."""
    long_ago = time.time() - 200_000
    for path in on_disk(folder):
        os.utime(path, (long_ago, long_ago))
    collect_orphans(at=timezone.now())


@pytest.mark.parametrize(
    ("point", "is_filed"),
    [
        ("guanxi.kernel.files._copy", False),
        ("guanxi.kernel.files._keep", False),
        ("guanxi.customers.services.write_row", False),
        ("guanxi.customers.services.record", False),
        ("", True),
    ],
)
def test_h06_an_upload_is_filed_whole_or_not_at_all(company, settings, point, is_filed):
    customer = company.of("sales", "own").customer
    before = set(Attachment.objects.values_list("pk", flat=True))
    rows = StoredFile.objects.count()
    process = start(UPLOAD, settings.FILES_DIR, str(customer.pk), point)
    _out, said = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, said
    filed = Attachment.objects.exclude(pk__in=before)
    assert filed.count() == StoredFile.objects.count() - rows == int(is_filed)
    assert Event.objects.filter(kind="customers.file_added").count() == int(is_filed)
    sweep(settings.FILES_DIR)
    left = on_disk(settings.FILES_DIR)
    assert left == [stored_path(each.file_id) for each in filed]
    assert all(path.read_bytes() == b"paper" * 9000 for path in left)


def test_h07_an_export_whose_worker_dies_is_written_anew_and_never_offered_half(company, settings):
    at, kind = timezone.now(), get_record_type("customers.customer")
    admin = replace(company.actor("administrator"), authenticated_at=at)
    model("customers.Customer").objects.bulk_create(
        model("customers.Customer")(
            name=f"云岭客户{n}", name_sort=f"{n}", number=f"X{n:06}", created_at=at, updated_at=at
        )
        for n in range(6000)
    )
    wish = services.Wish(query={"columns": "name,number,created_at"}, file_format="xlsx")
    export = services.create_export(kind, wish, actor=admin, at=at)
    run = Run.objects.get(pk=export.run_id)

    def done() -> int:
        return Run.objects.values_list("progress_done", flat=True).get(pk=run.pk)

    for _turn in range(2):
        Run.objects.filter(pk=run.pk).update(progress_done=0)
        worker = start(WORKER, settings.FILES_DIR)
        wait(lambda: done() > 0)
        worker.kill()
        worker.communicate()
        export.refresh_from_db()
        assert (export.state, export.file_id) == (ExportState.RUNNING, None)
    assert StoredFile.objects.filter(name__endswith=".xlsx").count() == 0
    worker = start(WORKER, settings.FILES_DIR)
    try:
        wait(lambda: Export.objects.get(pk=export.pk).state == ExportState.DONE)
    finally:
        worker.kill()
        worker.communicate()
    export.refresh_from_db()
    assert export.row_count == model("customers.Customer").objects.count()
    assert Event.objects.filter(kind="export.finished").count() == 1
    sweep(settings.FILES_DIR)
    assert on_disk(settings.FILES_DIR) == [stored_path(export.file_id)]
