"""The list page of every record type."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET

from guanxi.kernel.errors import BadRequest, NotFound
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html import filters, list_tabs
from guanxi.surfaces.html.cells import RowRights, RowWriter
from guanxi.surfaces.html.formats import Formatter, in_sentence
from guanxi.surfaces.html.list_query import (
    EXTRA,
    Kept,
    Query,
    as_kept,
    frozen_count,
    read_settings,
    remember,
    remembered,
)
from guanxi.surfaces.html.record_verbs import Verb
from guanxi.surfaces.html.requests import (
    actor_of,
    answer,
    go,
    is_fragment,
    list_url,
    needs,
    now,
)
from guanxi.surfaces.limits import heavy_reads
from guanxi.surfaces.listing import PAGE_SIZES, Listing, ListRequest, Money, Page
from guanxi.surfaces.records import RecordType


# Views --------------------------------------------------------------------------------------------
@require_GET
@needs("view")
def show_list(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """The list, as last used when the address says nothing."""
    kept = Kept.of(read_settings(request, record_type))
    if not request.GET:
        last = remembered(request, record_type)
        if not last and kept.default_view:
            last = urlencode({"view": kept.default_view})
        first = next((tab for tab in record_type.tabs if tab.is_first), None)
        if not last and first:
            last = urlencode({"view": "", **first.params})
        if last:
            return HttpResponseRedirect(f"/{record_type.plural}/?{last}")
    page = ListPage(request, record_type, kept)
    status = 200
    try:
        page.read()
    except BadRequest as error:
        page.error, status = error.text, 400
    except NotFound:
        return _without_view(request, page)
    template = "surfaces/_list.html" if is_fragment(request, "list") else "surfaces/list.html"
    is_partial_error = status == 400 and is_fragment(request, "list")
    response = answer(request, template, {"page": page}, status=200 if is_partial_error else status)
    if status == 200:
        remember(response, request, page.query)
    return response


def _without_view(request: HttpRequest, page: "ListPage") -> HttpResponse:
    """A saved view that is gone must not lock the list."""
    told = gettext("The view no longer exists, or it is not shared with you any more.")
    return go(request, page.query.url(view=""), told=told, failed=True)


@require_GET
@needs("view")
def exact_count(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """The exact number of rows, on demand."""
    listing = Listing(record_type, actor_of(request), at=now())
    with heavy_reads.hold(listing.actor.user_id):
        count, _exact = listing.count(ListRequest.from_query(request.GET.dict()), exact=True)
    if not is_fragment(request):
        return HttpResponseRedirect(Query.of(request, record_type).url())
    context = {"count": list_tabs.Count(count, is_exact=True)}
    return answer(request, "surfaces/components/count.html", context)


@require_GET
@needs("view")
def totals(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """The sums over every row that matches, on demand."""
    page = ListPage(request, record_type, Kept.of(read_settings(request, record_type)))
    with heavy_reads.hold(page.actor.user_id):
        sums = page.listing.totals(page.asked)
    columns = page.listing.columns(page.asked)
    writer = page.writer_of(columns)
    cells = [
        {"classes": writer.classes(c, i), "text": page.sum_text(c, sums.get(c.name))}
        for i, c in enumerate(columns)
    ]
    cells[0]["text"] = gettext("Sum of all that match")
    context = {"page": {"totals": cells, "can_pick": page.can_pick, "totals_url": ""}}
    return answer(request, "surfaces/components/totals.html", context)


# The page -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Column:
    """A column's head."""

    name: str
    label: str
    classes: str
    sort: str = ""
    sort_url: str = ""
    sort_icon: str = "arrow-up"
    width: int = 0


