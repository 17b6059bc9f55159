"""Moves everything to another database."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection

from guanxi.kernel import bootstrap, dump
from guanxi.kernel.backup.restoring import NotRestored, load, require_same
from guanxi.kernel.db import places
from guanxi.kernel.db.urls import database_at
from guanxi.kernel.management.base import DataCommand, holding_data


class Command(DataCommand):
    """Copy every row, compare both sides, leave the old database as it is."""

    help = "Moves all data to another, empty database (--to postgresql://…) and compares."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument("--to", required=True, help="address of the empty database")

    def handle(self, *, to: str, **options: Any) -> None:
        """Move, or say why nothing was moved."""
        try:
            with holding_data():
                rows, digest = self._move(database_at(to, named="--to"))
        except (NotRestored, ImproperlyConfigured, DatabaseError, bootstrap.NotReady) as error:
            raise CommandError(f"nothing was moved: {error}") from error
        self.stdout.write(f"Moved and compared: {rows} rows, {digest}")
        self.stdout.write("Set GUANXI_DATABASE_URL to the new address and start the product.")

    def _move(self, target: places.Settings) -> tuple[int, str]:
        with places.snapshot() as source:
            steps = dump.applied_migrations(source)
            tables = {t.name: t for t in dump.tables_at(source, steps)}
            sequences = dump.read_sequences(tables.values(), source)
            with places.in_place_of_default(target) as new:
                new.ensure_connection()
                if "django_migrations" in new.introspection.table_names():
                    raise NotRestored("the other database is not empty")
                call_command("migrate", interactive=False, verbosity=0)
                theirs = dump.tables_at(connection, steps)
                load(
                    theirs,
                    lambda table: dump.read_rows(tables[table.name], source.alias),
                    sequences,
                    new,
                    self.stdout.write,
                )
                require_same({n: (t.count, t.digest) for n, t in tables.items()}, theirs)
        rows = sum(table.count for table in tables.values())
        return rows, dump.digest_of({n: (t.count, t.digest) for n, t in tables.items()})
