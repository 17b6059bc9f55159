"""The database itself refuses to change or delete events and accesses (I11, M04)."""

from typing import Any

TABLES = ("kernel_event", "kernel_accessentry")
SEALS = ("kernel_seal",)

_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
# INSERT OR REPLACE deletes the old row without asking the triggers of DELETE.
_SQLITE_REPLACE = """
CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = new.{key})
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION guanxi_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
FOR EACH ROW EXECUTE FUNCTION guanxi_append_only()
"""


_POSTGRESQL_TRUNCATE = """
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION guanxi_append_only()
"""
_VERBS = ("update", "delete", "replace", "truncate")


def install(connection: Any, tables: tuple[str, ...] = TABLES, *, key: str = "id") -> None:
    """Put the triggers in place."""
    is_sqlite = connection.vendor == "sqlite"
    row, whole = (_SQLITE, _SQLITE_REPLACE) if is_sqlite else (_POSTGRESQL, _POSTGRESQL_TRUNCATE)
    with connection.cursor() as cursor:
        if not is_sqlite:
            cursor.execute(_POSTGRESQL_FUNCTION)
        for table in tables:
            for verb in ("update", "delete"):
                cursor.execute(row.format(table=table, verb=verb))
            cursor.execute(whole.format(table=table, key=key))


def remove(connection: Any, tables: tuple[str, ...] = TABLES) -> None:
    """Take the triggers away: only a migration, or a test that empties its database, does this."""
    suffix = "" if connection.vendor == "sqlite" else " ON {table}"
    with connection.cursor() as cursor:
        for table in tables:
            for verb in _VERBS:
                name = f"{table}_no_{verb}"
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}" + suffix.format(table=table))
