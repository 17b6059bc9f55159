"""Says what is wrong with this installation and what to do about it."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from guanxi.kernel.health import examine

MARKS = {"good": "✓", "warning": "!", "bad": "✗"}


class Command(BaseCommand):
    """Examine the installation; the exit code is 1 when something is bad."""

    help = "Examines the installation: what is wrong, and what to do about it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """For people a list, for programs JSON."""
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print every finding, the remedy under what is not good."""
        findings = examine(timezone.now())
        if options["json"]:
            self.stdout.write(
                json.dumps([asdict(f) for f in findings], ensure_ascii=False, indent=2)
            )
        else:
            for finding in findings:
                self.stdout.write(f"{MARKS[finding.state]} {finding.check}: {finding.words}")
                if finding.remedy:
                    self.stdout.write(f"    {finding.remedy}")
        bad = [finding.check for finding in findings if finding.state == "bad"]
        if bad:
            raise CommandError(f"not sound: {', '.join(bad)}")
