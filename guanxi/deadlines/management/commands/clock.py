"""Answers a file of deadline cases: what is due when, and what came of it."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from guanxi.deadlines.rules.cases import BadCases, answer


class Command(BaseCommand):
    """Fold each case's ledger at its `as_of`; the exit code is 2 when the file cannot be read."""

    help = "Computes the deadline cases of a JSON file and prints their states as JSON."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which file."""
        parser.add_argument("cases", type=Path, help="a file shaped like clock-cases.json")

    def handle(self, *, cases: Path, **options: Any) -> None:
        """Print one JSON object, or one line that names the case and the reason."""
        try:
            answers = answer(cases.read_bytes())
        except OSError as error:
            raise CommandError(f"{cases}: {error.strerror}", returncode=2) from error
        except BadCases as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(json.dumps(answers, ensure_ascii=False, indent=1))
