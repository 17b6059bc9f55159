"""The state of the installation: page, banner, health and metrics (H16, L11)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from guanxi.kernel import vitals
from guanxi.kernel.models import Backup, Delivery, Event, Heartbeat
from guanxi.kernel.vitals import read_vitals

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _anew():
    vitals.forget_alarms()
    yield
    vitals.forget_alarms()


def beat(minutes_ago: float = 0) -> None:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": at})
    vitals.forget_alarms()


def a_backup(hours_ago: float, state: str = "done", **more) -> Backup:
    at = timezone.now() - timedelta(hours=hours_ago)
    return Backup.objects.create(started_at=at, state=state, path="/b/guanxi-x.guanxi", **more)


def hold_one() -> None:
    event = Event.objects.create(kind="x", subject_type="x", at=timezone.now())
    Delivery.objects.create(event=event, consumer="x", state="held", due_at=timezone.now())


def test_h16_a_dead_worker_is_on_every_page_within_two_minutes(company, enter):
    beat(1.5)
    admin, sales = enter("administrator"), enter("sales")
    assert "后台进程没有响应" not in admin.get("/").content.decode()
    assert Client().get("/health/worker/").content == b"ok\n"
    beat(2.1)
    for path in ("/", "/customers/", "/system/"):
        assert "后台进程没有响应" in admin.get(path).content.decode()
        assert "后台进程没有响应" not in sales.get(path).content.decode()
    answer = Client().get("/health/worker/")
    assert (answer.status_code, answer.content) == (503, b"bad\n")


def test_a_long_run_is_no_silence(company):
    from guanxi.kernel.jobs import RunContext
    from guanxi.kernel.models import Run

    beat(10)
    at = timezone.now()
    run = Run.objects.create(
        kind="x", actor_label="x", created_at=at, due_at=at, state="running",
        token="0f8fad5b-d9cb-469f-a165-70867728950e",
    )  # fmt: skip
    RunContext(Run.objects.get(pk=run.pk)).progress(1)
    assert not read_vitals(timezone.now()).is_worker_silent


def test_a_backup_is_red_after_26_hours(company, enter, settings):
    settings.BACKUP_DIR = "/backups"
    beat()
    admin = enter("administrator")
    a_backup(25.9)
    assert "最近 26 小时没有有效备份" not in admin.get("/system/").content.decode()
    Backup.objects.update(started_at=timezone.now() - timedelta(hours=26.1))
    a_backup(1, "failed", error="OSError: the disk is full")
    beat()
    page = admin.get("/system/").content.decode()
    assert "最近 26 小时没有有效备份" in page
    assert "chip-red" in page
    assert "the disk is full" in page
    settings.BACKUP_DIR = ""
    assert not read_vitals(timezone.now()).is_backup_late


def test_held_work_is_said(company, enter):
    beat()
    hold_one()
    assert "恢复后有任务被暂停" in enter("it").get("/").content.decode()


def test_health_says_one_word_and_bad_when_the_database_is_away(company, monkeypatch):
    answer = Client().get("/health/")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "Set-Cookie" not in answer.headers
    with connection.execute_wrapper(_away):
        answer = Client().get("/health/")
    assert (answer.status_code, answer.content) == (503, b"bad\n")


def _away(execute, sql, params, many, context):
    from django.db import OperationalError

    raise OperationalError("the server closed the connection")


def test_metrics_are_for_whoever_has_the_token(company, settings):
    beat()
    hold_one()
    for token, given in (("", ""), ("secret", ""), ("secret", "Bearer other"), ("", "Bearer ")):
        settings.METRICS_TOKEN = token
        answer = Client(raise_request_exception=False).get("/metrics", HTTP_AUTHORIZATION=given)
        assert answer.status_code == 404
    settings.METRICS_TOKEN = "secret"
    text = Client().get("/metrics", HTTP_AUTHORIZATION="Bearer secret").content.decode()
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines())
    assert float(lines['guanxi_deliveries{state="held"}']) == 1
    assert 0 <= float(lines["guanxi_worker_silence_seconds"]) < 60
    assert lines["guanxi_backup_age_seconds"] == "inf"
    assert float(lines["guanxi_disk_free_bytes"]) > 0
