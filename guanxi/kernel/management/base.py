"""What the commands that work on the data share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from guanxi.kernel import bootstrap
from guanxi.kernel.memory import keep_loaded


@contextmanager
def holding_data() -> Iterator[None]:
    """Refuse while the product runs on this data folder, and keep it from starting meanwhile."""
    with bootstrap.hold_data_folder(settings.DATA_DIR):
        yield


class DataCommand(BaseCommand):
    """A command that needs the database of this version; a missing one is made first."""

    def execute(self, *args: Any, **options: Any) -> Any:
        """Refuse with a reason, or run."""
        try:
            bootstrap.require_database(self.stderr.write)
        except bootstrap.NotReady as error:
            raise CommandError(str(error)) from error
        return super().execute(*args, **options)

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as a process of its own, that need not look for garbage in what it has loaded."""
        keep_loaded()
        super().run_from_argv(argv)
