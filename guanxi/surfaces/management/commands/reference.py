"""`manage.py reference`: writes docs/reference, or with --check says whether it is up to date."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from guanxi.surfaces import reference


class Command(BaseCommand):
    """Generates the reference pages from the declarations."""

    help = "Write docs/reference from the declarations (--check only compares)."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--check` writes nothing and fails when a page is out of date."""
        parser.add_argument("--check", action="store_true", help="compare, write nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write or compare every page."""
        stale = []
        for name, text in reference.pages().items():
            path = reference.FOLDER / name
            if path.exists() and path.read_text() == text:
                continue
            stale.append(name)
            if not options["check"]:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        if stale and options["check"]:
            raise CommandError(f"out of date: {', '.join(stale)}; run manage.py reference")
        self.stdout.write(f"written: {', '.join(stale) or 'nothing, all up to date'}")
