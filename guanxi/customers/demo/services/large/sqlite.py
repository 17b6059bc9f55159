"""SQLite fills a file of its own, without indexes and without a journal, that then takes over.

When the load is cancelled that file goes, and the database is as it was.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import OperationalError, connection
from django.utils.translation import gettext_lazy as _

from guanxi.customers.demo.large.plan import SHEETS
from guanxi.kernel.errors import RuleViolation

_IN_USE = _("The database is in use: stop the product first.")
_WORDS: Final = "surfaces_search_"
_TRIGGERS: Final = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s"
_SETTINGS: Final = (
    "PRAGMA journal_mode=OFF",
    "PRAGMA synchronous=OFF",
    "PRAGMA foreign_keys=OFF",
    "PRAGMA cache_size=-400000",
    "PRAGMA locking_mode=EXCLUSIVE",
)


@contextmanager
def apart() -> Iterator[None]:
    """Work on a copy of the database; it takes the place when all went well."""
    place = Path(str(connection.settings_dict["NAME"]))
    copy = place.with_name(f"{place.name}.loading")
    copy.unlink(missing_ok=True)
    _close_alone()
    shutil.copyfile(place, copy)
    _work_on(copy)
    try:
        yield
        connection.close()
        with copy.open("rb") as written:
            os.fsync(written.fileno())
        _work_on(place)
        _close_alone()
        copy.replace(place)
    finally:
        _work_on(place)
        for left in place.parent.glob(f"{copy.name}*"):
            left.unlink()


def _work_on(place: Path) -> None:
    connection.close()
    connection.settings_dict["NAME"] = str(place)


def _close_alone() -> None:
    """Bring everything into the one file; impossible while somebody else has it open."""
    with connection.cursor() as cursor:
        try:
            cursor.execute("PRAGMA journal_mode=DELETE")
            is_alone = cursor.fetchone()[0] == "delete"
        except OperationalError:
            is_alone = False
    connection.close()
    if not is_alone:
        raise RuleViolation("in_use", _IN_USE)


@dataclass(frozen=True)
class Inserting:
    """Feeds the sheets of a piece into SQLite."""

    def put(self, made: dict[str, Any]) -> None:
        """The rows of a piece, sheet by sheet."""
        for label, rows in made.items():
            connection.connection.executemany(SHEETS[label].insertion(), rows)


@contextmanager
def without_indexes(step: Callable[[int, int], None]) -> Iterator[Inserting]:
    """Take indexes and the triggers of the search away and put them back, as they were."""
    with connection.cursor() as cursor:
        for setting in _SETTINGS:
            cursor.execute(setting)
        indexes = list(_indexes(cursor))
        cursor.execute(_TRIGGERS, [f"{_WORDS}%"])
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        for name, _sql in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute("BEGIN")
        yield Inserting()
        cursor.execute("COMMIT")
        total = len(indexes) + 1
        for number, (_name, sql) in enumerate(indexes):
            step(number, total)
            cursor.execute(sql)
        step(total - 1, total)
        cursor.execute(f"INSERT INTO {_WORDS}fts({_WORDS}fts) VALUES ('rebuild')")  # noqa: S608
        for _name, sql in triggers:
            cursor.execute(sql)
        step(total, total)


def _indexes(cursor: Any) -> Iterator[tuple[str, str]]:
    """The indexes that were made by a statement; those of UNIQUE columns stay."""
    for sheet in SHEETS.values():
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s "
            "AND sql IS NOT NULL",
            [sheet.table],
        )
        yield from cursor.fetchall()
