"""`manage.py explain RECORD_KEY`: what derives from a record's declaration, and from where."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from guanxi.surfaces.explaining import as_lines, explain_record_type
from guanxi.surfaces.records import record_types


class Command(BaseCommand):
    """Explain one record type, or name them all."""

    help = (
        "Explain a record type: its fields, field groups, permissions, pages, API addresses, "
        "verbs, events and reactions, with where each is written. Without a key: all keys."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which type, and in which form to answer."""
        parser.add_argument("record_key", nargs="?", help="for example customers.customer")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the explanation."""
        known = {each.key: each for each in record_types()}
        key = options["record_key"]
        if key is None:
            names = {k: str(t.label) for k, t in known.items()}
            lines = [f"{k:<28}{label}" for k, label in names.items()]
            self.stdout.write(_json(names) if options["json"] else "\n".join(lines))
            return
        if key not in known:
            raise CommandError(f"there is no record type {key}; there are: {', '.join(known)}")
        explained = explain_record_type(known[key])
        self.stdout.write(_json(explained) if options["json"] else "\n".join(as_lines(explained)))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
