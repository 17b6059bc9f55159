"""Puts a backup in place: read and checked whole, loaded beside what is there, then swapped.

Until the last step the data that is served is not touched; afterwards the former database is
kept under another name.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from guanxi.kernel import dump
from guanxi.kernel.backup.container import fsync_folder
from guanxi.kernel.backup.services import hold_outbound, note_restored
from guanxi.kernel.backup.writing import Manifest
from guanxi.kernel.db import places

NEW_SCHEMA: Final = "guanxi_restored"
Say = Callable[[str], object]


class NotRestored(Exception):
    """Why nothing was changed."""


@dataclass(frozen=True)
class LaidOut:
    """A checked backup, laid out in a folder."""

    manifest: Manifest
    folder: Path

    def lines(self, table: dump.Table) -> Iterator[bytes]:
        """The rows of a table."""
        for part in sorted((self.folder / "tables" / table.name).glob("*")):
            with part.open("rb") as stream:
                yield from stream


def require_known_version(manifest: Manifest) -> None:
    """Refuse what a newer version has written."""
    loader = MigrationExecutor(connection).loader
    labels = {app for app, _name in loader.disk_migrations}
    newer = [
        f"{app}.{name}"
        for app, name in manifest.migrations
        if app in labels and (app, name) not in loader.disk_migrations
    ]
    if newer:
        raise NotRestored(
            f"the backup is of version {manifest.version}, which is newer: it has {newer[0]}"
        )


def is_empty() -> bool:
    """Whether nobody works with the database that is served."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM people_user")
            return not cursor.fetchone()[0]
    except DatabaseError:
        return True


def put_in_place(backup: LaidOut, *, at: datetime, say: Say) -> str:
    """Load, bring to this version, swap; returns where the former database is."""
    if connection.vendor == "sqlite":
        former = _in_place_on_sqlite(backup, at, say)
    else:
        former = _in_place_on_postgresql(backup, at, say)
    _put_anchors_aside(at)
    _place_files(backup)
    return former


# The database -------------------------------------------------------------------------------------
def _in_place_on_sqlite(backup: LaidOut, at: datetime, say: Say) -> str:
    served = Path(str(connection.settings_dict["NAME"]))
    new = served.with_name(f"{served.name}.restored")
    _remove_sqlite(new)
    with places.in_place_of_default({**places.settings_of_default(), "NAME": str(new)}) as target:
        fill(backup, target, at, say)
        with target.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    former = ""
    if served.exists():
        former = str(served.with_name(f"{served.name}.before-{at:%Y%m%d_%H%M%S}"))
        for ending in ("-wal", "-shm"):
            beside = served.with_name(served.name + ending)
            if beside.exists():
                beside.rename(former + ending)
        served.rename(former)
    new.rename(served)
    _remove_sqlite(new)
    fsync_folder(served.parent)
    return former


def _remove_sqlite(path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _in_place_on_postgresql(backup: LaidOut, at: datetime, say: Say) -> str:
    """Into a schema of its own; two renames in one transaction put it in place."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {NEW_SCHEMA} CASCADE")
        cursor.execute(f"CREATE SCHEMA {NEW_SCHEMA}")
    here = places.settings_of_default()
    options: dict[str, Any] = {**here["OPTIONS"], "options": f"-c search_path={NEW_SCHEMA}"}
    with places.in_place_of_default({**here, "OPTIONS": options}) as target:
        fill(backup, target, at, say)
    former = f"before_{at:%Y%m%d_%H%M%S}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        served = connection.ops.quote_name(cursor.fetchone()[0])
        cursor.execute(f"ALTER SCHEMA {served} RENAME TO {former}")
        cursor.execute(f"ALTER SCHEMA {NEW_SCHEMA} RENAME TO {served}")
    return f"schema {former}"


def fill(backup: LaidOut, target: BaseDatabaseWrapper, at: datetime, say: Say) -> None:
    """Make the tables as they were, load them, compare, and bring them to this version."""
    manifest = backup.manifest
    executor = MigrationExecutor(target)
    say(f"Making the tables of version {manifest.version} …")
    _migrate_to(executor, manifest.migrations)
    tables = dump.tables_at(target, manifest.migrations, without=dump.PASSING)
    for table in tables:
        if table.columns != manifest.tables[table.name]["columns"]:
            raise NotRestored(f"the table {table.name} has other columns in the backup")
    load(tables, backup.lines, manifest.sequences, target, say)
    facts = manifest.tables
    require_same({n: (f["count"], f["digest"]) for n, f in facts.items()}, tables)
    call_command("migrate", interactive=False, verbosity=0)
    # What had not been sent or done may have been since the backup was made (I03).
    hold_outbound()
    note_restored(manifest, at=at)


def _migrate_to(executor: MigrationExecutor, migrations: dump.Migrations) -> None:
    """The last step of each app among those that were applied."""
    graph, applied = executor.loader.graph, {(app, name) for app, name in migrations}
    known = [step for step in applied if step in graph.nodes]
    leaves = [
        step
        for step in known
        if not any(child.key in applied for child in graph.node_map[step].children
                   if child.key[0] == step[0])
    ]  # fmt: skip
    executor.migrate(leaves)


def load(
    tables: list[dump.Table],
    lines: Callable[[dump.Table], Iterator[bytes]],
    sequences: dict[str, int],
    target: BaseDatabaseWrapper,
    say: Say,
) -> None:
    """Load every table in one transaction; each goes on counting where the other one stood."""
    is_sqlite = target.vendor == "sqlite"
    if is_sqlite:
        target.disable_constraint_checking()  # Not possible inside a transaction.
    with transaction.atomic():
        dump.empty(tables, target)
        for table in tables:
            dump.write_rows(table, lines(table), target)
            if table.count:
                say(f"  {table.name}: {table.count}")
        dump.write_sequences(tables, sequences, target)
        target.check_constraints()
    if is_sqlite:
        target.enable_constraint_checking()
    with target.cursor() as cursor:
        cursor.execute("ANALYZE")


def require_same(wanted: Mapping[str, tuple[int, str]], tables: list[dump.Table]) -> None:
    """Read what was loaded again, from the database itself, and compare."""
    for table in tables:
        again = dump.Table(table.model)
        for _line in dump.read_rows(again, DEFAULT_DB_ALIAS):
            continue
        if (again.count, again.digest) != wanted[table.name]:
            raise NotRestored(f"the rows of {table.name} are not those that were written")


# Files --------------------------------------------------------------------------------------------
def _place_files(backup: LaidOut) -> None:
    """Files keep their random names, so none can meet another; keys and anchors as they were."""
    for path in (backup.folder / "files").glob("*"):
        target = Path(settings.FILES_DIR) / path.name[:2] / path.name[2:4] / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        _place(path, target)
    others = backup.folder / "others"
    for path in others.rglob("*"):
        if path.is_file():
            _place(path, Path(settings.DATA_DIR) / path.relative_to(others))


def _put_anchors_aside(at: datetime) -> None:
    """Those of the former database tell of a chain that does not go on."""
    folder = Path(settings.DATA_DIR) / "anchors"
    if folder.is_dir():
        folder.rename(folder.with_name(f"anchors.before-{at:%Y%m%d_%H%M%S}"))


def _place(path: Path, target: Path) -> None:
    """Durable first, then under its name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    path.chmod(0o600)
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
    if path.stat().st_dev == target.parent.stat().st_dev:
        path.replace(target)
    else:
        shutil.copyfile(path, target)
    fsync_folder(target.parent)
