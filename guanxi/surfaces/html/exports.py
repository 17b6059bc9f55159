"""Lists taken out as files: ask for one, watch it being written, take it."""

from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.kernel.access import own, require
from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.kernel.models import Run
from guanxi.surfaces.downloads import hand_out
from guanxi.surfaces.exporting import services
from guanxi.surfaces.exporting.rows import ExportListing
from guanxi.surfaces.html.formats import Formatter, in_sentence
from guanxi.surfaces.html.requests import (
    actor_of,
    answer,
    go,
    is_fragment,
    list_url,
    now,
    signed_in,
)
from guanxi.surfaces.listing import ListRequest
from guanxi.surfaces.models import Export, ExportState
from guanxi.surfaces.parsing import is_number
from guanxi.surfaces.records import RecordType, get_record_type

MOST = 50
_NOT_A_FILTER = frozenset({"after", "before", "size", "columns", "frozen"})


@require_GET
@signed_in
def show_exports(request: HttpRequest) -> HttpResponse:
    """One's own exports, newest first."""
    actor = actor_of(request)
    rows = own(actor, Export.objects.all()).order_by("-created_at")
    lines = _lines(list(rows[:MOST]), request)
    context = {
        "title": gettext("Exports"),
        "lines": lines,
        "is_busy": any(line["is_busy"] for line in lines),
    }
    template = "_exports" if is_fragment(request, "exports") else "exports"
    return answer(request, f"surfaces/{template}.html", context)


def _lines(exports: list[Export], request: HttpRequest) -> list[dict[str, Any]]:
    formatter = Formatter(actor_of(request), now())
    runs = Run.objects.in_bulk([e.run_id for e in exports if e.run_id])
    return [_line(e, runs.get(e.run_id), formatter) for e in exports]


def _line(export: Export, run: Run | None, formatter: Formatter) -> dict[str, Any]:
    total = run.progress_total if run else 0
    return {
        "export": export,
        "state": _state(export, formatter),
        "is_busy": export.state == ExportState.RUNNING,
        "is_ready": export.state == ExportState.DONE
        and bool(export.expires_at and export.expires_at > formatter.at),
        "percent": int(run.progress_done * 100 / total) if run and total else 0,
        "when": formatter.moment(export.created_at),
        "until": formatter.moment(export.expires_at) if export.expires_at else "",
    }


def _state(export: Export, formatter: Formatter) -> str:
    is_old = bool(export.expires_at and export.expires_at <= formatter.at)
    if export.state == ExportState.DONE and is_old:
        return str(ExportState.EXPIRED.label)
    return str(export.get_state_display())


@require_http_methods(["GET", "POST"])
@signed_in
def new_export(request: HttpRequest) -> HttpResponse:
    """Ask for a list as it is shown: choose the kind of file, then it is written."""
    given = request.POST if request.method == "POST" else request.GET
    record_type = _type(given.get("type", ""))
    actor, at = actor_of(request), now()
    require(actor, record_type.allows("export"))
    query = dict(parse_qsl(given.get("query", "").removeprefix("?")))
    query = {name: value for name, value in query.items() if name not in _NOT_A_FILTER}
    if given.get("columns"):
        query["columns"] = given["columns"]
    ids = [int(i) for i in given.getlist("id") if is_number(i)]
    if request.method == "POST":
        wish = services.Wish(query, tuple(ids), given.get("format", ""))
        services.create_export(record_type, wish, actor=actor, at=at)
        return go(request, "/exports/", told=gettext("The file is being written."))
    context = _form(record_type, query, ids, request)
    return answer(request, "surfaces/export_new.html", context)


def _form(
    record_type: RecordType, query: dict[str, str], ids: list[int], request: HttpRequest
) -> dict[str, Any]:
    """What would be taken out, counted, before anybody presses the button."""
    listing = ExportListing(record_type, actor_of(request), at=now())
    listing.ids = tuple(ids)
    wanted = ListRequest.from_query(query)
    columns = listing.columns(wanted)
    return {
        "title": gettext("Export %(label)s") % {"label": in_sentence(record_type.label_plural)},
        "record_type": record_type,
        "query": request.GET.get("query", ""),
        "columns": request.GET.get("columns", ""),
        "ids": ids,
        "count": listing.count(wanted, exact=True)[0],
        "labels": [str(column.label) for column in columns],
        "masked": [str(c.label) for c in columns if not c.is_clear(actor_of(request))],
        "back": list_url(record_type),
    }


def _type(key: str) -> RecordType:
    try:
        return get_record_type(key)
    except KeyError as error:
        raise NotFound from error


@require_POST
@signed_in
def cancel(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """Stop the writing."""
    try:
        services.cancel_export(export_id, actor=actor_of(request), at=now())
    except RuleViolation as error:
        return go(request, "/exports/", told=error.text, failed=True)
    return go(request, "/exports/", told=gettext("Stopped"))


@require_POST
@signed_in
def download(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """Take the file; it is handed out once."""
    try:
        stored = services.download_export(export_id, actor=actor_of(request), at=now())
    except RuleViolation as error:
        return go(request, "/exports/", told=error.text, failed=True)
    return hand_out(stored)
