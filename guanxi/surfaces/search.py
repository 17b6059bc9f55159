"""One search over all records: pre-cut words under an index, rights and masks obeyed.

Each record has one SearchDoc per field group; a reader's query only reads the groups that
the reader sees in clear, so a masked phone can never be found by its digits. The words carry a
mark of record type and group: so the database knows how rare a word is among customers, or among
contacts, and chooses well between the index over the words and the newest documents.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Exists, OuterRef, Q

from guanxi.kernel import text
from guanxi.kernel.access import row_levels
from guanxi.kernel.actor import Actor, Level, Reach
from guanxi.kernel.db.rows import as_instant, insert_rows, insert_values
from guanxi.surfaces import frequency
from guanxi.surfaces.models import SearchDoc
from guanxi.surfaces.together import indexed_together
from guanxi.surfaces.width import SMALL

if TYPE_CHECKING:
    from guanxi.surfaces.records import RecordType

CANDIDATES: Final = 4
"""How many documents are read for each wanted hit: a record may have several."""
_LETTERS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
#: Parts of a text that have a word of their own wherever they stand.
_LEADING: Final = re.compile("[\u4e00-\u9fff]{2,}|[0-9]{4,}|[A-Za-z]{3,}")


@models.TextField.register_lookup
class HasTokens(models.Lookup):
    """`tokens__has=(("张伟", …), …)`: all tokens of one of the ways are among the words."""

    lookup_name = "has"

    def get_prep_lookup(self) -> list[list[str]]:
        """The wanted tokens of each way."""
        return [list(way) for way in self.rhs]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """SQLite: the full-text table that triggers keep beside the documents."""
        return f'"{self.lhs.alias}"."id" IN ({_IN_SQLITE})', (_full_text(self.rhs),)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """PostgreSQL: the inverted index over the array of words."""
        left, _params = self.process_lhs(compiler, connection)
        ways = " OR ".join(_IN_POSTGRESQL.format(left) for _way in self.rhs)
        return f"({ways})", tuple(self.rhs)


@models.TextField.register_lookup
class HoldsTokens(models.Lookup):
    """`tokens__holds=(("张伟", …), …)`: the same, looked up in the words of one document."""

    lookup_name = "holds"

    def get_prep_lookup(self) -> list[list[str]]:
        """The wanted tokens of each way."""
        return [list(way) for way in self.rhs]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The words stand between blanks."""
        left, _params = self.process_lhs(compiler, connection)
        find = "strpos" if connection.vendor == "postgresql" else "instr"
        one = f"{find}(' ' || {left} || ' ', %s) > 0"
        ways = " OR ".join("(" + " AND ".join([one] * len(way)) + ")" for way in self.rhs)
        return f"({ways})", tuple(f" {token} " for way in self.rhs for token in way)


@models.Field.register_lookup
class Among(models.Lookup):
    """`pk__among=subquery`: the subquery first, whatever else the statement asks for.

    PostgreSQL believes that cutting words costs nothing; asked with IN it would rather read every
    document of every record than the few that the index over the words names.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Like `IN`, but made before."""
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        sql = f"{left} = ANY(ARRAY{right})"
        if connection.vendor != "postgresql":
            sql = f"{left} IN {right}"
        return sql, (*left_params, *right_params)


class InTurn(Exists):
    """EXISTS that is asked row by row: neither database makes a join of it."""

    template = "EXISTS(%(subquery)s OFFSET 0)"


_IN_SQLITE: Final = "SELECT rowid FROM surfaces_search_fts WHERE surfaces_search_fts MATCH %s"
_IN_POSTGRESQL: Final = "string_to_array({}, ' ') @> %s::text[]"


def _full_text(ways: Iterable[Iterable[str]]) -> str:
    """The ways as SQLite's full-text search is asked."""
    return " OR ".join(
        "(" + " AND ".join(f'"{token.replace(chr(34), "")}"' for token in way) + ")" for way in ways
    )


