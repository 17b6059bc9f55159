"""How a person keeps a list: columns, their order and widths, and saved views."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.surfaces import services
from guanxi.surfaces.html import forms
from guanxi.surfaces.html.builder import whole_condition
from guanxi.surfaces.html.filters import Describer
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.list_query import (
    EXTRA,
    MOST_FROZEN,
    Kept,
    Query,
    as_kept,
    read_settings,
)
from guanxi.surfaces.html.requests import (
    actor_of,
    go,
    in_box,
    is_fragment,
    needs,
    now,
    version_of,
)
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.models import SavedView, Visibility
from guanxi.surfaces.parsing import is_number
from guanxi.surfaces.records import RecordType
from guanxi.surfaces.segments import get_view, visible_views

MOST_PINNED = 12


# Columns ------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@needs("view")
def columns(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Which columns, in which order; arrows move one without a script."""
    actor = actor_of(request)
    listing = Listing(record_type, actor, at=now())
    settings = read_settings(request, record_type)
    query = Query.of(request, record_type)
    if request.method == "POST":
        chosen = [c for c in request.POST.getlist("column") if c in listing.fields]
        moved = _moved(chosen, request.POST.get("up", ""), request.POST.get("down", ""))
        if "reset" in request.POST:
            settings.pop("columns", None)
            settings.pop("widths", None)
            settings.pop("frozen", None)
        else:
            settings["columns"] = moved or list(record_type.listing.columns)
            frozen = request.POST.get("frozen", "")
            settings["frozen"] = frozen if frozen in moved else ""
        services.keep_list_settings(record_type, settings, actor=actor)
        if "up" in request.POST or "down" in request.POST:
            return HttpResponseRedirect(query.under("columns/", columns=None, frozen=None))
        view = request.GET.get("view") or ""
        return go(request, query.url(columns=None, frozen=None, view=view))
    asked = as_kept(listing, _asked(request), Kept.of(settings))
    current = [f.name for f in listing.columns(asked)]
    rest = [n for n, f in listing.fields.items() if f.column and n not in current]
    context = {
        "title": gettext("Columns"),
        "url": query.under("columns/"),
        "cancel_url": query.url(),
        "chosen": [listing.fields[n] for n in current],
        "frozen": asked.frozen if asked.frozen in current else current[0],
        "rest": sorted((listing.fields[n] for n in rest), key=lambda f: str(f.label)),
        "most_frozen": MOST_FROZEN,
        "is_of_view": bool(asked.view and not request.GET.get("columns")),
    }
    return in_box(request, "surfaces/_columns.html", context)


def _asked(request: HttpRequest) -> ListRequest:
    return ListRequest.from_query(request.GET.dict(), ignore=EXTRA)


def _moved(names: list[str], up: str, down: str) -> list[str]:
    """The names with one of them a place further up or down; the first one stays first."""
    for name, step in ((up, -1), (down, 1)):
        if name in names:
            place = names.index(name)
            target = place + step
            if 0 < target < len(names) and place > 0:
                names[place], names[target] = names[target], names[place]
    return names


