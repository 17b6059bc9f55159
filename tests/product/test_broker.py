"""Celery workers woken by a real RabbitMQ: whatever is lost or doubled, each work is done once."""

import contextlib
import json
import os
import sys
import time

import pytest
from django.db import connection

from guanxi.kernel import broker, health, vitals
from guanxi.kernel.actor import system_actor
from guanxi.kernel.models import Delivery, NumberSeries, Run
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record
from tests.fixtures.company import AT
from tests.fixtures.processes import Part
from tests.fixtures.rabbitmq import rabbitmq  # noqa: F401  a fixture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.server,
    pytest.mark.xdist_group("broker"),
    pytest.mark.django_db(transaction=True),
]
PATIENCE = 120
NEVER = 10_000
CELERY = ["-m", "celery", "-A", "tests.product.celery_work", "worker", "--concurrency", "2",
          "--loglevel", "warning", "--without-gossip", "--without-mingle"]  # fmt: skip


@pytest.fixture
def workers(rabbitmq, settings, tmp_path):  # noqa: F811
    """Start workers that are gone after the test; this process sends them its wake-ups."""
    settings.BROKER = rabbitmq.url
    NumberSeries.objects.create(pk="rows", last=0)
    broker.get_app.cache_clear()
    started = []

    def start(name: str, *, celery: bool = True, **wanted) -> Part:
        wanted |= {"database": str(connection.settings_dict["NAME"]), "broker": rabbitmq.url}
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "GUANXI_TEST_CELERY": json.dumps(wanted),
            "GUANXI_TEST_NAME": name,
        }
        words = CELERY if celery else ["-m", "tests.product.celery_work"]
        part = Part([sys.executable, *words], environment, tmp_path / f"{name}.log")
        part.start()
        started.append(part)
        return part

    yield start
    for part in started:
        part.kill()
    broker.get_app().pool.force_close_all()
    broker.get_app.cache_clear()


def until(condition, words: str):
    """Wait for something to become true; its value."""
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end, words
        time.sleep(0.05)
    return found


def listening(count: int) -> None:
    """Until so many workers wait for messages."""

    def are_there() -> bool:
        with contextlib.suppress(OSError):
            return broker.ask_broker()["workers"] == count
        return False

    until(are_there, f"{count} workers do not listen")


def a_run(kind: str = "tests.count", *, is_told: bool = True, **params) -> Run:
    """Queue a run as `start_run` does, of a kind that only the tests' workers know."""
    run = Run.objects.create(
        kind=kind, params={"rows": 10} | params, actor_label="t", created_at=AT, due_at=AT
    )
    if is_told:
        broker.wake_for_run(run.pk)
    return run


def over(*runs: Run) -> list[Run]:
    """The runs, once none of them waits or goes on."""
    ids = [run.pk for run in runs]
    open_ones = Run.objects.filter(pk__in=ids, state__in=["queued", "running"])
    until(lambda: not open_ones.exists(), f"still open: {list(open_ones.values())}")
    return [Run.objects.get(pk=pk) for pk in ids]


def counted() -> int:
    return NumberSeries.objects.get(pk="rows").last


def an_order():
    """An order whose reaction sums up its customer's trade."""
    actor = system_actor()
    customer = create_record(
        get_record_type("customers.customer"), {"name": "云岭"}, actor=actor, at=AT
    )
    values = {"customer": customer.pk, "number": "A1", "amount_minor": 500, "placed_at": AT}
    create_record(get_record_type("customers.order"), values, actor=actor, at=AT)
    return customer


def test_a_celery_worker_executes_a_run_and_delivers_an_event_as_soon_as_it_is_told(workers):
    """It never looks by itself here: the messages alone bring the work, each twice, done once."""
    workers("celery", turn=NEVER)
    listening(1)
    run = a_run()
    for _ in range(3):
        broker.send(broker.RUN, str(run.pk))
    customer = an_order()
    (run,) = over(run)
    until(lambda: not Delivery.objects.exclude(state="done").exists(), "nothing was delivered")
    customer.refresh_from_db()
    assert (customer.order_count, customer.total_minor) == (1, 500)
    until(lambda: broker.ask_broker()["waiting"] == 0, "messages stay")
    assert (run.state, run.attempts, run.result, counted()) == ("done", 1, {"worker": "celery"}, 10)
    (said,) = health.check_broker(vitals.read_vitals(AT))
    assert (said.state, "1 worker" in said.words) == ("good", True)
    assert "rabbit@" not in said.words


def test_what_no_message_told_is_found_and_a_broker_that_dies_costs_nothing(workers, rabbitmq):  # noqa: F811
    worker = workers("celery")
    listening(1)
    over(a_run(is_told=False))
    rabbitmq.kill()
    start = time.monotonic()
    told, customer = a_run(), an_order()
    assert time.monotonic() - start < 2, "somebody waited for the broker"
    (said,) = health.check_broker(vitals.read_vitals(AT))
    assert (said.state, bool(said.remedy)) == ("warning", True)
    assert worker.process.poll() is None
    rabbitmq.start()
    over(told)
    until(lambda: not Delivery.objects.exclude(state="done").exists(), "nothing was delivered")
    customer.refresh_from_db()
    assert (customer.order_count, counted()) == (1, 20)


def test_of_workers_that_are_killed_and_workers_of_both_kinds_each_row_counts_once(workers):
    first = workers("first", lease=2)
    listening(1)
    slow = a_run(rows=40, pause=0.05)
    until(lambda: counted() > 5, "it does not begin")
    first.kill()
    assert Run.objects.get(pk=slow.pk).state == "running"
    for name in ("second", "third"):
        workers(name, lease=2)
    listening(2)
    workers("own", celery=False, lease=2)
    runs = [slow, *(a_run(rows=10, pause=0.02) for _ in range(12))]
    for run in runs:
        broker.ask(broker.RUN, str(run.pk))
    ended = over(*runs)
    assert {run.state for run in ended} == {"done"}
    assert counted() == 40 + 12 * 10
    assert [run.attempts for run in ended] == [2] + [1] * 12
    assert len({run.result["worker"] for run in ended[1:]}) > 1


def test_h15_work_that_kills_its_worker_or_never_ends_is_parked_and_the_rest_goes_on(workers):
    workers("celery", lease=1, attempts=2, endless=3)
    listening(1)
    poison = [a_run("tests.oom"), a_run("tests.endless")]
    good = over(*(a_run() for _ in range(5)))
    assert {run.state for run in good} == {"done"}
    for run in over(*poison):
        assert (run.state, run.attempts) == ("failed", 2)
        assert run.error == "the worker died at every attempt"
    assert over(a_run())[0].state == "done"
    assert counted() == 60
