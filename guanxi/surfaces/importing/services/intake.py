"""Takes a file in, keeps how it is to be read, and sends it on its way."""

import uuid
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import own, require
from guanxi.kernel.actor import Actor, Channel, get_actor
from guanxi.kernel.errors import GuanxiError, NotFound, RuleViolation
from guanxi.kernel.events import record
from guanxi.kernel.files import AcceptedFile, write_row
from guanxi.kernel.jobs import cancel_run, start_run
from guanxi.kernel.models import Run, RunState
from guanxi.surfaces.importing.errors_file import keep_errors_file
from guanxi.surfaces.importing.events import ImportFinished, ImportStarted
from guanxi.surfaces.importing.mapping import Choices, check_choices, guess, signature, targets
from guanxi.surfaces.importing.reading import UnreadableFile, open_table
from guanxi.surfaces.importing.services.applying import Clock, Progress, apply_rows
from guanxi.surfaces.models import Import, ImportMapping, ImportState
from guanxi.surfaces.records import RecordType, get_record_type

SAMPLES = 3
PREVIEW, APPLY, UNDO = "import_preview", "import_apply", "import_undo"
_CHOOSABLE = (ImportState.MAPPING, ImportState.READY)
_WORKING = (ImportState.PREVIEWING, ImportState.RUNNING, ImportState.UNDOING)


def _sample(cell: Any) -> str:
    """The beginning of a cell as it can be shown and kept: PostgreSQL holds no NUL."""
    return str(cell or "")[:60].replace("\0", "\ufffd")


def create_import(
    record_type: RecordType, accepted: AcceptedFile, *, actor: Actor, at: datetime
) -> Import:
    """Begin an import: read the columns and guess what they mean; may raise UnreadableFile."""
    require(actor, record_type.allows("import"))
    with open_table(accepted.path, accepted.name) as table:
        about: dict[str, Any] = {
            "headers": list(table.headers),
            "encoding": table.encoding,
            "delimiter": table.delimiter,
            "sheet": table.sheet,
            "notices": list(table.notices),
            "samples": [
                [_sample(cell) for cell in row.cells] for row in islice(table.rows, SAMPLES)
            ],
        }
        total = max(table.line_count - 1, 0)
    remembered = _remembered(record_type, about["headers"], actor)
    with transaction.atomic():
        stored = write_row(accepted, user_id=actor.user_id, at=at)
        return Import.objects.create(
            record_key=record_type.key,
            file=stored,
            filename=accepted.name,
            about=about,
            mapping=remembered.get("mapping")
            or guess(about["headers"], targets(record_type, actor)),
            constants=remembered.get("constants", {}),
            create_missing=remembered.get("create_missing", []),
            total_rows=total,
            created_at=at,
            updated_at=at,
            created_by_id=actor.user_id,
        )


def _remembered(record_type: RecordType, headers: list[str], actor: Actor) -> dict[str, Any]:
    """How this person read such a file last time, as far as it is still allowed."""
    row = ImportMapping.objects.filter(
        user_id=actor.user_id or 0, record_key=record_type.key, signature=signature(headers)
    ).first()
    if row is None:
        return {}
    kept = row.choices
    choices = Choices(kept["mapping"], kept["constants"], tuple(kept["create_missing"]))
    try:
        check_choices(choices, headers, record_type, actor)
    except RuleViolation:
        return {}
    return dict(kept)


@transaction.atomic
def choose_columns(import_id: uuid.UUID, choices: Choices, *, actor: Actor, at: datetime) -> Import:
    """Say which column becomes which field; remembered for the next file with these columns."""
    source = fetch_own(import_id, actor)
    if source.state not in _CHOOSABLE:
        raise RuleViolation("import_under_way", _("The columns of this import are settled."))
    record_type = get_record_type(source.record_key)
    check_choices(choices, source.about["headers"], record_type, actor)
    source.mapping = dict(choices.mapping)
    source.constants = dict(choices.constants)
    source.create_missing = list(choices.create_missing)
    source.state, source.updated_at = ImportState.MAPPING, at
    source.save(update_fields=["mapping", "constants", "create_missing", "state", "updated_at"])
    if actor.user_id is not None:
        ImportMapping.objects.update_or_create(
            user_id=actor.user_id,
            record_key=source.record_key,
            signature=signature(source.about["headers"]),
            defaults={"choices": _as_json(choices), "updated_at": at},
        )
    return source


def _as_json(choices: Choices) -> dict[str, Any]:
    return {
        "mapping": dict(choices.mapping),
        "constants": dict(choices.constants),
        "create_missing": list(choices.create_missing),
    }


def fetch_own(import_id: uuid.UUID | str, actor: Actor) -> Import:
    """One's own import, locked; anybody else's does not exist (A12)."""
    rows = Import.objects.select_for_update(of=("self",)).select_related("file")
    source = own(actor, rows.filter(pk=import_id)).first()
    if source is None:
        raise NotFound
    require(actor, get_record_type(source.record_key).allows("import"))
    return source


# Starting and stopping ----------------------------------------------------------------------------
@transaction.atomic
def start_preview(import_id: uuid.UUID, *, actor: Actor, at: datetime) -> Import:
    """Check every row in the background; nothing is written."""
    source = fetch_own(import_id, actor)
    _expect(source, *_CHOOSABLE)
    source.chunks.filter(is_preview=True).delete()
    return _send(source, PREVIEW, ImportState.PREVIEWING, actor=actor, at=at, baseline_at=at)