@require_POST
@needs("view")
def keep_width(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Keep the width of a column that was dragged."""
    actor = actor_of(request)
    name, width = request.POST.get("column", ""), request.POST.get("width", "")
    if name not in record_type.all_fields() or not (is_number(width) and 40 <= int(width) <= 800):
        raise NotFound
    settings = read_settings(request, record_type)
    widths = dict(Kept.of(settings).widths or {})
    widths[name] = int(width)
    services.keep_list_settings(record_type, {**settings, "widths": widths}, actor=actor)
    return HttpResponse(status=204)


# Saved views --------------------------------------------------------------------------------------
@require_GET
@needs("view")
def views(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Every view that the person may use: pin, open first, change, take away."""
    actor, at = actor_of(request), now()
    kept = Kept.of(read_settings(request, record_type))
    found = list(visible_views(actor, record_type.key).order_by("name")[:200])
    describer = Describer(Listing(record_type, actor, at=at), Formatter(actor, at))
    describer.prepare(view.condition for view in found)
    rows = [
        {
            "view": view,
            "url": f"/{record_type.plural}/?view={view.pk}",
            "base": f"/{record_type.plural}/views/{view.pk}/",
            "words": describer.node(view.condition),
            "is_own": view.owner_id == actor.user_id,
            "is_pinned": str(view.pk) in kept.pinned,
            "is_default": str(view.pk) == kept.default_view,
            "visibility": Visibility(view.visibility).label,
        }
        for view in found
    ]
    query = Query.of(request, record_type)
    context = {
        "title": gettext("Views"),
        "rows": rows,
        "new_url": query.under("views/new/"),
        "cancel_url": query.url(),
    }
    return in_box(request, "surfaces/_views.html", context)


@require_http_methods(["GET", "POST"])
@needs("view")
def new_view(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Keep the list's present conditions, sort and columns under a name."""
    actor, at = actor_of(request), now()
    listing = Listing(record_type, actor, at=at)
    kept = Kept.of(read_settings(request, record_type))
    asked = as_kept(listing, _asked(request), kept)
    condition = _together(listing, asked)
    problems: list[forms.Problem] = []
    if request.method == "POST":
        try:
            spec = _spec(request, condition, asked)
            made = services.create_view(record_type, spec, actor=actor, at=at)
            return go(request, f"/{record_type.plural}/?view={made.pk}", told=gettext("View saved"))
        except RuleViolation as error:
            problems = forms.problems(error, {})[0]
    url = Query.of(request, record_type).under("views/new/")
    return _show_view_form(request, listing, condition, url, problems, None)


def _together(listing: Listing, asked: ListRequest) -> Any:
    """What the list shows now, the underlying view included."""
    own = whole_condition(listing, asked)
    base = listing.view(asked.view).condition if asked.view else None
    if base and own:
        return {"all": [base, own]}
    return own or base


def _spec(request: HttpRequest, condition: Any, asked: ListRequest) -> services.ViewSpec:
    return services.ViewSpec(
        name=request.POST.get("name", "").strip(),
        condition=condition,
        visibility=request.POST.get("visibility", Visibility.PRIVATE),
        is_segment="is_segment" in request.POST,
        sort=asked.sort,
        columns=asked.columns,
        frozen=asked.frozen,
    )


@require_http_methods(["GET", "POST"])
@needs("view")
def edit_view(request: HttpRequest, record_type: RecordType, view_id: str) -> HttpResponse:
    """Rename a view of one's own or share it differently."""
    actor, at = actor_of(request), now()
    view = get_view(view_id, record_type.key, actor)
    listing = Listing(record_type, actor, at=at)
    problems: list[forms.Problem] = []
    if request.method == "POST":
        kept = ListRequest(sort=view.sort, columns=tuple(view.columns), frozen=view.frozen)
        spec = _spec(request, view.condition, kept)
        try:
            services.change_view(
                view_id, record_type.key, spec,
                version=version_of(request), actor=actor, at=at,
            )  # fmt: skip
            return go(request, f"/{record_type.plural}/views/", told=gettext("View saved"))
        except RuleViolation as error:
            problems = forms.problems(error, {})[0]
    url = f"/{record_type.plural}/views/{view_id}/"
    return _show_view_form(request, listing, view.condition, url, problems, view)


def _show_view_form(  # noqa: PLR0917
    request: HttpRequest, listing: Listing, condition: Any, url: str,
    problems: list[forms.Problem], view: SavedView | None,
) -> HttpResponse:  # fmt: skip
    describer = Describer(listing, Formatter(listing.actor, listing.at))
    describer.prepare([condition])
    posted = request.POST
    context = {
        "title": gettext("Save as a view") if view is None else gettext("Change the view"),
        "url": url,
        "cancel_url": f"/{listing.type.plural}/",
        "words": describer.node(condition),
        "problems": problems,
        "name": posted.get("name", view.name if view else ""),
        "visibility": posted.get("visibility", view.visibility if view else Visibility.PRIVATE),
        "choices": Visibility.choices,
        "is_segment": "is_segment" in posted or bool(view and view.is_segment),
        "version": view.version if view else "",
    }
    status = 422 if problems else 200
    return in_box(request, "surfaces/_view_form.html", context, status=status)


@require_POST
@needs("view")
def drop_view(request: HttpRequest, record_type: RecordType, view_id: str) -> HttpResponse:
    """Take one's own view away."""
    services.archive_view(view_id, record_type.key, actor=actor_of(request), at=now())
    return go(request, f"/{record_type.plural}/?view=", told=gettext("View taken away"))


@require_POST
@needs("view")
def keep_view(
    request: HttpRequest, record_type: RecordType, view_id: str, how: str
) -> HttpResponseBase:
    """Pin a view above the list, or have the list open with it; once more takes it back."""
    actor = actor_of(request)
    view = get_view(view_id, record_type.key, actor)
    settings = read_settings(request, record_type)
    kept = Kept.of(settings)
    if how == "pin":
        pinned = [p for p in kept.pinned if p != str(view.pk)]
        if len(pinned) == len(kept.pinned):
            pinned.append(str(view.pk))
        settings["pinned"] = pinned[-MOST_PINNED:]
    else:
        is_default = kept.default_view == str(view.pk)
        settings["default_view"] = "" if is_default else str(view.pk)
    services.keep_list_settings(record_type, settings, actor=actor)
    if is_fragment(request):
        return views(_as_get(request), record_type)
    return HttpResponseRedirect(f"/{record_type.plural}/views/")


def _as_get(request: HttpRequest) -> HttpRequest:
    request.method = "GET"
    return request
