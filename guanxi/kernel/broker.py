"""Wakes workers on many machines through a message broker, where one is set up (GUANXI_BROKER).

What there is to do stands in our own rows. A message only says "look", so a lost, doubled or late
one harms nothing: it is sent after the commit, from a thread of its own; no request waits for it.
"""

import logging
import os
import threading
import time
import uuid
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

if TYPE_CHECKING:
    from celery import Celery

QUEUE: Final = "guanxi"
DELIVER: Final = "guanxi.deliver"
RUN: Final = "guanxi.run"
TURN: Final = "guanxi.turn"
#: A wake-up that nobody took for so long is forgotten; the next look around finds its row.
FORGOTTEN_SECONDS: Final = 60
#: How often the Celery workers look around unasked, and how long a look that nobody takes waits.
TURN_SECONDS: Final = 5.0
CONNECT_SECONDS: Final = 4
#: Between two tries while the broker is away.
PAUSE_SECONDS: Final = 2.0
log = logging.getLogger(__name__)


@cache
def get_app() -> "Celery":
    """Celery as it is set up here, for those who send and those who work."""
    from celery import Celery
    from kombu import Exchange, Queue

    app = Celery("guanxi", broker=settings.BROKER, set_as_current=False)
    app.conf.update(
        task_queues=[Queue(QUEUE, Exchange(QUEUE), routing_key=QUEUE)],
        task_default_queue=QUEUE,
        # The row is the truth: its lease and its count of tries outlive a killed worker, and a
        # message that waits for the end of a long run would be given to another meanwhile.
        task_acks_late=False,
        task_ignore_result=True,
        task_default_delivery_mode="transient",
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        broker_connection_timeout=CONNECT_SECONDS,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_heartbeat=30,
        broker_pool_limit=1,
        broker_transport_options={"max_retries": 1, "interval_start": 0, "interval_max": 0.5},
    )
    return app


def wake_for_deliveries() -> None:
    """Ask for a worker after the commit: events wait for their reactions."""
    if settings.BROKER:
        transaction.on_commit(lambda: ask(DELIVER))


def wake_for_run(run_id: uuid.UUID) -> None:
    """Ask for a worker after the commit: this run waits."""
    if settings.BROKER:
        transaction.on_commit(lambda: ask(RUN, str(run_id)))


def ask(task: str, *words: str) -> None:
    """Send a wake-up soon; the same one asked for twice meanwhile is sent once."""
    global _sender  # noqa: PLW0603  one thread for each process, made when it is first needed
    if _sender is None or _sender.pid != os.getpid():
        _sender = Sender()
    _sender.ask((task, *words))


class Sender:
    """Sends from a thread of its own what was asked for; drops what the broker does not take."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._wanted: set[tuple[str, ...]] = set()
        self._news, self._lock = threading.Event(), threading.Lock()
        threading.Thread(target=self._work, name="wake-ups", daemon=True).start()

    def ask(self, message: tuple[str, ...]) -> None:
        """Note what is to be sent."""
        with self._lock:
            self._wanted.add(message)
        self._news.set()

    def _work(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            with self._lock:
                messages, self._wanted = self._wanted, set()
            try:
                for task, *words in sorted(messages):
                    send(task, *words)
            except Exception as error:  # noqa: BLE001  the rows wait, and every worker looks around
                log.warning("%d wake-ups were not sent: %s", len(messages), error)
                time.sleep(PAUSE_SECONDS)


def send(task: str, *words: str) -> None:
    """Give one wake-up to the broker; raises when it does not answer."""
    patience = TURN_SECONDS if task == TURN else FORGOTTEN_SECONDS
    # The broker counts this time, so that the clocks of two machines need not agree.
    get_app().send_task(
        task, args=words, exchange=QUEUE, routing_key=QUEUE, expiration=patience, retry=False
    )


_sender: Sender | None = None


def address_without_password() -> str:
    """Where the broker is, for people to read."""
    parts = urlsplit(settings.BROKER)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or 5672}"


def ask_broker() -> dict[str, int]:
    """How many messages wait and how many workers listen; raises when the broker is away."""
    with get_app().connection_for_write(connect_timeout=CONNECT_SECONDS) as connection:
        connection.connect()
        channel = connection.channel()
        queue = get_app().amqp.queues[QUEUE].bind(channel)
        queue.declare()
        found = queue.queue_declare(passive=True)
    return {"waiting": found.message_count, "workers": found.consumer_count}
