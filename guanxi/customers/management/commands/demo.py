"""`manage.py demo`: puts the demo company into the database, once."""

import gc
import json
import signal
import time
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from guanxi.customers.demo import signins
from guanxi.customers.demo.services import (
    LARGE,
    SIZES,
    DemoSummary,
    is_demo_loaded,
    load_demo,
    load_large_demo,
)
from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.management.base import DataCommand


def _size(written: str) -> str | int:
    """A named size, or a number of customers."""
    if written in SIZES:
        return written
    if written == "large":
        return LARGE
    if not written.isdecimal():
        raise ArgumentTypeError(f"must be {', '.join(SIZES)}, large or a number")
    return int(written)


def _interrupt(*_signal: Any) -> None:
    raise KeyboardInterrupt


class Command(DataCommand):
    """Load the demo company; a second time nothing changes and the sign-ins are shown again."""

    help = (
        "Load the demo company: invented customers with contacts, orders, payments, talk and "
        "files, and one sign-in per role with a random password. Refused where others already "
        "work, unless GUANXI_DEMO=1 is set."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How much, and in which form to answer."""
        parser.add_argument(
            "--size",
            type=_size,
            default="standard",
            help="small (200 customers), standard (2 000, the default), large (1 000 000) or a "
            "number of customers",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load once, then print the sign-ins."""
        answer: dict[str, Any] = {"loaded": not is_demo_loaded()}
        if answer["loaded"]:
            answer |= self._load(options["size"])
        kept = signins.read(settings.DATA_DIR)
        answer |= kept or {"password": None, "sign_ins": []}
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
        elif options["verbosity"]:
            self._print(answer, kept)

    def _load(self, size: str | int) -> dict[str, Any]:
        password = signins.random_password()
        signal.signal(signal.SIGTERM, _interrupt)
        gc.disable()  # Looking for cycles among so many rows takes a third longer.
        try:
            summary = self._load_size(size, password)
        except KeyboardInterrupt as error:
            raise CommandError("Cancelled; the database is as it was.") from error
        except RuleViolation as error:
            raise CommandError(error.text) from error
        finally:
            gc.enable()
        signins.keep(settings.DATA_DIR, password)
        return summary.as_dict()

    def _load_size(self, size: str | int, password: str) -> DemoSummary:
        actor, at = system_actor("演示数据", Channel.COMMAND), timezone.now()
        if isinstance(size, str):
            may_mix = settings.DEMO_ASKED
            return load_demo(size, password=password, may_mix=may_mix, actor=actor, at=at)
        began = time.monotonic()

        def show(what: str, done: int, of: int) -> None:
            seconds = time.monotonic() - began
            self.stderr.write(f"\r  {seconds:6.0f} s  {what}: {done} of {of}      ", ending="")

        summary = load_large_demo(size, password=password, actor=actor, at=at, progress=show)
        self.stderr.write("")
        return summary

    def _print(self, answer: dict[str, Any], kept: dict[str, Any] | None) -> None:
        if answer["loaded"]:
            counts = {k: v for k, v in answer.items() if isinstance(v, int) and k != "loaded"}
            words = ", ".join(f"{number} {name}" for name, number in counts.items())
            self.stdout.write(f"{answer['company']}: {words}")
        else:
            self.stdout.write("The demo company is here already; nothing was changed.")
        for line in signins.lines(kept) if kept else ():
            self.stdout.write(f"  {line}")
