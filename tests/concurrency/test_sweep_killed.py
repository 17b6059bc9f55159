"""Of workers that sweep at once one is killed or stands still: a level speaks once (H03, H08)."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from guanxi.deadlines import services
from guanxi.deadlines.declarations import ClockKind, clock_kinds, declare_clock
from guanxi.deadlines.models import Alert, Clock
from guanxi.deadlines.services import Level, Measure, Promise, Target
from guanxi.kernel.actor import system_actor
from guanxi.kernel.models import Event
from guanxi.people.models import Department
from tests.fixtures.company import AT

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
CLOCKS = 450
HELD = 20
LATER = AT + timedelta(minutes=59)
KIND = "tests.sweep"

#: A worker of its own process; the one that is to die holds a batch that it has just done.
WORKER = """
import sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from datetime import datetime
from django.db import transaction
from guanxi.deadlines.services import sweep
from guanxi.deadlines.services.sweep import sweep_some
at = datetime.fromisoformat(sys.argv[2])
if sys.argv[3] != "lives":
    with transaction.atomic():
        print(sweep_some(at=at), flush=True)
        sys.stdin.readline()
print("ready", flush=True)
print(sweep(at=at), flush=True)
"""

if KIND not in {kind.name for kind in clock_kinds()}:
    declare_clock(ClockKind(KIND, "people.department", "Sweep"))


def worker(fate: str) -> subprocess.Popen:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    name = str(connection.settings_dict["NAME"])
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, name, LATER.isoformat(), fate],
        cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def start(count: int) -> None:
    """Clocks of which two levels have come by `LATER`."""
    levels = (Level("25%", percent=25), Level("50%", percent=50), Level("100%", percent=100))
    promise = Promise(Target(Measure.CALENDAR, 3600), levels=levels)
    department = Department.objects.create(name="x", created_at=AT, updated_at=AT)
    for number in range(count):
        services.start_clock(
            department, KIND, promise=promise, key=str(number), actor=system_actor(), at=AT
        )


def test_h03_each_level_of_each_clock_speaks_once():
    start(CLOCKS)
    workers = [worker("dies")]
    try:
        assert workers[0].stdout.readline().startswith("(200")
        assert Alert.objects.count() == 0  # What it did is not committed.
        workers += [worker("lives") for _ in range(3)]
        for each in workers[1:]:
            assert each.stdout.readline() == "ready\n"
        workers[0].send_signal(signal.SIGKILL)
        workers[0].wait()
        for each in workers[1:]:
            assert each.wait(120) == 0
        services.sweep(at=LATER)
    finally:
        for each in workers:
            each.kill()
            each.communicate()
    spoken = Counter(Alert.objects.values_list("clock_id", "level", "revision"))
    assert len(spoken) == CLOCKS * 2
    assert set(spoken.values()) == {1}
    assert Event.objects.filter(kind="deadlines.spoke").count() == CLOCKS * 2
    assert not Clock.objects.filter(next_fire_at__lte=LATER).exists()
    end = AT + timedelta(minutes=90)  # Half an hour later than due: nobody swept meanwhile.
    assert services.sweep(at=end) == CLOCKS
    assert set(Clock.objects.values_list("outcome", "breached_at")) == {
        ("breached", AT + timedelta(hours=1))
    }


def test_h08_a_worker_that_stood_still_in_mid_batch_tells_nothing_twice():
    """Stopped while it holds its batch, others sweep meanwhile; then it goes on and commits."""
    start(HELD)
    still = worker("stands")
    workers = [still]
    try:
        assert still.stdout.readline() == f"({HELD}, {HELD * 2})\n"
        still.send_signal(signal.SIGSTOP)
        workers.append(worker("lives"))
        assert workers[1].stdout.readline() == "ready\n"
        if connection.vendor == "postgresql":  # What is held is passed over, nobody waits for it.
            assert (workers[1].stdout.readline(), workers[1].wait(60)) == ("0\n", 0)
        still.send_signal(signal.SIGCONT)
        still.stdin.write("\n")
        still.stdin.flush()
        assert [each.wait(120) for each in workers] == [0, 0]
    finally:
        for each in workers:
            each.kill()
            each.communicate()
    spoken = Counter(Alert.objects.values_list("clock_id", "level", "revision"))
    assert (len(spoken), set(spoken.values())) == (HELD * 2, {1})
    assert Event.objects.filter(kind="deadlines.spoke").count() == HELD * 2