@cache
def mark_of(record_key: str, group: str) -> str:
    """What the words of a record type and group begin with; two types may share one."""
    number = zlib.crc32(f"{record_key}/{group}".encode()) % len(_LETTERS) ** 2
    return _LETTERS[number // len(_LETTERS)] + _LETTERS[number % len(_LETTERS)]


# Writing ------------------------------------------------------------------------------------------
def index_record(
    record_type: "RecordType", instance: models.Model, *, at: datetime, is_new: bool = False
) -> None:
    """Keep the words of one record in step with it, in the caller's transaction."""
    index_records(record_type, [instance], at=at, is_new=is_new)


def index_records(
    record_type: "RecordType",
    instances: Iterable[models.Model],
    *,
    at: datetime,
    is_new: bool = False,
) -> None:
    """Keep the words of many records in step with them: one statement.

    Records that were not there before have no words yet that could be met.
    """
    if not record_type.search:
        return
    rows = list(instances)
    guarded = _guarded(record_type, rows)
    texts = [each for row in rows for each in _texts(record_type, row, guarded)]
    if is_new:
        moment = as_instant(at)
        docs = (_document(record_type.key, each) for each in texts if any(each.words + each.phones))
        with indexed_together(len(texts)):
            insert_values(SearchDoc, (*_COLUMNS, "updated_at"), ((*doc, moment) for doc in docs))
        return
    found = [dict(zip(_COLUMNS, _document(record_type.key, each), strict=True)) for each in texts]
    insert_rows(
        [SearchDoc(**doc, updated_at=at) for doc in found],
        conflict=["record_key", "object_id", "group"],
        update=["title", "folded", "tokens", "updated_at", "customer_id"],
    )


def _guarded(record_type: "RecordType", rows: Sequence[models.Model]) -> set[tuple[str, Any]]:
    """The groups that some of these records keep masked, whose words nobody looks for."""
    found: set[tuple[str, Any]] = set()
    for guard in row_levels(record_type.model):
        if "__" not in guard.column:
            found |= {(guard.group, r.pk) for r in rows if getattr(r, guard.column) is not None}
            continue
        wanted = {"pk__in": [r.pk for r in rows], f"{guard.column}__isnull": False}
        of_them = record_type.model._base_manager.filter(**wanted)
        found |= {(guard.group, pk) for pk in of_them.values_list("pk", flat=True)}
    return found


@dataclass(frozen=True, slots=True)
class _Texts:
    """What one record can be found by in one field group."""

    object_id: int
    customer_id: int | None
    group: str
    title: str
    words: tuple[str, ...]
    phones: tuple[str, ...]


def _texts(
    record_type: "RecordType", instance: Any, guarded: set[tuple[str, Any]]
) -> Iterator[_Texts]:
    from guanxi.surfaces.services.records import customer_of

    fields = record_type.declared()
    title, customer_id = str(instance)[:200], customer_of(record_type, instance)
    for group, names in record_type.search.items():
        if (group, instance.pk) in guarded:
            continue
        said = [(fields[n].type == "phone", str(fields[n].read(instance) or "")) for n in names]
        words = tuple(value for is_phone, value in said if not is_phone)
        phones = tuple(value for is_phone, value in said if is_phone)
        yield _Texts(instance.pk, customer_id, group, title, words, phones)


_COLUMNS: Final = (
    "record_key", "object_id", "customer_id", "group", "title", "folded", "tokens",
)  # fmt: skip


def _document(key: str, texts: _Texts) -> tuple[Any, ...]:
    """A document's columns: the texts cut into words, which takes the most time."""
    mark = mark_of(key, texts.group)
    folded = text.search_text(*texts.words, phones=texts.phones)
    tokens = text.search_tokens(*texts.words, phones=texts.phones)
    marked = " ".join(sorted(mark + token for token in tokens))
    found = texts.object_id, texts.customer_id, texts.group, texts.title, folded, marked
    return (key, *found)


# Reading ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Way:
    """One way to look a query up: words that must be there, and texts to be contained."""

    tokens: tuple[tuple[str, ...], ...]
    contained: tuple[str, ...]


def _ways(query: str, marks: Sequence[str]) -> list[Way]:
    """The ways of a query among the documents of these marks."""
    terms = text.query_terms(query)
    return [
        Way(
            tuple(tuple(mark + token for token in each.tokens) for mark in marks),
            tuple(t for t in terms if len(t) > 2)
            if each.kind in {"cjk", "digits", "latin"}
            else (),
        )
        for each in text.query_tokens(query)
    ]


def _clear_groups(record_type: "RecordType", actor: Actor) -> list[str]:
    return [g for g in record_type.search if not g or actor.level(g) is Level.CLEAR]


def matching(record_type: "RecordType", query: str, actor: Actor, *, is_counted: bool = False) -> Q:
    """The rows of a record type that a query finds; customers also by their contacts.

    Words that few documents have are looked up first; where very many have them, the list is
    walked in its order and each row looked up, until the page is full.
    """
    from guanxi.surfaces.records import get_record_type

    others = map(get_record_type, record_type.search_also)
    types = [record_type, *(t for t in others if actor.can(t.allows("view")))]
    groups = {(t.key, g) for t in types for g in _clear_groups(t, actor)}
    ways = _ways(query, sorted(mark_of(*each) for each in groups))
    if not ways or not groups:
        return Q(pk__in=[])
    tokens = [each for way in ways for each in way.tokens]
    least = frequency.COUNTED if is_counted else frequency.FREQUENT
    in_turn = frequency.is_frequent(tokens, _full_text(tokens), least=least)
    found = Q()
    for way in ways:
        one = Q(tokens__holds=way.tokens) if in_turn else Q(tokens__has=way.tokens)
        for part in way.contained:
            one &= Q(folded__contains=part)
        found |= one
    docs = SearchDoc.objects.filter(
        found, record_key__in={k for k, _ in groups}, group__in={g for _, g in groups}
    )
    column = "customer_id" if record_type.customer_path == "self" else "object_id"
    if in_turn:
        return Q(InTurn(docs.filter(**{column: OuterRef("pk")})))
    return Q(pk__among=docs.exclude(**{column: None}).values(column))


def holding(model: type[models.Model] | None, name: str, part: str) -> Q:
    """What leads to the few records whose own text may contain a part; blank where many may.

    The fold of a part is a part of the fold, so a record without the part's words cannot have it.
    """
    from guanxi.surfaces.records import get_record_type_of_model

    record_type = get_record_type_of_model(model) if model else None
    if record_type is None or not record_type.customer_path or not _LEADING.fullmatch(part):
        return Q()
    if name not in record_type.search.get("", ()) or frequency.documents() < SMALL:
        return Q()
    mark = mark_of(record_type.key, "")
    ways = [w for w in text.query_tokens(part) if w.kind in {"cjk", "digits", "latin"}]
    tokens = [tuple(mark + token for token in way.tokens) for way in ways]
    if frequency.is_frequent(tokens, _full_text(tokens), least=frequency.FREQUENT):
        return Q()
    docs = SearchDoc.objects.filter(tokens__has=tokens, record_key=record_type.key, group="")
    return Q(pk__among=docs.values("object_id"))


@dataclass(frozen=True)
class Hit:
    """One record that a palette search found."""

    record_key: str
    object_id: int
    title: str
    customer_id: int | None


def search_everywhere(
    query: str, record_types: Sequence["RecordType"], actor: Actor, *, each: int = 6
) -> list[Hit]:
    """The newest matches of every record type that the reader may see.

    Written out, because putting together a statement for each type takes longer than to run it.
    """
    wanted = [
        (lot, matching)
        for lot in _lots(record_types, actor)
        if (matching := _matching(lot, query, actor)) is not None
    ]
    parts: list[str] = []
    params: list[Any] = []
    for lot, matching in _not_empty(wanted, CANDIDATES * each):
        sql, values = _newest(lot, matching, CANDIDATES * each * len(lot.types))
        parts.append(f"SELECT * FROM ({sql}) AS part{len(parts)}")  # noqa: S608  no values
        params += values
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), params)
        rows = cursor.fetchall()
    return _distinct(rows, query, each)


