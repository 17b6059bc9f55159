"""What the commands that work on the data share."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from guanxi.kernel import bootstrap


class DataCommand(BaseCommand):
    """A command that needs the database of this version; a missing one is made first."""

    def execute(self, *args: Any, **options: Any) -> Any:
        """Refuse with a reason, or run."""
        try:
            bootstrap.require_database(self.stderr.write)
        except bootstrap.NotReady as error:
            raise CommandError(str(error)) from error
        return super().execute(*args, **options)
