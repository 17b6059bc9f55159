"""Takes a list out as a file: frozen when asked, written in the background, handed out once.

What is exported is the list of the screen: same rows, filters, columns and masks, and no row
that the export right does not reach. If the person's rights change before the file is taken,
it is not handed out any more (B09).
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import own, require, require_recent
from guanxi.kernel.actor import Actor, Channel, get_actor
from guanxi.kernel.errors import BadRequest, Denied, NotFound, RuleViolation, TooMany
from guanxi.kernel.events import Seen, record, record_access
from guanxi.kernel.files import AcceptedFile, discard, keep_generated, write_row
from guanxi.kernel.jobs import cancel_run, start_run
from guanxi.kernel.models import RunState, StoredFile
from guanxi.surfaces.exporting.events import ExportDownloaded, ExportFinished
from guanxi.surfaces.exporting.rows import ExportListing
from guanxi.surfaces.exporting.writing import Heading, write_csv, write_xlsx
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.models import Export, ExportState
from guanxi.surfaces.records import RecordType, get_record_type

KIND = "export"
FORMATS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
AT_ONCE = 2
KEPT = timedelta(hours=24)
MOST_IDS = 10_000
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Wish:
    """What somebody wants to take out: the list's query or ticked rows, and the kind of file."""

    query: Mapping[str, str]
    ids: tuple[int, ...] = ()
    file_format: str = "xlsx"


@transaction.atomic
def create_export(record_type: RecordType, wish: Wish, *, actor: Actor, at: datetime) -> Export:
    """Freeze what the list shows now and queue the writing; at most two at once for a person."""
    require(actor, record_type.allows("export"))
    if actor.token_id is None:  # A token is a credential of its own, made for programs.
        require_recent(actor, at)
    if wish.file_format not in FORMATS:
        raise RuleViolation("not_a_choice", _("Choose CSV or XLSX."), "format")
    if len(wish.ids) > MOST_IDS:
        raise BadRequest("too_many", _("At most %(most)s records at once."), most=MOST_IDS)
    running = own(actor, Export.objects.filter(state=ExportState.RUNNING))
    if running.count() >= AT_ONCE:
        raise TooMany(30, _("Two of your exports are being written; wait for one of them."))
    request = ListRequest.from_query(wish.query)
    listing = Listing(record_type, actor, at=at)
    columns = listing.columns(request)
    listing.check(request)
    export = Export(
        record_key=record_type.key,
        title=str(record_type.label_plural),
        file_format=wish.file_format,
        request={"query": dict(wish.query), "ids": list(wish.ids), "rights": _rights(actor)},
        columns=[column.name for column in columns],
        created_at=at,
        updated_at=at,
        created_by_id=actor.user_id,
    )
    params = {"export": str(export.pk), "channel": actor.channel.value}
    export.run_id = start_run(KIND, params, actor=actor, at=at).pk
    export.save(force_insert=True)
    return export


def fetch_own(export_id: uuid.UUID | str, actor: Actor) -> Export:
    """One's own export, locked; anybody else's does not exist (A12)."""
    rows = Export.objects.select_for_update(of=("self",)).filter(pk=export_id)
    export = own(actor, rows).first()
    if export is None or actor.user_id is None:
        raise NotFound
    return export


@transaction.atomic
def cancel_export(export_id: uuid.UUID, *, actor: Actor, at: datetime) -> Export:
    """Stop the writing; no part of the file is offered."""
    export = fetch_own(export_id, actor)
    if export.state != ExportState.RUNNING or export.run_id is None:
        raise RuleViolation("export_over", _("This export is not being written any more."))
    run = cancel_run(export.run_id, actor=actor, at=at)
    if run.state != RunState.RUNNING:
        note_end(export, ExportState.CANCELLED, at=at)
    return export


@transaction.atomic
def download_export(export_id: uuid.UUID, *, actor: Actor, at: datetime) -> StoredFile:
    """Hand the file out, once, to whoever made it and still has the same rights."""
    export = fetch_own(export_id, actor)
    record_type = get_record_type(export.record_key)
    if not actor.can(record_type.allows("export")) or export.request["rights"] != _rights(actor):
        raise Denied(record_type.allows("export"))
    open_still = Export.objects.filter(pk=export.pk, state=ExportState.DONE, expires_at__gt=at)
    if not open_still.update(state=ExportState.EXPIRED, updated_at=at):
        raise RuleViolation(
            "export_gone", _("This file was taken already or is too old; export the list again.")
        )
    record(
        ExportDownloaded(export.record_key, export.row_count), subject=export, actor=actor, at=at
    )
    assert export.file is not None  # noqa: S101  a finished export has its file
    return export.file


