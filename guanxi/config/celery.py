"""Entry of the Celery workers: `python -m celery -A guanxi.config.celery worker`.

Each does what `manage.py worker` does, woken by the broker, and looks around now and then itself.
"""

import os
import uuid
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.config.settings")
django.setup()

from celery import bootsteps  # noqa: E402  after the settings
from django.conf import settings  # noqa: E402
from django.db import close_old_connections, connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from guanxi.kernel import bootstrap, broker, jobs, outbox  # noqa: E402  needs the apps
from guanxi.kernel.turns import take_turn  # noqa: E402
from guanxi.kernel.watchdog import watched  # noqa: E402

if not settings.BROKER:
    raise SystemExit("GUANXI_BROKER is not set; `manage.py worker` needs no broker.")
try:
    bootstrap.require_database(print)
except bootstrap.NotReady as error:
    raise SystemExit(str(error)) from error
finally:
    connections.close_all()  # Each process of the pool opens its own.
app = broker.get_app()


@app.task(name=broker.DELIVER)
def deliver() -> None:
    """Hand over what is due."""
    with watched():
        close_old_connections()
        while outbox.deliver_due(at=timezone.now()):
            pass


@app.task(name=broker.RUN)
def execute(run_id: str) -> None:
    """Execute this run, unless another worker has taken it."""
    with watched():
        close_old_connections()
        jobs.execute_due(at=timezone.now(), run_id=uuid.UUID(run_id))


@app.task(name=broker.TURN)
def look_around() -> None:
    """Do what is due, whether a message came for it or not."""
    while take_turn(at=timezone.now()):
        pass


class LookAround(bootsteps.StartStopStep):
    """Ask for a look around every few seconds: what a lost message would have told is found."""

    requires = {"celery.worker.components:Timer"}

    def __init__(self, worker: Any, **_options: Any) -> None:
        super().__init__(worker)
        self.timer: Any = None

    def start(self, worker: Any) -> None:
        """Begin with the worker, and at once: it is alive from now on."""
        worker.timer.call_after(0, broker.ask, (broker.TURN,))
        self.timer = worker.timer.call_repeatedly(broker.TURN_SECONDS, broker.ask, (broker.TURN,))

    def stop(self, worker: Any) -> None:
        """End with it."""
        del worker
        if self.timer is not None:
            self.timer.cancel()


app.steps["worker"].add(LookAround)
