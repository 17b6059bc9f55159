"""How many documents have a word: very frequent ones are looked up another way (K10).

PostgreSQL keeps the share of the most common words with its statistics; SQLite is asked to count
up to the bound.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Final

from django.db import connection

from guanxi.surfaces.width import rows_of

FREQUENT: Final = 14_000
"""From so many documents on it is quicker to look each record of a page up in turn."""
COUNTED: Final = 55_000
"""The same for a count, which goes on to a thousand records."""
IN_SQLITE: Final = 1.3
"""So many times as many on SQLite, which fetches a document in less."""
_SECONDS: Final = 600.0
_SHARES: Final = """
SELECT most_common_elems::text::text[], most_common_elem_freqs, reltuples
FROM pg_stats JOIN pg_class ON relname = 'surfaces_searchdoc' AND relnamespace =
    schemaname::regnamespace
WHERE schemaname = current_schema() AND tablename = 'surfaces_search_words'"""
_SOME: Final = """
SELECT count(*) FROM (
    SELECT 1 FROM surfaces_search_fts WHERE surfaces_search_fts MATCH %s LIMIT %s)"""

Ways = Sequence[Iterable[str]]


def is_frequent(ways: Ways, full_text: str, *, least: int) -> bool:
    """Whether so many documents have all words of one of the ways."""
    if connection.vendor == "postgresql":
        return _known.expected(ways) >= least
    least = int(least * IN_SQLITE)
    if rows_of("surfaces_searchdoc") < least:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_SOME, [full_text, least])
        return bool(cursor.fetchone()[0] >= least)


def documents() -> float:
    """About how many documents there are."""
    if connection.vendor == "postgresql":
        return _known.count()
    return rows_of("surfaces_searchdoc")


@dataclass
class _Shares:
    """The most common words as PostgreSQL last counted them; read again now and then."""

    shares: dict[str, float] = field(default_factory=dict)
    documents: float = 0.0
    read_at: float = float("-inf")
    lock: Lock = field(default_factory=Lock)

    def expected(self, ways: Ways) -> float:
        """About how many documents have all words of a way, summed over the ways."""
        documents = self.count()
        rarest = (min((self.shares.get(word, 0.0) for word in way), default=0.0) for way in ways)
        return documents * sum(rarest)

    def count(self) -> float:
        """About how many documents there are."""
        if monotonic() - self.read_at > _SECONDS:
            self._read()
        return self.documents

    def _read(self) -> None:
        with self.lock, connection.cursor() as cursor:
            cursor.execute(_SHARES)
            words, shares, documents = cursor.fetchone() or ((), (), 0.0)
            # Behind the words' own shares stand the lowest, the highest and that of no word.
            self.shares = dict(zip(words or (), shares or (), strict=False))
            self.documents = max(0.0, documents)
            self.read_at = monotonic()

    def forget(self) -> None:
        """Read anew at the next question."""
        self.read_at = float("-inf")


_known: Final = _Shares()


def forget() -> None:
    """Do not trust what was read: the documents have changed altogether."""
    _known.forget()
