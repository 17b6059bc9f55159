"""Files brought in: choose the file, the columns, look at what would happen, start, take back."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.kernel import files as store
from guanxi.kernel.access import own, require
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.kernel.models import Run
from guanxi.surfaces.downloads import hand_out
from guanxi.surfaces.exporting import templates
from guanxi.surfaces.exporting.services import FORMATS
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.import_pages import ImportPage, read_choices, state_of
from guanxi.surfaces.html.requests import actor_of, answer, go, is_fragment, now, signed_in
from guanxi.surfaces.importing import services
from guanxi.surfaces.importing.mapping import column_guide
from guanxi.surfaces.importing.reading import UnreadableFile
from guanxi.surfaces.models import Import
from guanxi.surfaces.records import (
    RecordType,
    get_record_type,
    get_record_type_by_plural,
    record_types,
)

MOST = 50


@require_GET
@signed_in
def show_imports(request: HttpRequest) -> HttpResponse:
    """One's own imports, newest first."""
    actor, at = actor_of(request), now()
    rows = own(actor, Import.objects.all())
    formatter = Formatter(actor, at)
    found = list(rows.order_by("-created_at")[:MOST])
    runs = Run.objects.in_bulk([source.run_id for source in found if source.run_id])
    lines = [
        {
            "source": source,
            "label": get_record_type(source.record_key).label_plural,
            "state": state_of(source, runs.get(source.run_id)).label,
            "when": formatter.moment(source.created_at),
        }
        for source in found
    ]
    forms = [{"key": key, "title": form.title} for key, form in templates.blank_forms().items()]
    context = {
        "title": gettext("Imports"),
        "lines": lines,
        "forms": forms,
        "types": _importable(actor),
    }
    return answer(request, "surfaces/imports.html", context)


def _importable(actor: Actor) -> list[RecordType]:
    return [t for t in record_types() if t.is_importable and actor.can(t.allows("import"))]


@require_http_methods(["GET", "POST"])
@signed_in
def new_import(request: HttpRequest) -> HttpResponse:
    """Choose what is imported, and the file."""
    actor, problems = actor_of(request), []
    types = _importable(actor)
    key = (request.POST or request.GET).get("type", "")
    if request.method == "POST":
        record_type = next((t for t in types if t.key == key), None)
        if record_type is None:
            raise NotFound
        try:
            source = _take(request, record_type, actor)
        except (RuleViolation, UnreadableFile) as error:
            words = error.text if isinstance(error, RuleViolation) else str(error)
            problems = [{"text": words, "target": "file"}]
        else:
            return go(request, f"/imports/{source.pk}/")
    elif not types:
        raise NotFound
    context = {
        "title": gettext("Import a file"),
        "types": types,
        "chosen": next((t for t in types if t.key == key), None),
        "problems": problems,
        "limit": settings.UPLOAD_MAX_BYTES // (1 << 20),
    }
    return answer(request, "surfaces/import_new.html", context, status=422 if problems else 200)


def _take(request: HttpRequest, record_type: RecordType, actor: Actor) -> Import:
    upload = request.FILES.get("file")
    if upload is None:
        raise RuleViolation("required", gettext("Choose a file."), "file")
    accepted = store.accept_upload(
        upload, upload.name or "", max_bytes=settings.UPLOAD_MAX_BYTES, kinds=store.TABLES
    )
    try:
        return services.create_import(record_type, accepted, actor=actor, at=now())
    except UnreadableFile:
        store.discard(accepted.id)
        raise


def _own(request: HttpRequest, import_id: UUID) -> Import:
    """One's own import; anybody else's is not there (A12)."""
    rows = Import.objects.select_related("file", "errors_file")
    found = own(actor_of(request), rows.filter(pk=import_id)).first()
    if found is None:
        raise NotFound
    require(actor_of(request), get_record_type(found.record_key).allows("import"))
    return found


@require_GET
@signed_in
def show_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The page of an import, whatever its step."""
    return _answer(request, _own(request, import_id))


def _answer(
    request: HttpRequest, source: Import, problems: list[dict[str, str]] | None = None
) -> HttpResponse:
    page = ImportPage(source, actor_of(request), now(), is_choosing="columns" in request.GET)
    context = {"page": page, "problems": problems or [], "title": page.title}
    if problems:
        page.typed = request.POST
        page.is_choosing = True
        return answer(request, "surfaces/import.html", context, status=422)
    template = "_import" if is_fragment(request, "import") else "import"
    return answer(request, f"surfaces/{template}.html", context)


@require_POST
@signed_in
def choose_columns(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Keep which column becomes what, and check every row."""
    source = _own(request, import_id)
    actor, at = actor_of(request), now()
    try:
        choices = read_choices(request.POST, source.about["headers"])
        services.choose_columns(source.pk, choices, actor=actor, at=at)
        services.start_preview(source.pk, actor=actor, at=at)
    except RuleViolation as error:
        problems = [{"text": each.text, "target": "columns"} for each in error.violations]
        return _answer(request, source, problems)
    return go(request, f"/imports/{source.pk}/")


@require_POST
@signed_in
def step(request: HttpRequest, import_id: UUID, verb: str) -> HttpResponse:
    """Start, stop or take back."""
    source = _own(request, import_id)
    service = {
        "start": services.start_import,
        "cancel": services.cancel_import,
        "undo": services.start_undo,
    }[verb]
    told, failed = "", False
    try:
        service(source.pk, actor=actor_of(request), at=now())
    except RuleViolation as error:
        told, failed = error.text, True
    return go(request, f"/imports/{source.pk}/", told=told, failed=failed)


# Files to take away -------------------------------------------------------------------------------
@require_GET
@signed_in
def errors_file(request: HttpRequest, import_id: UUID) -> HttpResponseBase:
    """The rows that were not taken, with the reasons."""
    stored = _own(request, import_id).errors_file
    if stored is None:
        raise NotFound
    return hand_out(stored)


@require_GET
@signed_in
def blank_form(request: HttpRequest, key: str) -> HttpResponse:
    """A form of the handbook, to print or to fill in and import."""
    del request
    form = templates.blank_forms().get(key)
    if form is None:
        raise NotFound
    return _workbook(f"{form.title}.xlsx", lambda path: templates.write_blank_form(path, form))


@require_GET
@signed_in
def column_sheet(request: HttpRequest, plural: str) -> HttpResponse:
    """An empty sheet with the columns that a record type takes, each explained."""
    record_type = get_record_type_by_plural(plural)
    if record_type is None or record_type not in _importable(actor_of(request)):
        raise NotFound
    guide = column_guide(record_type, actor_of(request))
    title = str(record_type.label_plural)
    return _workbook(f"{title}.xlsx", lambda path: templates.write_column_sheet(path, title, guide))


def _workbook(name: str, write: Any) -> HttpResponse:
    with TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        path = Path(folder) / "sheet.xlsx"
        write(path)
        response = HttpResponse(path.read_bytes())
    for header, value in store.file_headers(name, FORMATS["xlsx"]).items():
        response[header] = value
    return response