@transaction.atomic
def start_import(import_id: uuid.UUID, *, actor: Actor, at: datetime) -> Import:
    """Write the rows in the background."""
    source = fetch_own(import_id, actor)
    _expect(source, ImportState.READY)
    return _send(source, APPLY, ImportState.RUNNING, actor=actor, at=at)


@transaction.atomic
def start_undo(import_id: uuid.UUID, *, actor: Actor, at: datetime) -> Import:
    """Take an import back in the background."""
    source = fetch_own(import_id, actor)
    _expect(source, ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED)
    if not source.done_rows:
        raise RuleViolation("nothing_done", _("This import has changed nothing."))
    return _send(source, UNDO, ImportState.UNDOING, actor=actor, at=at)


def _expect(source: Import, *states: ImportState) -> None:
    if source.state not in states:
        raise RuleViolation(
            "import_state",
            _("This is not possible while the import is “%(state)s”."),
            state=source.get_state_display(),
        )


def _send(
    source: Import, kind: str, state: ImportState, *, actor: Actor, at: datetime, **values: Any
) -> Import:
    run = start_run(kind, {"import": str(source.pk)}, actor=actor, at=at)
    values |= {"state": state, "run_id": run.pk, "updated_at": at, "message": ""}
    _set(source, **values)
    return source


@transaction.atomic
def cancel_import(import_id: uuid.UUID, *, actor: Actor, at: datetime) -> Import:
    """Stop after the rows that are being written; what is done stays and can be undone."""
    source = fetch_own(import_id, actor)
    _expect(source, *_WORKING)
    run = cancel_run(source.run_id, actor=actor, at=at) if source.run_id else None
    if run is None or run.state != RunState.RUNNING:
        note_end(source, _state_after_stop(source), at=at)
    return source


def _state_after_stop(source: Import) -> ImportState:
    if source.state == ImportState.PREVIEWING:
        return ImportState.MAPPING
    if source.state == ImportState.UNDOING:
        return ImportState.DONE
    return ImportState.CANCELLED


def note_end(source: Import, state: ImportState, *, at: datetime, message: str = "") -> None:
    """Write down how a pass over an import ended."""
    _set(source, state=state, finished_at=at, updated_at=at, message=message)


def note_stopped(source: Import, *, at: datetime) -> None:
    """A running pass was cancelled."""
    source.refresh_from_db()
    note_end(source, _state_after_stop(source), at=at)


def _set(source: Import, **values: Any) -> None:
    Import.objects.filter(pk=source.pk).update(**values)
    for name, value in values.items():
        setattr(source, name, value)


# The passes ---------------------------------------------------------------------------------------
def run_preview(source: Import, *, actor: Actor, progress: Progress, clock: Clock) -> None:
    """Check every row and keep the report; nothing of the rows is written."""
    source.chunks.filter(is_preview=True).delete()
    apply_rows(source, commit=False, actor=actor, progress=progress, clock=clock)
    _keep_errors(source, is_preview=True, actor=actor, at=clock())
    note_end(source, ImportState.READY, at=clock())


def run_import(source: Import, *, actor: Actor, progress: Progress, clock: Clock) -> None:
    """Write every row that can be written, report the others, and say so in the audit."""
    at = clock()
    if not source.about.get("is_started"):
        _note_start(source, actor=actor, at=at)
    counts = apply_rows(source, commit=True, actor=actor, progress=progress, clock=clock)
    _keep_errors(source, is_preview=False, actor=actor, at=clock())
    with transaction.atomic():
        about = {name: part for name, part in source.about.items() if name != "samples"}
        _set(source, about=about)
        note_end(source, ImportState.DONE, at=clock())
        finished = ImportFinished(source.record_key, source.filename, **counts)
        record(finished, subject=source, actor=actor, at=clock())


@transaction.atomic
def _note_start(source: Import, *, actor: Actor, at: datetime) -> None:
    """Said once, however often the worker has to begin again."""
    baseline = source.baseline_at or at
    _set(source, about={**source.about, "is_started": True}, baseline_at=baseline)
    started = ImportStarted(source.record_key, source.filename, source.file.sha256)
    record(started, subject=source, actor=actor, at=at)


def _keep_errors(source: Import, *, is_preview: bool, actor: Actor, at: datetime) -> None:
    refused = sum(source.counts.get(name, 0) for name in ("duplicates", "forbidden", "invalid"))
    accepted = keep_errors_file(source, is_preview=is_preview) if refused else None
    with transaction.atomic():
        stored = write_row(accepted, user_id=actor.user_id, at=at) if accepted else None
        _set(source, errors_file=stored)


def actor_of(run: Run, source: Import) -> Actor:
    """Whoever asked, with the rights that they have now; the events name the import."""
    return get_actor(run.actor_user_id, Channel.IMPORT).within(str(source.pk))


def describe_failure(error: Exception) -> str:
    """What people read when an import cannot go on."""
    if isinstance(error, RuleViolation):
        return error.text
    if isinstance(error, UnreadableFile):
        return str(error)
    if isinstance(error, GuanxiError):
        return str(_("Your rights have changed: this import is not allowed any more."))
    return str(error)
