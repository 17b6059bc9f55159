"""With the worker up, who answers for a deadline hears of it within seconds of its due instant."""

import os
import sys
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from benchmarks import alerts
from guanxi.deadlines.models import Clock
from guanxi.deadlines.services import Level, Measure, Promise, Target, start_clock
from guanxi.kernel import chores, jobs, turns
from guanxi.kernel.actor import system_actor
from guanxi.kernel.events import subscriptions
from guanxi.kernel.models import Delivery, Event, Heartbeat, Run
from guanxi.notifications.models import Notification
from tests.fixtures.processes import Part

pytestmark = [pytest.mark.slow, pytest.mark.server, pytest.mark.django_db(transaction=True)]
#: The product's own worker, at the test's database.
WORKER = """
import sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from django.core.management import call_command
call_command("worker")
"""


def test_each_alert_comes_within_ten_seconds_and_once(company, tmp_path):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    name, log = str(connection.settings_dict["NAME"]), tmp_path / "worker.log"
    worker = Part([sys.executable, "-c", WORKER, name], environment, log)
    worker.start()
    try:
        end = time.monotonic() + 60
        while not Heartbeat.objects.filter(name="worker").exists():
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        dues = alerts.start(count=8, spread=3, ahead=1)
        late = alerts.seen_late(dues)
    finally:
        worker.kill()
    assert len(late) == len(dues) == 8
    assert 0 <= min(late) <= max(late) <= alerts.BOUND, late
    told = Notification.objects.filter(kind="deadlines.overdue")
    assert told.count() == len(dues)
    breached = dict(Clock.objects.filter(key="alerts").values_list("object_id", "breached_at"))
    assert breached == dues


def test_neither_a_long_run_nor_what_waits_holds_an_alert_back(company, monkeypatch):
    """Between two steps of an import, with its thousands of deliveries still to come."""
    only = {"deadlines": chores._chores["deadlines"]}
    monkeypatch.setattr(chores, "_chores", only)
    customer, at = company.belongings["sales"].customer, timezone.now()
    promise = Promise(
        Target(Measure.CALENDAR, 3600), levels=(Level("due", percent=100, to=("owner",)),)
    )
    told = []

    def work(context):
        event = Event.objects.order_by("pk").last()
        busy = [Delivery(event=event, consumer=f"x{n}", due_at=at) for n in range(600)]
        Delivery.objects.bulk_create(busy)
        start_clock(
            customer, "customers.enter", promise=promise, key="long", actor=system_actor(),
            at=at - timedelta(hours=2),
        )  # fmt: skip
        context.progress(1, 2)
        told.append(Notification.objects.filter(kind="deadlines.overdue").count())
        told.append(Delivery.objects.filter(state="due", due_at=at).count())

    monkeypatch.setitem(jobs._jobs, "tests.long", work)
    jobs.start_run("tests.long", {}, actor=system_actor(), at=at - timedelta(minutes=1))
    while turns.take_turn(at=at - timedelta(minutes=1)) and not told:
        pass
    assert told == [1, 600]
    assert Run.objects.get().state == "done"
    assert "deadlines.reactions.tell_of_deadline" in subscriptions()
