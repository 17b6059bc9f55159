"""`manage.py worker`: delivers events and executes runs until it is told to stop."""

import signal
import threading
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from guanxi.kernel.management.base import DataCommand
from guanxi.kernel.turns import take_turn

IDLE_SECONDS = 0.5


class Command(DataCommand):
    """Runs the durable work of this installation; several workers may run at once."""

    help = "Deliver events to their reactions and execute runs."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--once` drains what is due and ends, for tests and cron."""
        parser.add_argument("--once", action="store_true", help="work off what is due, then end")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Loop: heartbeat, deliveries, one run; sleep only when there was nothing to do."""
        stop = threading.Event()
        if not options["once"]:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            is_busy = self._turn()
            if options["once"] and not is_busy:
                return
            if not is_busy:
                stop.wait(IDLE_SECONDS)

    def _turn(self) -> bool:
        try:
            return take_turn(at=timezone.now())
        except Exception as error:  # noqa: BLE001  a lost database must not end the worker
            self.stderr.write(f"worker: {error}")
            return False
