"""Backups as rows that people see, and the hold on what a restored copy must not send again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.backup.events import BackupRestored, OutboundReleased
from guanxi.kernel.backup.reading import read_backup
from guanxi.kernel.backup.writing import SUFFIX, Manifest, write_backup
from guanxi.kernel.events import record
from guanxi.kernel.models import Backup, BackupState, Run, RunState
from guanxi.kernel.outbound import outbound_models, queues

LONGEST: Final = timedelta(hours=12)


def begin_backup(folder: Path, *, at: datetime) -> Backup:
    """Note that a backup is being made."""
    name = f"guanxi-{at.astimezone(UTC):%Y%m%dT%H%M%S}Z{SUFFIX}"
    return Backup.objects.create(started_at=at, path=str(folder / name))


def write_and_check(row: Backup, secret: bytes) -> Manifest:
    """Write a backup and read it again whole; a bad one is not left lying."""
    path = Path(row.path)
    try:
        manifest = write_backup(path, secret, at=row.started_at)
        read_backup(path, secret)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return manifest


def end_backup(row: Backup, manifest: Manifest, *, at: datetime) -> Backup:
    """Call a backup good, and remove those that are older than is kept."""
    path = Path(row.path)
    _end(
        row,
        state=BackupState.DONE,
        finished_at=at,
        size=path.stat().st_size,
        rows=manifest.rows,
        files=len(manifest.files),
        error=_shortcomings(manifest),
    )
    remove_old(path.parent)
    return row


def fail_backup(row: Backup, error: str, *, at: datetime) -> None:
    """Note why there is no backup."""
    _end(row, state=BackupState.FAILED, finished_at=at, error=error[:2000])


def _shortcomings(manifest: Manifest) -> str:
    parts = []
    if manifest.missing:
        parts.append(f"{len(manifest.missing)} files were not in the store")
    if manifest.damaged:
        parts.append(f"{len(manifest.damaged)} files are not what was uploaded")
    return "; ".join(parts)


def _end(row: Backup, **values: Any) -> None:
    Backup.objects.filter(pk=row.pk).update(**values)
    row.refresh_from_db()


def remove_old(folder: Path) -> None:
    """Keep the newest backups of the folder."""
    for path in sorted(folder.glob(f"guanxi-*{SUFFIX}"))[: -settings.BACKUP_KEEP]:
        path.unlink(missing_ok=True)


def is_time_for_backup(*, at: datetime) -> bool:
    """Whether it is time for tonight's backup and nobody makes it yet."""
    if not settings.BACKUP_DIR:
        return False
    recent = Backup.objects.filter(started_at__gt=at - timedelta(hours=20))
    if recent.filter(state=BackupState.DONE).exists():
        return False
    busy = recent.filter(state=BackupState.RUNNING, started_at__gt=at - LONGEST)
    failed = recent.filter(state=BackupState.FAILED, started_at__gt=at - timedelta(hours=1))
    return not busy.exists() and not failed.exists()


def note_restored(manifest: Manifest, *, at: datetime) -> None:
    """Write into the trail itself that this is a copy put back, and of when."""
    row = Backup.objects.create(
        state=BackupState.RESTORED, started_at=at, finished_at=at, rows=manifest.rows
    )
    happened = BackupRestored(made_at=manifest.made_at, version=manifest.version)
    actor = system_actor("restore", channel=Channel.COMMAND)
    record(happened, subject=row, actor=actor, at=at)


@transaction.atomic
def hold_outbound() -> int:
    """Hold every delivery, mail and run that had not ended; what begins from now on flows."""
    for queue in queues():
        if queue.before_hold:
            queue.before_hold()
    count = 0
    for model in outbound_models():
        rows = model._base_manager.filter(state__in=["due", "leased"])
        count += rows.update(state="held", token=None, lease_until=None)
    runs = Run.objects.filter(state__in=[RunState.QUEUED, RunState.RUNNING]).update(
        state=RunState.HELD, token=None, lease_until=None
    )
    return count + runs


@transaction.atomic
def release_outbound(*, at: datetime, is_dropped: bool = False) -> int:
    """Let everything that is held go its way, or (it was done before) let nothing of it go."""
    runs = Run.objects.filter(state=RunState.HELD)
    if is_dropped:
        count = runs.update(state=RunState.CANCELLED, finished_at=at)
        done: dict[str, Any] = {"state": "done", "done_at": at}
    else:
        count = runs.update(state=RunState.QUEUED, due_at=at)
        done = {"state": "due", "due_at": at}
    for model in outbound_models():
        count += model._base_manager.filter(state="held").update(**done)
    subject = Backup.objects.filter(state=BackupState.RESTORED).order_by("-started_at").first()
    if count and subject:
        actor = system_actor("release_outbound", channel=Channel.COMMAND)
        happened = OutboundReleased(count=count, is_dropped=is_dropped)
        record(happened, subject=subject, actor=actor, at=at)
    return count
