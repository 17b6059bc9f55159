"""`manage.py demo`: puts the demo company into the database, once."""

import gc
import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from guanxi.customers.demo import signins
from guanxi.customers.demo.services import SIZES, is_demo_loaded, load_demo
from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.management.base import DataCommand


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
            "--size", choices=SIZES, default="standard", help="200 or 2 000 customers (default)"
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

    def _load(self, size: str) -> dict[str, Any]:
        password = signins.random_password()
        gc.disable()  # Looking for cycles among so many rows takes a third longer.
        try:
            summary = load_demo(
                size,
                password=password,
                may_mix=settings.DEMO_ASKED,
                actor=system_actor("演示数据", Channel.COMMAND),
                at=timezone.now(),
            )
        except RuleViolation as error:
            raise CommandError(error.text) from error
        finally:
            gc.enable()
        signins.keep(settings.DATA_DIR, password)
        return summary.as_dict()

    def _print(self, answer: dict[str, Any], kept: dict[str, Any] | None) -> None:
        if answer["loaded"]:
            counts = {k: v for k, v in answer.items() if isinstance(v, int) and k != "loaded"}
            words = ", ".join(f"{number} {name}" for name, number in counts.items())
            self.stdout.write(f"{answer['company']}: {words}")
        else:
            self.stdout.write("The demo company is here already; nothing was changed.")
        for line in signins.lines(kept) if kept else ():
            self.stdout.write(f"  {line}")
