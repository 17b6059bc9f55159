"""Every list is read here: scope, then filters, then sort, then one keyset page.

HTML table, API list, export, counts, pickers and segments all call `Listing`; none of
them narrows by itself. A field that the reader may not see clear cannot be filtered or
sorted by; its cells come out masked or not at all.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any, Self

from django.db.models import Func, Model, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import (
    before_row,
    groups,
    may_be_opened,
    opening_columns,
    row_level,
    row_levels,
    shown,
    visible,
)
from guanxi.kernel.actor import Actor, Level
from guanxi.kernel.conditions import compile_condition, demands, leaves
from guanxi.kernel.errors import BadRequest, NotFound
from guanxi.surfaces import search
from guanxi.surfaces.fields import TEXTUAL, Field
from guanxi.surfaces.keyset import Order, read_cursor
from guanxi.surfaces.models import SavedView
from guanxi.surfaces.records import RecordType
from guanxi.surfaces.related import related_records
from guanxi.surfaces.segments import SegmentField, get_view
from guanxi.surfaces.width import Aside, few_that_meet, is_wide

PAGE_SIZES = (20, 50, 100, 200)
DEFAULT_SIZE = 50
COUNT_CAP = 1000
_SIZE = re.compile("[1-9][0-9]{0,2}")
RESERVED = frozenset(
    {
        *("q", "view", "where", "sort", "columns", "frozen", "size"),
        *("after", "before", "archived", "count"),
    }
)


@dataclass(frozen=True)
class ListRequest:
    """What a reader asked of a list, already taken apart from the query string or JSON."""

    q: str = ""
    view: str = ""
    condition: Any = None
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    columns: tuple[str, ...] = ()
    frozen: str = ""
    size: int = DEFAULT_SIZE
    after: str = ""
    before: str = ""
    archived: bool = False

    @classmethod
    def from_query(
        cls, query: Mapping[str, str], ignore: frozenset[str] = frozenset()
    ) -> "ListRequest":
        """Read a query string; a malformed part raises BadRequest, an unknown name later."""
        size = query.get("size") or str(DEFAULT_SIZE)
        if not _SIZE.fullmatch(size) or int(size) > max(PAGE_SIZES):
            raise BadRequest("bad_size", _("The page size must lie between 1 and 200."))
        q = query.get("q", "")
        if "\0" in q or len(q) > 200:
            raise BadRequest("bad_query", _("The search text cannot be read."))
        return cls(
            q=q.strip(),
            view=query.get("view", ""),
            condition=_read_json(query.get("where", "")),
            filters={k: v for k, v in query.items() if k not in RESERVED and k not in ignore},
            sort=query.get("sort", ""),
            columns=tuple(c for c in query.get("columns", "").split(",") if c),
            frozen=query.get("frozen", ""),
            size=int(size),
            after=query.get("after", ""),
            before=query.get("before", ""),
            archived=query.get("archived", "") in {"1", "true"},
        )


def _read_json(written: str) -> Any:
    if not written:
        return None
    if len(written) > 20_000:
        raise BadRequest("bad_condition", _("The condition cannot be read."))
    try:
        read = json.loads(written)
        # What no text column can hold comes in as an escape: NUL and halves of a character.
        if "\\u" in written and "\\u0000" in json.dumps(read, ensure_ascii=False).encode().decode():
            raise ValueError
    except (ValueError, RecursionError) as error:
        raise BadRequest("bad_condition", _("The condition cannot be read.")) from error
    return read


@dataclass(slots=True)
class Row:
    """One record of a list: its id, version and the values that this reader may see.

    `is_opened` when it may have come by a share or by open work, so that other rights on it are to
    be asked; `is_veiled` when what is masked of it cannot be revealed either.
    """

    pk: Any
    version: int
    values: dict[str, Any]
    archived_at: datetime | None = None
    is_opened: bool = False
    is_veiled: bool = False


@dataclass(frozen=True)
class Page:
    """One page of a list."""

    rows: Sequence[Row]
    columns: Sequence[Field]
    next_cursor: str
    prev_cursor: str
    sort: str

    @property
    def is_whole(self) -> bool:
        """Whether there is no other page, so that its rows are all there are."""
        return not (self.next_cursor or self.prev_cursor)


class Listing:
    """The reader's view of one record type, or of some such records `only`; made per request."""

    def __init__(
        self, record_type: RecordType, actor: Actor, *, at: datetime, only: Func | None = None
    ) -> None:
        self.type, self.actor, self.at, self.only = record_type, actor, at, only
        self._views: dict[str, SavedView] = {}

    @cached_property
    def every_field(self) -> dict[str, Field]:
        """Every declared and custom field by name, whoever reads."""
        return self.type.all_fields()

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The fields that the reader sees at all, by name."""
        return {n: f for n, f in self.every_field.items() if f.is_visible(self.actor)}

    def view(self, view_id: str) -> SavedView:
        """A saved view of this list that the reader may use; read once."""
        if view_id not in self._views:
            self._views[view_id] = get_view(view_id, self.type.key, self.actor)
        return self._views[view_id]

    @cached_property
    def _condition_fields(self) -> dict[str, Any]:
        every: dict[str, Any] = dict(self.every_field)
        every["segment"] = SegmentField(self)
        return every

    # Which rows ---------------------------------------------------------------------------------
    def base(
        self, *paths: str, asked: frozenset[str] | None = None, is_walked: bool = False
    ) -> QuerySet[Any]:
        """Every row of the type in the reader's scope, archived ones too; these columns of it."""
        every = (
            _columns_of(self.type.model, paths) if paths else self.type.model._base_manager.all()
        )
        code = self.type.allows("view")
        every = every if self.only is None else every.filter(self.only)
        rows = visible(self.actor, code, every, asked=asked)
        if is_walked and is_wide(self.actor, code, rows):
            return visible(self.actor, code, every, asked=asked, within=Aside)
        return rows

    def _asked(self, request: ListRequest) -> frozenset[str] | None:
        """The fields that a request speaks of; whoever searches looks everywhere."""
        if request.q or self.actor.openings is None:
            return None
        asked = self._conditions(request)
        return frozenset(str(leaf.get("field")) for each in asked for leaf in leaves(each))

    def _conditions(self, request: ListRequest) -> Iterator[Any]:
        """What a request's view, condition and filters ask, one after the other."""
        saved = self.view(request.view).condition if request.view else None
        if saved:
            yield saved
        if request.condition is not None:
            yield request.condition
        yield from (self.simple(name, value) for name, value in request.filters.items())

    def rows(self, request: ListRequest, *paths: str, is_counted: bool = False) -> QuerySet[Any]:
        """The rows that a request asks for, unsorted."""
        asked = list(self._conditions(request))
        # What a filter leaves may lie anywhere: only an unfiltered list fills its page soon.
        is_filtered = request.view or asked
        is_walked = bool(paths) and not is_filtered
        queryset = self.base(*paths, asked=self._asked(request), is_walked=is_walked)
        if self.type.has_column("archived_at"):
            queryset = queryset.filter(archived_at__isnull=not request.archived)
        for each in asked:
            queryset = queryset.filter(self.compile(each))
        leading = (self.compile(leaf) for each in asked for leaf in demands(each))
        few = few_that_meet(self.type.model, leading)
        if few is not None:
            queryset = queryset.filter(pk__in=few)
        if request.q:
            found = search.matching(self.type, request.q, self.actor, is_counted=is_counted)
            queryset = queryset.filter(found)
        return queryset

    def compile(self, condition: Any) -> Q:
        """A condition over this type's fields as this reader may use them."""
        return compile_condition(condition, self._condition_fields, actor=self.actor, at=self.at)

    def matches(self, condition: Any, pk: int) -> bool:
        """Whether one record meets a condition: the same filter as the list's."""
        return self.base().filter(self.compile(condition), pk=pk).exists()

    def simple(self, name: str, value: str) -> dict[str, Any]:
        """`tier=core`, `amount__gte=5` as a leaf of the condition language."""
        field_name, sep, op = name.partition("__")
        if not sep:
            kind = getattr(self._condition_fields.get(field_name), "type", "")
            is_list = "," in value and kind in {"choice", "ref", "refs", "multichoice"}
            single = "has" if kind in {"refs", "multichoice"} else "is"
            op = "in" if is_list else single
        return {"field": field_name, "op": op, "value": value}

    # One page -----------------------------------------------------------------------------------
    def page(self, request: ListRequest) -> Page:
        """One keyset page, at most two queries for rows plus one per many-valued column."""
        columns = self.columns(request)
        order = self._order(request)
        found, has_before, has_after = self._keyset(request, columns, order)
        rows = self._build(found, columns)
        edge = [order.cursor(r) for r in (found[0], found[-1])] if found else ["", ""]
        return Page(
            rows=rows,
            columns=columns,
            prev_cursor=edge[0] if has_before else "",
            next_cursor=edge[1] if has_after else "",
            sort=order.text,
        )

    def check(self, request: ListRequest) -> None:
        """Refuse a sort or column that does not exist or is not clear to the reader."""
        self._order(request)
        self.columns(request)

    def beside(self, request: ListRequest, pk: Any, *, is_next: bool) -> Any | None:
        """The id of the record after (or before) this one within a filtered list."""
        order = self._order(request)
        extra = order.columns
        own = self.base().filter(pk=pk).values("pk", *extra).first()
        if own is None:
            raise NotFound
        mark = order.cursor(own)
        after, before = (mark, "") if is_next else ("", mark)
        step = replace(request, size=1, after=after, before=before)
        found, _before, _after = self._keyset(step, [], order)
        return found[0]["pk"] if found else None

    def columns(self, request: ListRequest) -> list[Field]:
        """The chosen columns (request, view or default) that the reader may see."""
        names: Sequence[str] = request.columns
        if not names and request.view:
            names = self.view(request.view).columns
        names = names or self.type.listing.columns
        unknown = [n for n in names if n not in self.every_field] if request.columns else []
        if request.frozen and request.frozen not in self.every_field:
            unknown.append(request.frozen)
        if unknown:
            raise BadRequest(
                "unknown_column", _("There is no column “%(column)s”."), column=unknown[0][:40]
            )
        return [self.fields[n] for n in dict.fromkeys(names) if n in self.fields]

    def read(self, pk: int) -> Row:
        """Every visible field of one record in scope, or NotFound.

        From here on the listing's actor stands before this record: what it guards is masked.
        """
        model, fields = self.type.model, list(self.fields.values())
        columns = [guard.column for guard in row_levels(model)]
        columns += opening_columns(model) if self.actor.openings else []
        paths = list(dict.fromkeys([*self._paths(fields), *columns]))
        found = list(self.base(*paths).filter(pk=pk)[:1])
        if not found:
            raise NotFound
        is_opened = may_be_opened(self.actor, model, found[0])
        self.actor = before_row(self.actor, model, found[0])
        row = self._build(found, fields)[0]
        if row.archived_at and self.type.successor and self.type.successor(pk):
            raise NotFound  # Another one stands for it: its old address leads there.
        row.is_opened = is_opened
        row.is_veiled = is_opened and not self._may_reveal(pk)
        return row

    def _may_reveal(self, pk: int) -> bool:
        """Whether the reader's right to reveal covers a record that was opened to them."""
        code = self.type.reveal
        rows = self.type.model._base_manager.filter(pk=pk)
        return bool(code) and self.actor.can(code) and visible(self.actor, code, rows).exists()

    def stand_before(self, pk: Any) -> None:
        """See one record in scope from here on as clearly as it allows, or NotFound."""
        columns = [guard.column for guard in row_levels(self.type.model)]
        found = self.base("pk", *columns).filter(pk=pk).first()
        if found is None:
            raise NotFound
        self.actor = before_row(self.actor, self.type.model, found)

    def iterate(self, request: ListRequest, chunk: int = 1000) -> Iterator[list[Row]]:
        """Every row of a request in keyset chunks, for exports and bulk work."""
        columns, order = self.columns(request), self._order(request)
        after = ""
        while True:
            step = replace(request, after=after, before="", size=chunk)
            found, _before, has_after = self._keyset(step, columns, order)
            if found:
                yield self._build(found, columns)
            if not has_after:
                return
            after = order.cursor(found[-1])

    def count(self, request: ListRequest, *, exact: bool = False) -> tuple[int, bool]:
        """How many rows, and whether that is exact; capped so that it never scans a million."""
        rows = self.rows(request, is_counted=True)
        if exact:
            return rows.count(), True
        capped = rows.order_by().values("pk")[: COUNT_CAP + 1].count()
        return min(capped, COUNT_CAP), capped <= COUNT_CAP

    def totals(self, request: ListRequest) -> dict[str, Any]:
        """Sums of the declared totals columns that the reader sees clear."""
        names = [
            n
            for n in self.type.listing.totals
            if n in self.fields and self.fields[n].is_clear(self.actor)
        ]
        if not names:
            return {}
        sums = {n: Sum(self.fields[n].path) for n in names}
        return self.rows(request).order_by().aggregate(**sums)

    # Order and keyset ---------------------------------------------------------------------------
    def _order(self, request: ListRequest) -> Order:
        text = request.sort
        if not text and request.view:
            text = self.view(request.view).sort
        asked = bool(request.sort)
        text = text or self.type.listing.sort
        name = text.removeprefix("-")
        found = self.every_field.get(name)
        if name == "id":
            return Order(text, "pk", text.startswith("-"), None)
        if found is None or not found.sortable:
            raise BadRequest(
                "bad_sort", _("This list cannot be sorted by “%(field)s”."), field=name[:40]
            )
        if row_level(self.actor, found.model, found.group) is not None:
            raise found.not_clear()  # some rows are masked: their place would tell
        if not found.is_clear(self.actor):
            if asked:
                raise found.not_clear()
            return Order("-id", "pk", is_descending=True, field=None)
        return Order(text, found.order_path, text.startswith("-"), found)

    def _paths(self, columns: Sequence[Field]) -> list[str]:
        paths = ["pk"] + [p for c in columns for p in c.paths]
        paths += [name for name in ("version", "archived_at") if self.type.has_column(name)]
        shown_groups = {c.group for c in columns}
        paths += [g.column for g in row_levels(self.type.model) if g.group in shown_groups]
        return list(dict.fromkeys(paths))

    def _keyset(
        self, request: ListRequest, columns: Sequence[Field], order: Order
    ) -> tuple[list[dict[str, Any]], bool, bool]:
        """Rows of the page, and whether there are rows before and after it."""
        is_back = bool(request.before)
        mark = read_cursor(request.before or request.after, self.type.model)
        extra = order.columns
        paths = list(dict.fromkeys([*self._paths(columns), *extra]))
        # Where names are sorted, those with a word may all lie far from where the walk begins.
        by_name = order.field is not None and order.field.type in TEXTUAL
        rows = self.rows(request, *paths, is_counted=by_name)
        found: list[dict[str, Any]] = []
        for part in order.parts(mark, is_back):
            want = request.size + 1 - len(found)
            if want > 0:
                found += list(part(rows)[:want])
        has_more = len(found) > request.size
        found = found[: request.size]
        if is_back:
            return found[::-1], has_more, True
        return found, mark is not None, has_more

    # Values -------------------------------------------------------------------------------------
    def _build(self, found: Sequence[Mapping[str, Any]], columns: Sequence[Field]) -> list[Row]:
        many = {
            c.name: related_records(self.type.model, c, [r["pk"] for r in found])
            for c in columns
            if c.type == "refs"
        }
        readers = [
            (c.name, self._reader(c, many[c.name]) if c.name in many else self._guarded(c))
            for c in columns
        ]
        return [
            Row(
                r["pk"],
                r.get("version", 0),
                {name: read(r) for name, read in readers},
                r.get("archived_at"),
            )
            for r in found
        ]

    def _reader(self, column: Field, many: dict[int, list[dict[str, Any]]] | None) -> Any:
        """A function that takes this column's value out of a row, masked when it must be."""
        path, take, level = column.path, column.taken, self.actor.level(column.group)
        if column.type == "refs":
            related = many or {}
            return lambda row: related.get(row["pk"], [])
        if level is Level.MASKED:
            mask = groups()[column.group or ""].mask
            return lambda row: mask(value) if (value := take(row)) not in (None, "") else ""
        if column.type == "ref":
            key, label = f"{path}_id", f"{path}__{column.ref_label}"
            return lambda row: {"id": row[key], "label": row[label]} if row[key] else None
        if column.type == "money" and column.currency_path:
            currency = column.currency_path
            return lambda row: Money(row[path], row[currency]) if row[path] is not None else None
        return take if column.is_custom else itemgetter(path)

    def _guarded(self, column: Field) -> Any:
        """The column's reader, which masks the rows that the record type guards from the reader."""
        read = self._reader(column, None)
        guard = row_level(self.actor, self.type.model, column.group)
        if guard is None or self.actor.level(column.group) is not Level.CLEAR:
            return read
        mask, take, mark = groups()[guard.group].mask, column.taken, guard.column

        def guarded(row: Mapping[str, Any]) -> Any:
            if row.get(mark) is None or take(row) in (None, ""):
                return read(row)
            return Masked(mask(take(row)))

        return guarded

    def seen(self, field_name: str, value: Any) -> Any:
        """One value as this reader may see it, for history and timelines."""
        found = self.every_field.get(field_name)
        return shown(self.actor, found.group if found else None, value)


@lru_cache(maxsize=512)
def _columns_of(model: type[Model], paths: tuple[str, ...]) -> QuerySet[Any]:
    """These columns of every row, yet to be narrowed: their names are resolved only once."""
    return model._base_manager.values(*paths)


class Masked(str):
    """A value of which a row shows no more than this, though others of its column are clear."""

    __slots__ = ()


class Money(int):
    """An amount in minor units that knows its currency."""

    currency: str

    def __new__(cls, amount: int, currency: str) -> Self:
        """Minor units and the ISO 4217 code."""
        money = super().__new__(cls, amount)
        money.currency = currency
        return money