class ListPage:
    """What the list's template shows; `read` fetches it."""

    def __init__(self, request: HttpRequest, record_type: RecordType, kept: Kept) -> None:
        self.request, self.type, self.kept = request, record_type, kept
        self.actor, self.at = actor_of(request), now()
        self.listing = Listing(record_type, self.actor, at=self.at)
        self.formatter = Formatter(self.actor, self.at)
        self.query = Query.of(request, record_type)
        self.is_partial = is_fragment(request, "list")
        self.key, self.title = record_type.key, str(record_type.label_plural)
        self.error = ""
        self.rows: Sequence[Any] = ()
        self.chips: list[filters.Chip] = []
        self.found: Page | None = None

    @cached_property
    def asked(self) -> ListRequest:
        """The request, with the person's own columns where the address names none."""
        asked = ListRequest.from_query(self.request.GET.dict(), ignore=EXTRA)
        return as_kept(self.listing, asked, self.kept)

    def read(self) -> None:
        """Fetch the page and write its rows."""
        self.found = self.listing.page(self.asked)
        self.chips = filters.chips(self.listing, self.asked, self.query, self.formatter)
        self.writer = self.writer_of(self.found.columns)
        self.rows = [{"html": self.writer.row(row)} for row in self.found.rows]

    def writer_of(self, columns: Sequence[Field]) -> RowWriter:
        """What writes these columns, as many of them staying as the reader asks for."""
        frozen = frozen_count(columns, self.asked.frozen)
        return RowWriter(self.type, columns, self.formatter, self.rights, frozen)

    # Head -----------------------------------------------------------------------------------------
    @property
    def count(self) -> list_tabs.Count | None:
        """How many: all that there are, or at least as many as are shown until it is counted."""
        if self.found is None:
            return None
        shown = len(self.rows)
        return list_tabs.Count(shown, self.found.is_whole, self.query.under("count/"))

    @cached_property
    def verbs(self) -> list[Verb]:
        """What one does with a list as a whole."""
        found = []
        if self.type.is_importable and self.actor.can(self.type.allows("import")):
            found.append(Verb(gettext("Import"), f"/imports/new/?type={self.type.key}", "upload"))
        if self.type.is_creatable and self.actor.can(self.type.allows("create")):
            label = gettext("New %(label)s") % {"label": in_sentence(self.type.label)}
            found.append(Verb(label, f"/{self.type.plural}/new/", "plus", primary=True, key="c"))
        return found

    @cached_property
    def more_verbs(self) -> list[Verb]:
        """What one does less often."""
        found = []
        if self.actor.can(self.type.allows("export")):
            found.append(Verb(gettext("Export as shown"), self.export_url, "download"))
        is_archived = self.query.params.get("archived")
        label = gettext("Back to the current ones") if is_archived else gettext("Archived ones")
        url = self.query.url(archived=None if is_archived else "1")
        found.append(Verb(label, url, "archive"))
        return found

    @property
    def export_url(self) -> str:
        """The export of exactly what this page shows."""
        columns = ",".join(c.name for c in self.found.columns) if self.found else ""
        params = {"type": self.type.key, "query": self.query.text, "columns": columns}
        return f"/exports/new/?{urlencode(params)}"

    @cached_property
    def tabs(self) -> list[list_tabs.Tab]:
        """The views that this person keeps above the list."""
        return list_tabs.tabs(self.listing, self.query, self.kept)

    @property
    def tabs_url(self) -> str:
        """Where the counts on the tabs come from."""
        return self.query.under("tabs/")

    # Tools ----------------------------------------------------------------------------------------
    @property
    def find(self) -> str:
        """The text looked for in this list."""
        return self.query.params.get("q", "")

    @property
    def url(self) -> str:
        """The list itself."""
        return list_url(self.type)

    @property
    def settings_url(self) -> str:
        """Where the widths of columns are kept."""
        return f"/{self.type.plural}/settings/"

    @property
    def kept_params(self) -> list[tuple[str, str]]:
        """What a form on this page must send along."""
        return [(n, v) for n, v in self.query.params.items() if n not in {"q", "after", "before"}]

    @cached_property
    def urls(self) -> dict[str, str]:
        """The pages beside the list, each told where it comes from."""
        clear = dict.fromkeys(self.asked.filters) if not self.error else {}
        kept = {"view": self.query.params.get("view", "")}
        return {
            "filter": self.query.under("filter/"),
            "clear": self.query.url(**{**clear, "where": None, "archived": None, "q": None, **kept})
            if not self.error
            else f"/{self.type.plural}/?view=",
            "save_view": self.query.under("views/new/"),
            "views": self.query.under("views/"),
            "columns": self.query.under("columns/"),
        }

    # Table ----------------------------------------------------------------------------------------
    @cached_property
    def rights(self) -> RowRights:
        """What the reader may do with rows of this type at all."""
        can_change = self.actor.can(self.type.allows("change")) and bool(self.type.sections)
        return RowRights(can_pick=bool(self.bulk_verbs), can_change=can_change)

    @property
    def can_pick(self) -> bool:
        """Whether rows have boxes."""
        return self.rights.can_pick

    @property
    def columns(self) -> list[Column]:
        """The heads of the columns."""
        shown = self.found.columns if self.found else []
        return [self._column(c, i) for i, c in enumerate(shown)]

    def _column(self, field: Field, position: int) -> Column:
        sort = (self.found.sort if self.found else "") or ""
        classes = "name" if position == 0 else self.writer.classes(field, position)
        width = (self.kept.widths or {}).get(field.name, 0)
        head = Column(field.name, str(field.label), classes.replace("editable", ""), width=width)
        if not field.sortable or not field.is_clear(self.actor):
            return head
        is_current = sort.removeprefix("-") == field.name
        descends = is_current and sort.startswith("-")
        way = field.name if descends else f"-{field.name}" if is_current else field.name
        return replace(
            head,
            sort="descending" if descends else "ascending" if is_current else "",
            sort_url=self.query.url(sort=way),
            sort_icon="arrow-down" if descends else "arrow-up",
        )

    @cached_property
    def totals(self) -> list[dict[str, Any]]:
        """The sums of this page, for the columns that have sums."""
        if self.found is None or not self.type.listing.totals:
            return []
        cells = []
        for position, field in enumerate(self.found.columns):
            is_summed = field.name in self.type.listing.totals and field.is_clear(self.actor)
            text = self._page_sum(field) if is_summed else ""
            cells.append({"text": text, "classes": self.writer.classes(field, position)})
        if not any(cell["text"] for cell in cells):
            return []
        cells[0]["text"] = gettext("Sum of this page")
        return cells

    def _page_sum(self, field: Field) -> str:
        values = [r.values[field.name] for r in self.found.rows] if self.found else []
        values = [v for v in values if isinstance(v, int)]
        currencies = {getattr(v, "currency", "CNY") for v in values}
        if len(currencies) != 1:
            return ""
        return self.sum_text(field, Money(sum(values), currencies.pop()))

    def sum_text(self, field: Field, value: Any) -> str:
        """A sum as people read it; several currencies have none."""
        return "" if value is None else self.formatter.text(field, value)

    @property
    def totals_url(self) -> str:
        """Where the sums over all matching rows come from."""
        return self.query.under("totals/")

    # Below ----------------------------------------------------------------------------------------
    @cached_property
    def bulk_verbs(self) -> list[Verb]:
        """What can be done with several rows at once."""
        found = []
        if self.actor.can(self.type.allows("change")) and self.type.sections:
            found.append(Verb(gettext("Change"), "", "pencil", name="change"))
        if self.actor.can(self.type.allows("export")):
            found.append(Verb(gettext("Export"), "", "download", name="export"))
        return found

    @property
    def has_more(self) -> bool:
        """Whether more rows match than this page shows."""
        return self.found is not None and not self.found.is_whole

    @cached_property
    def pager(self) -> dict[str, Any]:
        """Where the neighbouring pages are."""
        page, size = self.found, self.asked.size
        shown = len(self.rows)
        return {
            "range": ngettext("%(n)s row", "%(n)s rows", shown) % {"n": shown},
            "size": size,
            "sizes": [
                {"label": str(n), "url": self.query.url(size=n), "current": n == size}
                for n in PAGE_SIZES
            ],
            "first_url": self.query.url() if page and page.prev_cursor else "",
            "previous_url": self.query.url(before=page.prev_cursor)
            if page and page.prev_cursor
            else "",
            "next_url": self.query.url(after=page.next_cursor) if page and page.next_cursor else "",
        }

    @property
    def empty(self) -> dict[str, Any]:
        """Why nothing is shown, and the next step."""
        label = in_sentence(self.type.label_plural)
        verbs = self.verbs
        if self.chips or self.find or self.query.params.get("view"):
            clear = Verb(gettext("Clear the filter"), self.urls["clear"], primary=True)
            everything = Verb(gettext("Show all"), f"/{self.type.plural}/?view=")
            return {
                "title": gettext("Nothing here matches"),
                "text": gettext(
                    "None of the %(label)s that you may see meets these conditions. "
                    "Loosen one of them, or look at all."
                )
                % {"label": label},
                "verbs": [clear, everything],
            }
        return {
            "title": gettext("No %(label)s yet") % {"label": label},
            "text": gettext("Nobody has entered any that you may see. Begin with one, or import.")
            if verbs
            else gettext("There are none that you may see."),
            "verbs": verbs,
        }
