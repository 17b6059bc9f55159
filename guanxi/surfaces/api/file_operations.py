"""What the addresses of exports do, as the description of the API says it."""

from django.utils.translation import gettext

from guanxi.surfaces.api import exports
from guanxi.surfaces.api.base import ApiView
from guanxi.surfaces.api.components import INSTANT, TEXT, Schema, nothing_else, ref
from guanxi.surfaces.api.operations import LOCATION, WRITE_FAULTS, Operation, answer, describes

_EXPORTS = "exports"
BYTES: Schema = {"type": "string", "format": "binary"}


def file_components() -> dict[str, Schema]:
    """The components of exports."""
    count: Schema = {"type": "integer"}
    progress: Schema = {
        "type": "object",
        "properties": {"done": count, "total": count},
        "required": ["done", "total"],
    }
    export: dict[str, Schema] = {
        "id": {"type": "string", "format": "uuid"},
        "type": TEXT,
        "format": {"type": "string", "enum": ["csv", "xlsx"]},
        "state": TEXT,
        "columns": {"type": "array", "items": TEXT},
        "rows": count,
        "progress": progress,
        "message": TEXT,
        "created_at": INSTANT,
        "finished_at": {"type": ["string", "null"], "format": "date-time"},
        "expires_at": {"type": ["string", "null"], "format": "date-time"},
    }
    wish: dict[str, Schema] = {
        "type": TEXT,
        "format": {"type": "string", "enum": ["csv", "xlsx"]},
        "query": {"type": "object", "additionalProperties": TEXT},
        "ids": {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 10_000},
    }
    return {
        "Export": {"type": "object", "properties": export, "required": list(export)},
        "ExportNew": nothing_else(wish, ["type"]),
    }


def listed(name: str) -> Schema:
    """An answer that is a list without pages."""
    return {
        "type": "object",
        "properties": {"results": {"type": "array", "items": ref(name)}},
        "required": ["results"],
    }


@describes(exports.ExportList, "GET")
def _exports(_view: ApiView) -> Operation:
    return Operation(
        "exports_list",
        gettext("Your newest exports"),
        _EXPORTS,
        {200: answer(listed("Export"), gettext("Exports, newest first."))},
        (400, 429),
    )


@describes(exports.ExportList, "POST")
def _export(_view: ApiView) -> Operation:
    return Operation(
        "exports_create",
        gettext("Write a list to a file in the background"),
        _EXPORTS,
        {202: answer(ref("Export"), gettext("Queued; follow it at Location."), LOCATION)},
        (*WRITE_FAULTS, 404),
        body=ref("ExportNew"),
        is_once=True,
    )


@describes(exports.ExportDetail, "GET")
def _export_read(_view: ApiView) -> Operation:
    return Operation(
        "exports_read",
        gettext("How far an export has come"),
        _EXPORTS,
        {200: answer(ref("Export"), gettext("The export."))},
        (404, 429),
    )


@describes(exports.ExportCancel, "POST")
def _export_cancel(_view: ApiView) -> Operation:
    return Operation(
        "exports_cancel",
        gettext("Stop the writing"),
        _EXPORTS,
        {200: answer(ref("Export"), gettext("The export."))},
        (*WRITE_FAULTS, 404),
        is_once=True,
    )


@describes(exports.ExportDownload, "POST")
def _export_download(_view: ApiView) -> Operation:
    kinds = {"text/csv": {"schema": BYTES}, "application/*": {"schema": BYTES}}
    file: Schema = {"description": gettext("The file."), "content": kinds}
    return Operation(
        "exports_download",
        gettext("Take the file; it is handed out once"),
        _EXPORTS,
        {200: file},
        (*WRITE_FAULTS, 404),
    )
