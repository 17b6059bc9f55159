"""One search over all records: pre-cut words under an index, rights and masks obeyed.

Each record has one SearchDoc per field group; a reader's query only reads the groups that
the reader sees in clear, so a masked phone can never be found by its digits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from guanxi.kernel import text
from guanxi.kernel.access import groups, visible
from guanxi.kernel.actor import Actor, Level
from guanxi.kernel.db.rows import insert_rows
from guanxi.surfaces.models import SearchDoc

if TYPE_CHECKING:
    from guanxi.surfaces.records import RecordType

CANDIDATES = 60


@models.TextField.register_lookup
class HasTokens(models.Lookup):
    """`tokens__has=("张伟", …)`: every token is among the words, answered by the index."""

    lookup_name = "has"

    def get_prep_lookup(self) -> list[str]:
        """The wanted tokens as a list."""
        return list(self.rhs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """SQLite: the full-text table that triggers keep beside the documents."""
        wanted = " AND ".join(f'"{token.replace(chr(34), "")}"' for token in self.rhs)
        found = "SELECT rowid FROM surfaces_search_fts WHERE surfaces_search_fts MATCH %s"
        return f'"{self.lhs.alias}"."id" IN ({found})', (wanted,)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """PostgreSQL: the inverted index over the array of words."""
        left, params = self.process_lhs(compiler, connection)
        return f"string_to_array({left}, ' ') @> %s::text[]", (*params, list(self.rhs))


# Writing ------------------------------------------------------------------------------------------
def index_record(record_type: "RecordType", instance: models.Model, *, at: datetime) -> None:
    """Keep the words of one record in step with it, in the caller's transaction."""
    index_records(record_type, [instance], at=at)


def index_records(
    record_type: "RecordType", instances: Iterable[models.Model], *, at: datetime
) -> None:
    """Keep the words of many records in step with them: one statement."""
    if not record_type.search:
        return
    docs = [doc for each in instances for doc in _documents(record_type, each, at)]
    insert_rows(
        docs,
        conflict=["record_key", "object_id", "group"],
        update=["title", "folded", "tokens", "updated_at", "customer_id"],
    )


def _documents(record_type: "RecordType", instance: Any, at: datetime) -> Iterable[SearchDoc]:
    from guanxi.surfaces.services.records import customer_of

    fields = record_type.declared()
    title = str(instance)[:200]
    for group, names in record_type.search.items():
        words: list[str] = []
        phones: list[str] = []
        for name in names:
            value = str(fields[name].read(instance) or "")
            (phones if fields[name].type == "phone" else words).append(value)
        yield SearchDoc(
            record_key=record_type.key,
            object_id=instance.pk,
            customer_id=customer_of(record_type, instance),
            group=group,
            title=title,
            folded=text.search_text(*words, phones=phones),
            tokens=" ".join(sorted(text.search_tokens(*words, phones=phones))),
            updated_at=at,
        )


# Reading ------------------------------------------------------------------------------------------
def documents(query: str, actor: Actor) -> Any:
    """The documents that a query finds in the field groups that the reader sees in clear."""
    clear = ["", *(g for g in groups() if actor.level(g) is Level.CLEAR)]
    found = Q(pk__in=[])
    terms = text.query_terms(query)
    for way in text.query_tokens(query):
        one = Q(tokens__has=way.tokens)
        if way.kind in {"cjk", "digits", "latin"}:
            for term in terms:
                one &= Q(folded__contains=term) if len(term) > 2 else Q()
        found |= one
    return SearchDoc.objects.filter(found, group__in=clear)


def matching(record_type: "RecordType", query: str, actor: Actor) -> Q:
    """The rows of a record type that a query finds; customers also by their contacts."""
    if not record_type.search:
        return Q(pk__in=[])  # Nothing of the type is indexed; its ids may not even be numbers.
    docs = documents(query, actor)
    if record_type.customer_path == "self":
        belonging = docs.filter(record_key__in=_found_by(record_type), customer_id__isnull=False)
        return Q(pk__in=belonging.values("customer_id"))
    return Q(pk__in=docs.filter(record_key=record_type.key).values("object_id"))


def _found_by(record_type: "RecordType") -> list[str]:
    return [record_type.key, *record_type.search_also]


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
    """The newest matches of every record type that the reader may see."""
    hits: list[Hit] = []
    for record_type in record_types:
        if not record_type.search or not actor.can(record_type.allows("view")):
            continue
        scope = visible(actor, record_type.allows("view"), record_type.model._base_manager.all())
        rows = (
            documents(query, actor)
            .filter(record_key=record_type.key, object_id__in=scope.values("pk"))
            .order_by("-updated_at", "-id")[:CANDIDATES]
        )
        hits += _distinct(rows, query)[:each]
    return hits


def _distinct(rows: Iterable[SearchDoc], query: str) -> list[Hit]:
    """One hit per record, re-checked against what was typed."""
    found: dict[int, Hit] = {}
    for row in rows:
        if row.object_id not in found and text.matches(query, row.folded):
            found[row.object_id] = Hit(row.record_key, row.object_id, row.title, row.customer_id)
    return list(found.values())
