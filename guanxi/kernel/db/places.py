"""Other databases than the one that is served: a snapshot to read, a new one to fill."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

Settings = dict[str, Any]


def settings_of_default() -> Settings:
    """How to reach the database that is served."""
    return deepcopy(connections[DEFAULT_DB_ALIAS].settings_dict)


@contextmanager
def beside(alias: str, settings: Settings) -> Iterator[BaseDatabaseWrapper]:
    """A second connection under a name of its own, until the block ends."""
    connections.databases[alias] = deepcopy(settings)
    try:
        yield connections[alias]
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.databases[alias]


@contextmanager
def in_place_of_default(settings: Settings) -> Iterator[BaseDatabaseWrapper]:
    """Everything in the block works on this database: migrations ask for no other name."""
    served, known = connections[DEFAULT_DB_ALIAS], connections.databases[DEFAULT_DB_ALIAS]
    served.close()
    connections.databases[DEFAULT_DB_ALIAS] = deepcopy({**known, **settings})
    connections[DEFAULT_DB_ALIAS] = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        yield connections[DEFAULT_DB_ALIAS]
    finally:
        connections[DEFAULT_DB_ALIAS].close()
        connections.databases[DEFAULT_DB_ALIAS] = known
        connections[DEFAULT_DB_ALIAS] = served


@contextmanager
def snapshot() -> Iterator[BaseDatabaseWrapper]:
    """The served database as it is at this instant, whatever others write meanwhile."""
    with beside("snapshot", settings_of_default()) as found, found.cursor() as cursor:
        is_sqlite = found.vendor == "sqlite"
        # Deferred on SQLite: a reader in WAL mode holds up no writer.
        cursor.execute("BEGIN" if is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT count(*) FROM django_migrations")
        cursor.fetchone()
        try:
            yield found
        finally:
            cursor.execute("ROLLBACK")