#: How often a scope says SELECT that looks at its own table alone.
_OF_ITSELF: Final = 2


@dataclass(frozen=True)
class _Lot:
    """Types that are looked up together, and the condition that a document is in scope."""

    types: Sequence["RecordType"]
    scope: tuple[str, tuple[Any, ...]]

    @property
    def is_far(self) -> bool:
        """Whether the scope asks other tables than that of the records."""
        return self.scope[0].count("SELECT") > _OF_ITSELF


def _lots(record_types: Sequence["RecordType"], actor: Actor) -> list[_Lot]:
    """The types of records one by one; the few settings that are open to the reader, at once."""
    lots, settings, reader = [], [], _Reader.of(actor)
    for each in record_types:
        scope = _scope(each.key, actor.reach(each.allows("view")), reader) if each.search else None
        if scope is None or not _clear_groups(each, actor):
            continue
        if each.nav_group == "settings" and not scope[0]:
            settings.append(each)
        else:
            lots.append(_Lot([each], scope))
    return [*lots, _Lot(settings, ("", ()))] if settings else lots


_Matching = tuple[str, list[Any]]


def _not_empty(
    wanted: "list[tuple[_Lot, _Matching]]", limit: int
) -> "list[tuple[_Lot, _Matching]]":
    """Without the lots of far-reaching scopes in which nothing matches.

    PostgreSQL takes longer to plan such a scope than to see that there is nothing to ask it of.
    """
    far = {n for n, (lot, _matching) in enumerate(wanted) if lot.is_far}
    if connection.vendor != "postgresql" or not far:
        return wanted
    asked, params = [], []
    for number in far:
        lot, matching = wanted[number]
        sql, values = _newest(replace(lot, scope=("", ())), matching, limit)
        asked.append(f"SELECT {number} FROM ({sql}) AS part{number} HAVING count(*) > 0")  # noqa: S608
        params += values
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked), params)
        left = far - {number for (number,) in cursor.fetchall()}
    return [each for n, each in enumerate(wanted) if n not in left]


