"""The words of many new documents go into the index together.

One after the other, each word of each document is a way of its own through the index: on
PostgreSQL into the tree, on SQLite into a segment that is merged again later.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from django.db import connection

from guanxi.kernel.db.rows import MANY

#: What is said before and after many new documents.
_POSTGRESQL: Final = (
    ("SET LOCAL gin_pending_list_limit = '64MB'",),
    (
        # Only the index's owner may; for others PostgreSQL does it by itself, in smaller parts.
        """SELECT gin_clean_pending_list(oid) FROM pg_class
        WHERE relname = 'surfaces_search_words' AND pg_table_is_visible(oid)
        AND pg_has_role(relowner, 'USAGE')""",
        "SET LOCAL gin_pending_list_limit TO DEFAULT",
    ),
)
_SQLITE: Final = (
    (
        """INSERT INTO surfaces_search_together SELECT coalesce(max(seq), 0)
        FROM sqlite_sequence WHERE name = 'surfaces_searchdoc'""",
    ),
    (
        """INSERT INTO surfaces_search_fts(rowid, tokens) SELECT id, tokens
        FROM surfaces_searchdoc WHERE id > (SELECT begun FROM surfaces_search_together)""",
        "DELETE FROM surfaces_search_together",
    ),
)


@contextmanager
def indexed_together(count: int) -> Iterator[None]:
    """Put so many new documents into the index at the end; inside the caller's transaction."""
    if count < MANY:
        yield
        return
    before, after = _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
    _say(before)
    yield
    _say(after)


def _say(statements: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
