"""An index for every custom field that lists can be sorted by, made while everybody works on.

The worker makes and drops them: whoever defines a field writes one row and takes no lock on the
records. The database's own catalogue says what there is, so that an attempt that was killed, a
restored backup and a table that a migration made anew are all put right at the next look.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from django.db import OperationalError, connection
from django.db.models import F, Index, Model
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.db.statistics import renew_statistics
from guanxi.surfaces.models import CustomField
from guanxi.surfaces.records import as_field, record_types

PREFIX: Final = "custom_value_"
WAIT: Final = "20s"
"""So long an index waits for others' old transactions; then it is tried at the next turn."""
_KEY: Final = 0x67756E_7869  # One worker at a time; any number that nothing else locks.
_STANDING: Final = {
    "postgresql": (
        "SELECT relname, indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
        "WHERE relnamespace = current_schema()::regnamespace AND starts_with(relname, %s)"
    ),
    "sqlite": (
        "SELECT name, true FROM sqlite_master WHERE type = 'index' AND substr(name, 1, 13) = %s"
    ),
}
log = logging.getLogger(__name__)


class State(Enum):
    """How far the index of a field is, as the administrator reads it."""

    NEEDLESS = _("None needed")
    WAITING = _("Waiting for the worker")
    BUILDING = _("Being built")
    READY = _("Built")


UNDONE: Final = (State.WAITING, State.BUILDING)


@dataclass(frozen=True)
class ValueIndex:
    """The index over one custom field's values, in the order of a list that is sorted by it."""

    name: str
    model: type[Model]
    slug: str

    @property
    def index(self) -> Index:
        """The same expression as the list's, and the id that breaks ties."""
        return Index(F(f"custom__{self.slug}"), F("id"), name=self.name)

    def build(self, *, is_online: bool = True) -> None:
        """Make it; PostgreSQL beside running writes, SQLite between two."""
        how: Any = {"concurrently": True} if is_online and connection.vendor == "postgresql" else {}
        # Not entered: on SQLite that would check every reference of the database at its end.
        statement = self.index.create_sql(self.model, connection.schema_editor(), **how)
        with connection.cursor() as cursor:
            cursor.execute(str(statement))


def wanted() -> dict[str, ValueIndex]:
    """The index that each custom field of today should have, by name."""
    models = {each.key: each.model for each in record_types() if each.has_custom_fields}
    return {
        f"{PREFIX}{row.pk}": ValueIndex(f"{PREFIX}{row.pk}", models[row.record_key], row.slug)
        for row in CustomField.objects.filter(archived_at=None).order_by("pk")
        if row.record_key in models and as_field(row).sortable
    }


def standing() -> dict[str, bool]:
    """The indexes that there are, by name, and whether they are complete."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING[connection.vendor], [PREFIX])
        return {name: bool(is_valid) for name, is_valid in cursor.fetchall()}


def state_of(row: CustomField) -> State:
    """How far the index of a field is."""
    if row.archived_at is not None or not as_field(row).sortable:
        return State.NEEDLESS
    is_valid = standing().get(f"{PREFIX}{row.pk}")
    if is_valid is None:
        return State.WAITING
    return State.READY if is_valid else State.BUILDING


def bring_in_step() -> list[str]:
    """Make what is missing, drop what nobody needs; the names of what was done.

    Must not run inside a transaction. An index that others' long transactions hold up is left
    for the next turn.
    """
    if not any(_difference()):
        return []
    done: list[str] = []
    with _alone() as is_mine:
        stale, missing = _difference() if is_mine else ([], [])  # anew: another may have done it
        try:
            for name in stale:
                _drop(name)
                done.append(name)
            for each in missing:
                each.build()
                done.append(each.name)
        except OperationalError as error:
            log.warning("an index over a custom field must wait: %s", error)
        if done:
            _count_again({each.model for each in missing})
    return done


def _difference() -> tuple[list[str], list[ValueIndex]]:
    """What nobody needs or is broken, and what is missing."""
    needed, there = wanted(), standing()
    stale = [name for name, is_valid in there.items() if name not in needed or not is_valid]
    return stale, [each for name, each in needed.items() if not there.get(name)]


def _drop(name: str) -> None:
    online = "CONCURRENTLY" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {online} IF EXISTS {connection.ops.quote_name(name)}")


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other worker is at it; what a killed one began, its server goes on with."""
    if connection.vendor != "postgresql":
        yield True
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_KEY])
        is_mine: bool = cursor.fetchone()[0]
        if not is_mine:
            yield False
            return
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [WAIT])
    try:
        yield True
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_KEY])


def _count_again(models: set[Any]) -> None:
    """How the values are spread is known only once they have been counted."""
    if connection.vendor == "sqlite":
        renew_statistics()
        return
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