def _matching(lot: _Lot, query: str, actor: Actor) -> _Matching | None:
    """Where the documents of a lot are that hold what was typed."""
    pairs = [(each.key, group) for each in lot.types for group in _clear_groups(each, actor)]
    ways = _ways(query, [mark_of(*pair) for pair in pairs])
    if not ways:
        return None
    tokens = [each for way in ways for each in way.tokens]
    # PostgreSQL finds out by itself which of its indexes to walk.
    in_turn = connection.vendor == "sqlite" and frequency.is_frequent(
        tokens, _full_text(tokens), least=frequency.FREQUENT
    )
    matches = [_condition(way, in_turn=in_turn) for way in ways]
    given: list[Any] = [value for pair in pairs for value in pair]
    of_lot = f'(record_key, "group") IN ({", ".join(["(%s, %s)"] * len(pairs))})'
    if len(lot.types) == 1:
        given = [lot.types[0].key, *(group for _key, group in pairs)]
        of_lot = f'record_key = %s AND "group" IN ({", ".join(["%s"] * len(pairs))})'
    found = " OR ".join(sql for sql, _params in matches)
    values = [value for _sql, values in matches for value in values]
    return f"FROM surfaces_searchdoc WHERE {of_lot} AND ({found})", [*given, *values]


def _newest(lot: _Lot, matching: _Matching, limit: int) -> tuple[str, list[Any]]:
    """The statement for the newest documents of a lot that match and are in scope."""
    found, given = matching
    sql = " ".join(
        (
            "SELECT record_key, object_id, title, folded, customer_id",
            f"{found} {lot.scope[0]}",
            f"ORDER BY updated_at DESC, id DESC LIMIT {limit:d}",
        )
    )
    return sql, [*given, *lot.scope[1]]


@dataclass(frozen=True)
class _Reader:
    """A reader, the same as any other who stands where this one stands."""

    standing: tuple[Any, ...]
    actor: Actor = field(compare=False)

    @classmethod
    def of(cls, actor: Actor) -> "_Reader":
        levels = frozenset(actor.levels.items())
        place = (actor.user_id, actor.department_id, actor.team_ids, actor.branch_ids)
        return cls((*place, actor.openings, actor.is_system, levels), actor)


@lru_cache(maxsize=4096)
def _scope(
    record_key: str, reach: Reach | None, reader: _Reader
) -> tuple[str, tuple[Any, ...]] | None:
    """The condition that a document is in scope; the same as long as nobody's rights change.

    One row is looked up for each match: a list of all ids in scope would be made anew each time.
    Blank where every record is in scope, None where none is.
    """
    from guanxi.surfaces.records import get_record_type

    del reach  # Part of the key: it is what the reader's grants say for this type.
    record_type = get_record_type(record_key)
    rows = record_type.in_scope(reader.actor)
    if not rows.query.where:
        return "", ()
    try:
        sql, params = rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # nothing is in scope
        return None
    seen = f"AND EXISTS (SELECT 1 FROM ({sql}) AS seen WHERE seen.pk = object_id)"  # noqa: S608
    return seen, tuple(params)


def _condition(way: Way, *, in_turn: bool = False) -> tuple[str, list[Any]]:
    """The words through the index, or in each document, and what else must be in the text."""
    if connection.vendor == "postgresql":
        words = " OR ".join([_IN_POSTGRESQL.format("tokens")] * len(way.tokens))
        given: list[Any] = [list(tokens) for tokens in way.tokens]
        contains = " AND strpos(folded, %s) > 0"
    elif in_turn:
        held = "instr(' ' || tokens || ' ', %s) > 0"
        words = " OR ".join(" AND ".join([held] * len(tokens)) for tokens in way.tokens)
        given = [f" {token} " for tokens in way.tokens for token in tokens]
        contains = " AND instr(folded, %s) > 0"
    else:
        words, given = f"id IN ({_IN_SQLITE})", [_full_text(way.tokens)]
        contains = " AND instr(folded, %s) > 0"
    return f"(({words}){contains * len(way.contained)})", [*given, *way.contained]


def _distinct(rows: Iterable[tuple[Any, ...]], query: str, each: int) -> list[Hit]:
    """One hit per record, re-checked against what was typed, so many of each type."""
    found: dict[tuple[str, int], Hit] = {}
    counts: dict[str, int] = {}
    for key, pk, title, folded, customer_id in rows:
        is_wanted = counts.get(key, 0) < each and (key, pk) not in found
        if is_wanted and text.matches(query, folded):
            found[key, pk] = Hit(key, pk, title, customer_id)
            counts[key] = counts.get(key, 0) + 1
    return list(found.values())
