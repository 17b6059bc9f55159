"""The views of a list as tabs, with their counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from guanxi.kernel.actor import Actor, Reach
from guanxi.kernel.errors import GuanxiError
from guanxi.surfaces.html.list_query import EXTRA, Kept, Query, read_settings
from guanxi.surfaces.html.requests import actor_of, answer, needs, now
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.models import SavedView, Visibility
from guanxi.surfaces.records import ListTab, RecordType
from guanxi.surfaces.segments import visible_views

MOST = 8


@dataclass(frozen=True)
class Tab:
    """A view of the list."""

    label: str
    url: str
    current: bool
    hint: str = ""
    count: str = ""
    view: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Count:
    """How many rows a list holds; the number alone while it is only known to be at least that."""

    number: int
    is_exact: bool
    url: str = ""

    @property
    def label(self) -> str:
        """The number as people read it."""
        return f"{self.number:,}" if self.is_exact else f"{self.number:,}+"


def tabs(listing: Listing, query: Query, kept: Kept) -> list[Tab]:
    """All, mine, then the pinned views, then one's own and the shared ones."""
    record_type, actor = listing.type, listing.actor
    here = query.params.get("view", "")
    plain = f"/{record_type.plural}/?view="
    narrowed = {k for k in query.params if k not in {"view", "sort", "size", "columns", "frozen"}}
    found = [Tab(gettext("All"), plain, not here and not narrowed)]
    declared = list(record_type.tabs)
    if _has_owner(record_type, actor):
        declared.append(ListTab(gettext("Mine"), {"owner": "me"}))
    for tab in declared:
        is_here = not here and {n: query.params[n] for n in narrowed} == tab.filters
        url = f"{plain}&{urlencode(tab.params)}"
        found.append(Tab(str(tab.label), url, is_here, filters=tab.filters))
    return found + [
        _tab(view, record_type, here, kept) for view in chosen(record_type, actor, kept)
    ]


def chosen(record_type: RecordType, actor: Actor, kept: Kept) -> list[SavedView]:
    """The views that fit above the list, pinned ones first."""
    views = list(visible_views(actor, record_type.key).order_by("name")[:60])
    order = {view_id: place for place, view_id in enumerate(kept.pinned)}

    def place(view: SavedView) -> tuple[int, int, str]:
        pinned = order.get(str(view.pk), MOST * 10)
        return pinned, 0 if view.owner_id == actor.user_id else 1, view.name

    return sorted(views, key=place)[:MOST]


def _has_owner(record_type: RecordType, actor: Actor) -> bool:
    reach = actor.reach(record_type.allows("view"))
    return "owner" in record_type.declared() and reach is not None and reach > Reach.OWN


def _tab(view: SavedView, record_type: RecordType, here: str, kept: Kept) -> Tab:
    hints = {
        Visibility.SHARED: gettext("Shared with everyone"),
        Visibility.DEPARTMENT: gettext("Shared with the department"),
    }
    hint = hints.get(Visibility(view.visibility), gettext("Only yours"))
    if str(view.pk) == kept.default_view:
        hint = f"{hint} · {gettext('opens first')}"
    url = f"/{record_type.plural}/?view={view.pk}"
    return Tab(view.name, url, str(view.pk) == here, hint, view=str(view.pk))


@require_GET
@needs("view")
def tabs_with_counts(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """The tabs once more, now with how many rows each holds, and the list's own number."""
    listing = Listing(record_type, actor_of(request), at=now())
    kept = Kept.of(read_settings(request, record_type))
    query = Query.of(request, record_type)
    counted = [replace(tab, count=_tab_count(listing, tab)) for tab in tabs(listing, query, kept)]
    asked = ListRequest.from_query(request.GET.dict(), ignore=EXTRA)
    page = {
        "tabs": counted,
        "urls": {"views": query.under("views/")},
        "is_counted": True,
        "count": _count(listing, asked, query.under("count/")),
    }
    return answer(request, "surfaces/components/list_tabs.html", {"page": page})


def _count(listing: Listing, asked: ListRequest, url: str = "") -> Count | None:
    try:
        return Count(*listing.count(asked), url)
    except GuanxiError:
        return None


def _tab_count(listing: Listing, tab: Tab) -> str:
    count = _count(listing, ListRequest(view=tab.view, filters=tab.filters))
    return count.label if count else "?"