# The writing --------------------------------------------------------------------------------------
def write_export(export: Export, *, actor: Actor, progress: Progress, at: datetime) -> None:
    """Write the file of a queued export and offer it; refused when the rights have changed."""
    record_type = get_record_type(export.record_key)
    if not actor.can(record_type.allows("export")) or export.request["rights"] != _rights(actor):
        raise Denied(record_type.allows("export"))
    folder = Path(settings.FILES_DIR) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"export-{uuid.uuid4().hex}"
    try:
        count = _write(export, target, actor, progress)
        # A CSV has no other place that says who took it, when.
        name = f"{export.title}-{_local(actor, export.created_at):%Y%m%d-%H%M}-{actor.label[:60]}"
        accepted = keep_generated(
            target, f"{name}.{export.file_format}", FORMATS[export.file_format]
        )
    finally:
        target.unlink(missing_ok=True)
    _offer(export, accepted, count, actor, at)


def _write(export: Export, target: Path, actor: Actor, progress: Progress) -> int:
    listing = ExportListing(get_record_type(export.record_key), actor, at=export.created_at)
    listing.ids = tuple(export.request["ids"])
    request = ListRequest.from_query(
        {**export.request["query"], "columns": ",".join(export.columns)}
    )
    total, _is_exact = listing.count(request, exact=True)
    progress(0, total)
    columns = listing.sheet_columns(request)
    rows = listing.sheet_rows(request, lambda done: progress(done, total))
    if export.file_format == "csv":
        return write_csv(target, columns, rows)
    watermark = gettext("Exported by %(who)s at %(when)s") % {
        "who": actor.label,
        "when": f"{_local(actor, export.created_at):%Y-%m-%d %H:%M}",
    }
    return write_xlsx(target, columns, rows, heading=Heading(export.title, watermark))


@transaction.atomic
def _offer(export: Export, accepted: AcceptedFile, count: int, actor: Actor, at: datetime) -> None:
    stored = write_row(accepted, user_id=actor.user_id, at=at)
    note_end(export, ExportState.DONE, at=at, file=stored, row_count=count, expires_at=at + KEPT)
    happened = ExportFinished(export.record_key, export.file_format, count, accepted.sha256)
    record(happened, subject=export, actor=actor, at=at)
    reason = json.dumps(export.request["query"], ensure_ascii=False)
    seen = Seen(
        "export", export.record_key, str(export.pk), None, tuple(export.columns), reason[:500]
    )
    record_access(seen, actor=actor, at=at)


def note_end(export: Export, state: ExportState, *, at: datetime, **values: Any) -> None:
    """Write down how the writing ended; one that was cancelled meanwhile stays so."""
    values |= {"state": state, "finished_at": at, "updated_at": at}
    Export.objects.filter(pk=export.pk, state=ExportState.RUNNING).update(**values)
    export.refresh_from_db()


def drop_old_files(*, at: datetime) -> int:
    """Remove the files that were taken or that nobody took in time; the exports stay on record."""
    old = Export.objects.filter(file__isnull=False, expires_at__lt=at - KEPT)
    dropped = 0
    for export in old.select_related("file")[:500]:
        stored = export.file
        assert stored is not None  # noqa: S101  it was asked for
        with transaction.atomic():
            Export.objects.filter(pk=export.pk).update(file=None, state=ExportState.EXPIRED)
            StoredFile.objects.filter(pk=stored.pk).delete()
        discard(stored.pk)
        dropped += 1
    return dropped


def _rights(actor: Actor) -> str:
    """A fingerprint of everything that decides what the person behind an actor sees."""
    person = get_actor(actor.user_id, actor.channel)
    known = {
        "grants": sorted((code, int(reach)) for code, reach in person.grants.items()),
        "levels": sorted((group, int(level)) for group, level in person.levels.items()),
        "places": [person.department_id, sorted(person.team_ids), sorted(person.branch_ids)],
    }
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def _local(actor: Actor, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(actor.time_zone))


def channel_of(params: Mapping[str, Any]) -> Channel:
    """The channel that an export was asked for by."""
    return Channel(params["channel"])
