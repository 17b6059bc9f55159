"""What the addresses of imports do, as the description of the API says it."""

from django.utils.translation import gettext

from guanxi.surfaces.api import imports
from guanxi.surfaces.api.base import ApiView
from guanxi.surfaces.api.components import INSTANT, TEXT, Schema, nothing_else, ref
from guanxi.surfaces.api.file_operations import BYTES, listed
from guanxi.surfaces.api.operations import LOCATION, WRITE_FAULTS, Operation, answer, describes
from guanxi.surfaces.importing.drafts import Outcome
from guanxi.surfaces.models import ImportState

_IMPORTS = "imports"
_TEXTS: Schema = {"type": "object", "additionalProperties": TEXT}
_LIST: Schema = {"type": "array", "items": TEXT}


def import_components() -> dict[str, Schema]:
    """The components of imports."""
    count: Schema = {"type": "integer"}
    counts = {outcome.value: count for outcome in Outcome}
    moment: Schema = {"type": ["string", "null"], "format": "date-time"}
    document: dict[str, Schema] = {
        "id": {"type": "string", "format": "uuid"},
        "type": TEXT,
        "filename": TEXT,
        "state": {"type": "string", "enum": [state.value for state in ImportState]},
        "columns": _LIST,
        "encoding": TEXT,
        "notices": _LIST,
        "mapping": _TEXTS,
        "constants": _TEXTS,
        "create_missing": _LIST,
        "counts": {"type": "object", "properties": counts, "required": list(counts)},
        "problems": {"type": "array", "items": {"type": "object"}},
        "has_errors_file": {"type": "boolean"},
        "undo": {"type": ["object", "null"]},
        "progress": {
            "type": "object",
            "properties": {"done": count, "total": count},
            "required": ["done", "total"],
        },
        "message": TEXT,
        "created_at": INSTANT,
        "finished_at": moment,
    }
    choices: dict[str, Schema] = {
        "mapping": _TEXTS,
        "constants": _TEXTS,
        "create_missing": _LIST,
    }
    new: dict[str, Schema] = {"type": TEXT, "file": BYTES, **dict.fromkeys(choices, TEXT)}
    return {
        "Import": {"type": "object", "properties": document, "required": list(document)},
        "ImportNew": nothing_else(new, ["type", "file"]),
        "ImportChoices": nothing_else(choices, []),
    }


@describes(imports.ImportList, "GET")
def _imports(_view: ApiView) -> Operation:
    return Operation(
        "imports_list",
        gettext("Your newest imports"),
        _IMPORTS,
        {200: answer(listed("Import"), gettext("Imports, newest first."))},
        (400, 429),
    )


@describes(imports.ImportList, "POST")
def _import(_view: ApiView) -> Operation:
    return Operation(
        "imports_create",
        gettext("Send a CSV or XLSX file; its columns are guessed"),
        _IMPORTS,
        {201: answer(ref("Import"), gettext("Taken in; nothing is written yet."), LOCATION)},
        WRITE_FAULTS,
        body=ref("ImportNew"),
        body_type="multipart/form-data",
        is_once=True,
    )


@describes(imports.ImportDetail, "GET")
def _read(_view: ApiView) -> Operation:
    return Operation(
        "imports_read",
        gettext("How far an import has come"),
        _IMPORTS,
        {200: answer(ref("Import"), gettext("The import."))},
        (403, 404, 429),
    )


@describes(imports.ImportDetail, "PATCH")
def _choose(_view: ApiView) -> Operation:
    return Operation(
        "imports_choose",
        gettext("Say which column becomes which field"),
        _IMPORTS,
        {200: answer(ref("Import"), gettext("The import."))},
        (*WRITE_FAULTS, 404),
        body=ref("ImportChoices"),
        is_once=True,
    )


@describes(imports.ImportStep, "POST")
def _step(view: imports.ImportStep) -> Operation:
    words = {
        "preview": gettext("Check every row; nothing is written"),
        "start": gettext("Write the rows in the background"),
        "cancel": gettext("Stop; what is done stays"),
        "undo": gettext("Take the import back"),
    }
    return Operation(
        f"imports_{view.step}",
        words[view.step],
        _IMPORTS,
        {202: answer(ref("Import"), gettext("Queued; follow it by reading the import."))},
        (*WRITE_FAULTS, 404),
        is_once=True,
    )


@describes(imports.ImportErrors, "GET")
def _errors(_view: ApiView) -> Operation:
    file: Schema = {
        "description": gettext("The file."),
        "content": {"text/csv": {"schema": BYTES}},
    }
    return Operation(
        "imports_errors",
        gettext("The rows that were not taken, with the reasons"),
        _IMPORTS,
        {200: file},
        (403, 404, 429),
    )
